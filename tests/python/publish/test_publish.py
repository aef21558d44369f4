"""What is published for anybody to read, on the world that `./run test` built."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from safe_haven.disclosure.audit import audit_packs
from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.publish import command, lookups
from safe_haven.publish.lookups import Lookup
from safe_haven.publish.open_data import FIELDS
from safe_haven.publish.page import FLOWS, patient_page
from safe_haven.release import events, files, lifecycle, tables
from safe_haven.release.audits import Checks
from safe_haven.zones import open_read_only

NO_CHECKS = Checks(
    gate=lambda state, connection: None,
    scan=lambda connection, paths, containers: [],
    audit=lambda folders: [],
)
AGREEMENT = {
    "recipient_name": "A board",
    "recipient_code": "QAA",
    "purpose": "Commissioning",
    "information_flow": "commissioning",
    "legal_basis": "a statute",
}


@pytest.fixture(scope="module")
def state(built_state: State) -> State:
    """State of the built world."""
    return built_state


@pytest.fixture(scope="module")
def published(state: State) -> Path:
    """The folder of what was published."""
    return command.publish(state)


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_only_relationships_that_hold_are_listed(published: Path, state: State) -> None:
    with open_read_only(state) as connection:
        judged = dict(
            connection.execute(
                "select relationship_id, is_allowed from pseudonymised.governance.gov_relationship"
            ).fetchall()
        )
    listed = {row["relationship_id"] for row in rows(published, "regional_office_support")}
    assert listed == {key for key, is_allowed in judged.items() if is_allowed}
    assert set(judged) - listed, "some relationship is refused"


def test_the_record_of_processing_is_of_all_that_may_be_held(published: Path) -> None:
    register = rows(published, "agreement_register")
    held = {
        (row["agreement_id"], row["agreement_version"])
        for row in register
        if row["may_be_held"] == "true"
    }
    processing = rows(published, "record_of_processing")
    assert {(r["agreement_id"], r["agreement_version"]) for r in processing} == held
    assert {"in_force", "refused"} <= {row["standing"] for row in processing}
    assert len(register) > len(held)
    assert all(row["controllers"] and row["data"] and row["kept_until"] for row in processing)


def test_who_left_or_is_to_join_processes_nothing(published: Path) -> None:
    """The history tells of them; the record of processing is of today."""
    parties = rows(published, "agreement_party")
    of_others = [p for p in parties if p["may_hold"] == "false"]
    for record in rows(published, "record_of_processing"):
        label = (record["agreement_id"], record["agreement_version"])
        named = record["controllers"] + "; " + record["processors"]
        for party in parties:
            if (party["agreement_id"], party["agreement_version"]) == label:
                code = f"({party['organisation_code']})"
                assert (code in named) == (party["may_hold"] == "true"), (label, code)
    processed = {r["agreement_id"] for r in rows(published, "record_of_processing")}
    assert {p["agreement_id"] for p in of_others} & processed


def test_the_workbook_says_what_the_files_say(published: Path) -> None:
    book = load_workbook(published / command.WORKBOOK)
    names = {path.stem for path in published.glob("*.csv")}
    assert set(book.sheetnames) == {name[:31] for name in names}
    for name in names:
        with (published / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            expected = list(csv.reader(file))
        found = [
            ["" if cell is None else cell for cell in row]
            for row in book[name[:31]].iter_rows(values_only=True)
        ]
        assert found == expected, name


def test_every_release_is_listed(published: Path, state: State) -> None:
    packs = {link.resolve().name for link in state.releases.glob("*/*/current")}
    assert packs <= {row["release_id"] for row in rows(published, "release_register")}
    assert not list(lifecycle.unpublished(state))


def test_the_page_names_who_receives(published: Path) -> None:
    page = (published / command.PAGE).read_text(encoding="utf-8")
    for row in rows(published, "agreement_register"):
        named = f"<td>{row['recipient_name']}</td><td>{row['purpose']}</td>" in page
        assert named or row["standing"] != "in_force"
    assert "consultant episodes of admitted patients" in page


def test_open_data_is_the_protected_table_and_passes_the_audit(
    published: Path, state: State
) -> None:
    table = "mart_quality_by_provider"
    with open_read_only(state) as connection:
        marts = connection.execute(f"from aggregated.marts.{table}").to_arrow_table().to_pylist()
    listed = rows(published / command.OPEN_DATA / "data", table)
    as_text = [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in marts
    ]
    assert sorted(map(str, listed)) == sorted(map(str, as_text))
    assert {row["status"] for row in listed} == {"shown", "withheld"}
    assert audit_packs([published / command.OPEN_DATA]).passed


def test_the_log_tells_of_each_version_once(published: Path, state: State) -> None:
    command.publish(state, NO_CHECKS)
    told = [event for event in events.record(state) if event.event == events.PUBLISHED]
    versions = [event.detail["version"] for event in told]
    assert versions[-1] == published.resolve().name
    assert versions[-1:] != versions[-2:-1]
    hashes = {name: files.sha256(data) for name, data in content(published).items()}
    assert told[-1].detail["files"] == hashes


def test_every_open_table_is_described_column_by_column() -> None:
    assert set(FIELDS) == set(tables.OPEN)
    for name, fields in FIELDS.items():
        known = tables.dimension_columns(name) + tables.measure_columns(name)
        assert [field.name for field in fields] == [*known, tables.status_column(name)]


def test_scores_are_told_of_published_counts_alone(published: Path) -> None:
    scores = rows(published, "quality_scorecard")
    counts = {
        (row["feed"], row["provider_code"], row["quarter"]): row["records"]
        for row in rows(published / command.OPEN_DATA / "data", "mart_quality_by_provider")
        if row["data_item"] == "ALL" and row["status"] == "shown"
    }
    assert scores
    for row in scores:
        assert counts[row["feed"], row["provider_code"], row["quarter"]] == row["records"]
        assert 0 <= int(row["score"]) <= 100


def test_every_flow_has_words_for_patients_and_a_safeguard() -> None:
    """A flow that is added without them stops the page of every build that has an agreement."""
    with (PROJECT_ROOT / "seeds/rules/information_flow.csv").open(encoding="utf-8") as file:
        flows = list(csv.DictReader(file))
    assert {row["information_flow"] for row in flows} == set(FLOWS)
    assert {row["information_level"] for row in flows} == set(lookups.SAFEGUARDS)


def test_the_same_build_publishes_the_same_bytes(published: Path, state: State) -> None:
    before = content(published)
    again = command.publish(state, NO_CHECKS)
    assert content(again) == before
    assert len(list(state.publication.glob("version-*"))) == 1


@pytest.mark.parametrize(
    "checks",
    [
        replace(NO_CHECKS, scan=lambda connection, paths, containers: ["a number"]),
        replace(NO_CHECKS, gate=lambda state, connection: _refuse()),
        replace(NO_CHECKS, audit=lambda folders: [f"a withheld count in {folders[0].name}"]),
    ],
)
def test_in_doubt_what_was_published_before_stays(
    published: Path, state: State, checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published.resolve()
    monkeypatch.setattr(command, "patient_page", lambda subjects, agreements: b"changed")
    with pytest.raises(SafeHavenError):
        command.publish(state, checks)
    assert published.resolve() == before
    assert (published / command.PAGE).read_bytes() != b"changed"


def _refuse() -> None:
    raise SafeHavenError("the build did not pass")


def test_attack_a_name_that_is_markup_or_a_formula() -> None:
    page = patient_page(["<script>"], [AGREEMENT | {"recipient_name": "<b>board</b>"}])
    assert b"<script>" not in page
    assert b"&lt;b&gt;board&lt;/b&gt;" in page
    with pytest.raises(SafeHavenError):
        lookups.to_csv(Lookup("agreement_register", ("purpose",), (("=1+2",),)))


def test_control_plain_names_stay_as_they_are() -> None:
    assert b"<td>A board</td>" in patient_page(["people"], [AGREEMENT])
    content = lookups.to_csv(Lookup("agreement_register", ("purpose",), (("plan",),)))
    assert list(csv.reader(io.StringIO(content.decode()))) == [["purpose"], ["plan"]]
