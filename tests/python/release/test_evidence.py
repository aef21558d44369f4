"""The evidence of a year: all of the log, no exact count, the same bytes from the same log."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from release_world import BUILD_ID, World, files_of, literal
from test_audit_log import TAMPERINGS, tamper, unchecked

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.release import (
    events,
    evidence,
    files,
    gate_counts,
    lifecycle,
    lifecycle_command,
    render,
)
from safe_haven.wall import policy
from safe_haven.wall.exception import Exemption

WHY = "<b>a wrong list</b>"


@pytest.fixture
def year(fresh: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with one event of each kind in 2026, and one event of the year before."""
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    monkeypatch.setattr(
        audit_log, "now", lambda: datetime.datetime(2025, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)
    )
    events.record(fresh.state, [(events.STOPPED, {"reason": "of the year before"})])
    monkeypatch.setattr(
        audit_log, "now", lambda: datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    )
    fresh.keyring.ensure(["agreement-REC-A-not_applied-v2"])
    fresh.state.target_dir.mkdir(parents=True, exist_ok=True)
    results = [
        {"unique_id": "test.safe_haven.one", "status": "pass"},
        {"unique_id": "test.safe_haven.two", "status": "fail"},
        {"unique_id": "model.safe_haven.three", "status": "success"},
    ]
    (fresh.state.target_dir / "run_results.json").write_text(json.dumps({"results": results}))
    fresh.release()
    lifecycle.recall(fresh.state, "QAA", "AGG-A", fresh.aggregate.name, WHY)
    used = {"request": "REQ-1", "agreement": "REC-A", "people_asked": 12, "people_named": 7}
    failed = {"pack": "QAA/REC-A/x", "proofs": ["bytes"]}
    given = {"staff_role": "analyst_swe", "office": "SWE", "copy": "c1", "build_id": BUILD_ID}
    loaded = {"database": "127.0.0.1:5432/live", "releases": [["QAA", "REC-A", "r1"]]}
    published = {"version": "version-1", "files": {"a.csv": "1", "b.csv": "2"}}
    query = {"target": "operator", "tables": ["identifiable.a.b", "c"], "query_sha256": "ff"}
    facts = [
        (events.REIDENTIFIED, used),
        (events.COPY_GIVEN, given),
        (events.SERVED, loaded),
        (events.PUBLISHED, published),
        (events.QUERIED, query),
    ]
    events.record(fresh.state, [*facts, (events.VERIFY_FAILED, failed)])
    return fresh


def rows(page: Path, name: str) -> list[dict[str, str]]:
    """One CSV file of the evidence."""
    with (page.parent / f"{name}.csv").open(newline="") as handle:
        return list(csv.DictReader(handle))


def test_all_that_happened_is_told(year: World) -> None:
    page = evidence.evidence(year.state, 2026)
    releases = rows(page, "releases")
    assert [row["event"] for row in releases] == ["released"] * 3 + ["recalled"]
    assert releases[0]["rows"] == "mart_activity_by_month 10"
    assert releases[1]["rows"] == "apc_spell [c]; emergency_attendance [c]"
    assert rows(page, "refusals") == [
        {
            "recipient": "QBB",
            "agreement": "OLD-B",
            "gate": "agreement_not_in_date",
            "times": "1",
        }
    ]
    assert [row["what"] for row in rows(page, "failures")] == ["QAA/REC-A/x: bytes"]
    assert [(row["event"], row["key"], row["replaces"]) for row in rows(page, "keys")] == [
        ("key_rotated", "agreement-REC-A-not_applied-v2", "agreement-REC-A-not_applied-v1")
    ]
    access = rows(page, "access")[0]
    assert (access["people asked"], access["people named"]) == ("10", "[c]")
    assert [(row["role"], row["office"]) for row in rows(page, "copies")] == [
        ("analyst_swe", "SWE")
    ]
    assert [(row["database"], row["release"]) for row in rows(page, "loads")] == [
        ("127.0.0.1:5432/live", "r1")
    ]
    assert [(row["version"], row["files"]) for row in rows(page, "publications")] == [
        ("version-1", "2")
    ]
    assert [row["tables"] for row in rows(page, "queries")] == ["identifiable.a.b; c"]


def test_tests_that_ran_are_told_by_name(year: World) -> None:
    """Each suite once, however often it ran; a suite that changed is another."""
    results = year.state.target_dir / "run_results.json"
    facts = [fact for _ in range(2) for fact in events.tests_ran(year.state, BUILD_ID)]
    for fact in facts:
        events.record(year.state, [fact])
    changed = results.read_text().replace("safe_haven.two", "safe_haven.three")
    results.write_text(changed)
    events.record(year.state, events.tests_ran(year.state, BUILD_ID))
    page = evidence.evidence(year.state, 2026)
    ran = rows(page, "tests")
    assert [(row["build"], row["tests"], row["passed"]) for row in ran] == [
        (BUILD_ID, "2", "1")
    ] * 4
    first, other = ran[0]["suite"], ran[-1]["suite"]
    assert [row["suite"] for row in ran] == [first, first, first, other]
    assert [(row["suite"], row["test"]) for row in rows(page, "suites")] == [
        (first, "test.safe_haven.one"),
        (first, "test.safe_haven.two"),
        (other, "test.safe_haven.one"),
        (other, "test.safe_haven.three"),
    ]


def test_a_run_that_was_killed_leaves_the_evidence_of_before(
    year: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = evidence.evidence(year.state, 2026).parent
    before = files_of(folder)
    events.record(year.state, [(events.STOPPED, {"reason": "later"})])
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "_page", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            evidence.evidence(year.state, 2026)
    assert files_of(folder) == before
    evidence.evidence(year.state, 2026)
    assert rows(folder / "index.html", "failures")[-1]["what"] == "later"
    assert [path.name for path in folder.parent.iterdir()] == ["2026"]


def test_each_gate_of_records_is_told_by_release(year: World) -> None:
    """As counted when the release was made: what the warehouse says later changes nothing."""
    year.sql("delete from restricted.releases.rel_gate_count")
    told = rows(evidence.evidence(year.state, 2026), "gates")
    assert [(row["agreement"], row["gate"], row["records"], row["people"]) for row in told] == [
        ("REC-A", "legally_restricted_code", "[c]", "[c]"),
        ("REC-A", "period_not_in_agreement", "15", "10"),
        ("REC-A", "sensitive_person", "0", "0"),
    ]
    assert {row["release"] for row in told} == {year.record_level.name}


def test_each_gate_that_refused_an_agreement_has_its_count(fresh: World) -> None:
    """Two runs, two gates each; the control: in the run's own words they are one text."""
    fresh.sql(
        "update restricted.releases.rel_pack set "
        "reasons = ['agreement_not_in_date', 'contract_not_signed'] where agreement_id = 'OLD-B'"
    )
    fresh.release()
    fresh.release()
    log = events.record(fresh.state)
    counted = [
        ("QBB", "OLD-B", gate, "2") for gate in ("agreement_not_in_date", "contract_not_signed")
    ]
    assert evidence.sections(log, 2026)["refusals"][2] == counted
    texts = {event.detail["reason"] for event in log if event.event == events.REFUSED}
    assert texts == {"agreement_not_in_date; contract_not_signed"}


@pytest.mark.parametrize(
    ("status", "records", "people"),
    [
        ("shown", 3, 0),
        ("shown", 10, 12),
        ("shown", None, None),
        ("withheld", 10, 10),
        ("withheld", None, 3),
        ("other", None, None),
    ],
)
def test_attack_no_count_of_a_gate_that_the_rule_could_not_show(
    fresh: World,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    records: int | None,
    people: int | None,
) -> None:
    """Control: unchecked, it is in the log for ever."""
    fresh.sql(
        f"update restricted.releases.rel_gate_count set gate_status = {literal(status)}, "
        f"refused_records = {literal(records)}, refused_people = {literal(people)} "
        "where gate = 'sensitive_person'"
    )
    with pytest.raises(SafeHavenError, match="REC-A, sensitive_person, are not protected"):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    monkeypatch.setattr(gate_counts, "is_protected", lambda *counts: True)
    fresh.release()
    gates = next(e for e in events.record(fresh.state) if e.event == events.GATES_COUNTED)
    found = gates.detail["gates"]["sensitive_person"]
    assert (found["status"], found["records"], found["people"]) == (status, records, people)


def test_a_run_that_was_killed_tells_its_gates_too(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the register, before the log: the next run tells what was counted then."""
    with monkeypatch.context() as patch:
        patch.setattr(files, "point", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            fresh.release()
    fresh.sql("delete from restricted.releases.rel_gate_count")
    fresh.release()
    released = [e for e in events.record(fresh.state) if e.event == "released"]
    assert [(e.detail["agreement"], len(e.detail.get("gates", {}))) for e in released] == [
        ("AGG-A", 0),
        ("REC-A", 3),
        ("AGG-B", 0),
    ]


def test_the_year_before_is_told_apart(year: World) -> None:
    before = evidence.evidence(year.state, 2025)
    assert [row["what"] for row in rows(before, "failures")] == ["of the year before"]
    assert rows(before, "releases") == []


def test_an_exception_is_told_with_its_last_day(year: World) -> None:
    told = rows(evidence.evidence(year.state, 2026), "exceptions")
    assert {row["column"] for row in told} == set(policy.DECLASSIFIED)
    for row in told:
        exemption = policy.DECLASSIFIED[row["column"]]
        assert (row["approved on"], row["expires on"]) == (
            exemption.approved_on.isoformat(),
            exemption.expires_on.isoformat(),
        )
        assert row["at the end of the year"] == "in force"
    assert rows(evidence.evidence(year.state, 2025), "exceptions") == []


@pytest.mark.parametrize(
    ("days", "told"), [(-366, []), (-1, ["in force"]), (0, ["in force"]), (1, ["lapsed"])]
)
def test_an_exception_lapses_after_its_last_day(days: int, told: list[str]) -> None:
    """Told of the day so many days after its last; before its approval it is not told."""
    last = datetime.date(2027, 3, 31)
    exemption = Exemption("harmless", datetime.date(2026, 4, 1), last)
    found = evidence.exceptions({"a.b": exemption}, last + datetime.timedelta(days=days))
    assert [row[-1] for row in found] == told


def test_the_same_log_gives_the_same_bytes(year: World) -> None:
    folder = evidence.evidence(year.state, 2026).parent
    first = files_of(folder)
    evidence.evidence(year.state, 2026)
    assert files_of(folder) == first


def test_the_page_shows_words_as_words(year: World) -> None:
    page = evidence.evidence(year.state, 2026).read_text()
    assert "&lt;b&gt;a wrong list" in page
    assert WHY not in page


FORMULAS = ("=1+1", "+1+1", "-1+1", "@sum(a1)", "\t=1", "\r=1", "\n=1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_attack_no_text_of_the_log_runs_in_a_spreadsheet(
    year: World, monkeypatch: pytest.MonkeyPatch, formula: str
) -> None:
    """And it does not stop the evidence for ever. Control: written as it stands, it would run."""
    events.record(year.state, [(events.STOPPED, {"reason": formula})])
    page = evidence.evidence(year.state, 2026)
    assert rows(page, "failures")[-1]["what"] == f"'{formula}"
    assert "apostrophe" in page.read_text()
    for path in page.parent.glob("*.csv"):
        render.refuse_formulas(path.name, path.read_bytes())
    monkeypatch.setattr(evidence, "harmless", lambda cell: cell)
    path = evidence.evidence(year.state, 2026).parent / "failures.csv"
    with pytest.raises(SafeHavenError, match="begins like a formula"):
        render.refuse_formulas(path.name, path.read_bytes())


def test_what_is_no_formula_stands_as_in_the_log() -> None:
    for cell in ("", "words", "[c]", "-5", "2026-01-01T00:00:00Z", "a=b"):
        assert evidence.harmless(cell) == cell
    for cell in (*FORMULAS, "'=1", "'"):
        assert evidence.harmless(cell)[1:] == cell


def test_attack_no_evidence_from_a_log_that_was_changed(
    year: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control does not look at the chain, and evidence is made of what is left."""
    tamper(year, TAMPERINGS["delete"])
    with pytest.raises(SafeHavenError, match="changed or cut short"):
        evidence.evidence(year.state, 2026)
    monkeypatch.setattr(audit_log, "_content", unchecked)
    assert evidence.evidence(year.state, 2026).exists()


@pytest.mark.parametrize(
    ("count", "text"), [(None, ""), (0, "0"), (1, "[c]"), (7, "[c]"), (8, "10"), (12, "10")]
)
def test_counts_are_shown_by_the_rule(count: int | None, text: str) -> None:
    assert evidence.shown(count) == text


def test_the_verb_says_where_the_page_is(year: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(year.state.var))
    result = CliRunner().invoke(lifecycle_command.evidence_command, ["--year=2026"])
    assert result.exit_code == 0, result.output
    assert Path(result.output.strip()).name == "index.html"
