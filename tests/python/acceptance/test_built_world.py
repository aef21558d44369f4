"""The small world that `./run test` builds: from a real file to a released row that verifies."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.release import invoices
from safe_haven.run.command import COLLECTED_FILES, reference_data

CODED = re.compile(r"(DIAG|OPERTN)_4_\d\d")
CODE = re.compile(r"[A-Z]\d\d[0-9X]?\d?.?")
SAFE_HAVEN = str(Path(sys.executable).parent / "safe-haven")


def packs(state: State) -> list[Path]:
    return sorted(state.releases.glob("*/*/current"))


def verify(folders: list[Path], state: State, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SAFE_HAVEN, "verify", *map(str, folders), *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SAFE_HAVEN_VAR": str(state.var)},
    )


def test_every_pack_verifies(state: State) -> None:
    assert packs(state)
    keys = [f"--recipient-key={path}" for path in sorted(state.keys.glob("recipient-*.key"))]
    result = verify(packs(state), state, *keys)
    assert result.returncode == 0, result.stdout + result.stderr


def test_status_shows_the_reference_data_in_use(state: State) -> None:
    """The simulated directory is loaded, practices are embedded, each as of a day or year."""
    shown = subprocess.run(
        [SAFE_HAVEN, "status", "--target", state.target],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SAFE_HAVEN_VAR": str(state.var)},
    )
    assert shown.returncode == 0, shown.stderr
    lines = {line.split()[0]: line.split()[1:3] for line in shown.stdout.splitlines() if line}
    assert lines["epraccur"] == ["embedded", "2021/22"]
    assert lines["postcode_directory"][0] == "loaded"
    assert lines["population"][0] == "absent"
    assert "not in use" not in shown.stdout


def test_attack_one_changed_byte_is_named(state: State, tmp_path: Path) -> None:
    original = next(p for p in packs(state) if (p / "data").glob("*.csv"))
    copy = tmp_path / original.parent.parent.name / original.parent.name / original.resolve().name
    shutil.copytree(original.resolve(), copy)
    target = sorted((copy / "data").iterdir())[0]
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(bytes(content))
    result = verify([copy], state)
    assert result.returncode == 1
    assert target.name in result.stdout + result.stderr


@pytest.mark.reference_data
def test_artificial_hes_rows_in_are_rows_out_and_rows_refused(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    counts = warehouse.execute(
        """
        select layout, received, rejected, superseded, handed_over
        from pseudonymised.handover.hnd_reconciliation
        where starts_with(layout, 'hes-')
        order by layout
        """
    ).fetchall()
    if not counts:
        pytest.skip("artificial HES is not in this world: set SAFE_HAVEN_REFERENCE_DATA")
    assert [(layout, received) for layout, received, *_ in counts] == [
        ("hes-ae", 1000),
        ("hes-apc", 2075),
    ]
    assert all(received == sum(rest) for _, received, *rest in counts)


@pytest.mark.reference_data
def test_a_collected_file_is_answered_with_what_the_build_found(
    warehouse: duckdb.DuckDBPyConnection, state: State
) -> None:
    """The report on the artificial admitted care file, row by row."""
    reports = sorted((state.inbox / ".reports" / "hes-apc" / "X26").glob("*-landed.csv"))
    if not reports:
        pytest.skip("artificial HES is not in this world: set SAFE_HAVEN_REFERENCE_DATA")
    (report,) = reports
    columns = "submission_id, source_row, column_name, rule, severity, what_to_do"
    told = duckdb.execute(
        f"select {columns} from read_csv(?, all_varchar = true)", [str(report)]
    ).fetchall()
    found = warehouse.execute(
        f"select columns(*)::varchar from (select {columns} "
        "from identifiable.staging.stg_error_report order by all) "
        "where submission_id in (select submission_id from identifiable.staging.stg_submission "
        "where layout = 'hes-apc')"
    ).fetchall()
    assert told == found
    assert len(told) > 0


@pytest.mark.reference_data
def test_a_released_row_traces_to_a_line_of_artificial_hes(
    warehouse: duckdb.DuckDBPyConnection, state: State
) -> None:
    rows = warehouse.execute(
        """
        select distinct spell.agreement_id, submission.file_name, record.source_row
        from restricted.releases.rel_apc_spell as spell
        inner join pseudonymised.core.fct_apc_episode as episode
            on spell.record_key = episode.spell_key
        inner join identifiable.identity.idn_record as record
            on episode.record_key = record.record_key
        inner join identifiable.staging.stg_submission as submission
            on record.submission_id = submission.submission_id
        where submission.layout = 'hes-apc'
        """
    ).fetchall()
    if not rows:
        pytest.skip("artificial HES is not in this world: set SAFE_HAVEN_REFERENCE_DATA")
    assert all(2 <= line <= 2076 for _, _, line in rows)
    agreements = {agreement for agreement, _, _ in rows}
    released = {path.parent.name for path in packs(state)}
    assert agreements <= released


def test_two_recipients_cannot_join_their_pseudonyms(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    people, shared = warehouse.execute(
        """
        select
            count(distinct person_key) filter (where agreements > 1),
            count(*) filter (where agreements_of_pseudonym > 1)
        from (
            select
                person_key,
                count(*) over (partition by person_key) as agreements,
                count(*) over (partition by person_pseudonym) as agreements_of_pseudonym
            from restricted.releases.rel_person_pseudonym
        )
        """
    ).fetchone() or (0, 0)
    assert people > 0
    assert shared == 0


def test_a_new_key_gives_new_pseudonyms_that_are_bridged(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """INV-NIC-200001 changed its key with version 2."""
    bridged, people, kept = warehouse.execute(
        """
        select
            count(bridge.person_key),
            count(*),
            count(*) filter (where bridge.earlier_pseudonym = pseudonym.person_pseudonym)
        from restricted.releases.rel_person_pseudonym as pseudonym
        left join restricted.releases.rel_pseudonym_bridge as bridge
            using (agreement_id, person_key)
        where pseudonym.agreement_id = 'INV-NIC-200001'
        """
    ).fetchone() or (0, 0, 0)
    assert bridged == people > 0
    assert kept == 0


def test_invoice_validation_names_whom_its_payer_is_responsible_for(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The same by another way, without pseudonyms; fields are those of the published list."""
    agreement = "INV-NIC-400001"
    given = {table.name: table for table in invoices._content(warehouse, agreement)}
    spells = given["apc_spell"].rows
    expected = warehouse.execute(
        """
        select person.nhs_number, strftime(spell.admission_date, '%Y-%m')
        from restricted.governance.gov_release_eligibility as eligibility
        inner join pseudonymised.core.fct_apc_spell as spell
            on eligibility.activity_key = spell.spell_key
        inner join identifiable.identity.idn_person as person
            on spell.person_key = person.person_key
        where eligibility.agreement_id = ? and eligibility.is_allowed
        """,
        [agreement],
    ).fetchall()
    numbers, months = spells["nhs_number"].to_pylist(), spells["admission_month"].to_pylist()
    assert sorted(zip(numbers, months, strict=True)) == sorted(expected)
    assert numbers and all(number.startswith("999") for number in numbers)
    assert set(spells["responsible_commissioner_code"].to_pylist()) == {"W2U3Z"}
    published = warehouse.execute(
        "select table_name, list(field_name order by field_position) "
        "from aggregated.marts.mart_agreement_field where agreement_id = ? group by table_name",
        [agreement],
    ).fetchall()
    assert dict(published) == {name: table.rows.column_names for name, table in given.items()}


def test_one_agreement_has_one_pseudonym_in_both_data_sets(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    both = warehouse.execute(
        """
        select count(distinct spell.person_pseudonym)
        from restricted.releases.rel_apc_spell as spell
        inner join restricted.releases.rel_emergency_attendance as attendance
            using (agreement_id, person_pseudonym)
        """
    ).fetchone()
    assert both is not None and both[0] > 0


def days(text: str) -> int | None:
    """Day number of an ISO date, None for none."""
    return date.fromisoformat(text).toordinal() if text else None


def has_readable_codes(row: dict[str, str]) -> bool:
    """Whether every diagnosis and procedure of a HES row has the form of a code."""
    codes = [value.strip() for name, value in row.items() if CODED.fullmatch(name)]
    return all(code in ("", "-", "&") or CODE.fullmatch(code) for code in codes)


def stays_counted_by_hand(rows: list[dict[str, str]]) -> tuple[int, int]:
    """Spells and continuous inpatient spells of a HES file, row by row, without SQL."""
    spells: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in rows:
        if row["DISDEST"] != "86" and has_readable_codes(row):  # for these rows are refused
            key = (row["PSEUDO_HESID"], row["PROCODE3"], row["ADMIDATE"])
            spells.setdefault(key, []).append(row)
    people: dict[tuple[str, bool], list[tuple[int, int, dict[str, str], dict[str, str]]]] = {}
    for (person, _, _), episodes in spells.items():
        episodes.sort(key=lambda row: (row["EPISTART"], row["EPIEND"] or "9", int(row["EPIORDER"])))
        ended = [row for row in episodes if row["DISDATE"]]
        last = ended[-1] if ended else episodes[-1]
        end = max((days(row["DISDATE"]) for row in ended), default=10**7)
        regular = episodes[0]["CLASSPAT"] in ("3", "4")
        people.setdefault((person, regular), []).append(
            (days(episodes[0]["ADMIDATE"]) or 0, end, episodes[0], last)
        )
    stays = 0
    wards = ("51", "52", "53")
    for (_, regular), list_of_spells in people.items():
        before: tuple[int, str] | None = None
        for start, end, first, last in sorted(list_of_spells, key=lambda spell: spell[:2]):
            moved = first["ADMISORC"] in wards or first["ADMIMETH"] in ("2B", "81")
            goes_on = before is not None and before[0] < 10**7 and start - before[0] <= 3
            if regular or not (goes_on and (moved or before[1] in wards)):
                stays += 1
            before = (end, last["DISDEST"] if last["DISDATE"] else "")
    return len(spells), stays


@pytest.mark.reference_data
def test_spells_and_stays_of_artificial_hes_are_those_counted_by_hand(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """2,075 rows are 2,067 spells: artificial rows of one person share no admission, four have an
    unknown destination, and four a diagnosis or procedure that is no code."""
    built = warehouse.execute(
        """
        select
            count(distinct spell_key),
            count(distinct stay.continuous_inpatient_spell_key)
        from identifiable.identity.idn_record as record
        inner join identifiable.staging.stg_submission as submission using (submission_id)
        inner join pseudonymised.core.fct_apc_episode as episode using (record_key)
        inner join pseudonymised.core.brg_continuous_inpatient_spell as stay using (spell_key)
        where submission.layout = 'hes-apc'
        """
    ).fetchone()
    if built == (0, 0):
        pytest.skip("artificial HES is not in this world: set SAFE_HAVEN_REFERENCE_DATA")
    path = reference_data() / COLLECTED_FILES["hes-apc/X26"]
    with path.open(encoding="utf-8", newline="") as handle:
        assert built == stays_counted_by_hand(list(csv.DictReader(handle)))
