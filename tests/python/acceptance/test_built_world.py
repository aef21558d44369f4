"""The small world that `./run test` builds: from a real file to a released row that verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.zones import open_read_only, zone_file

SAFE_HAVEN = str(Path(sys.executable).parent / "safe-haven")


@pytest.fixture(scope="module")
def state() -> State:
    """State of the built world that SAFE_HAVEN_VAR names."""
    state = State.from_environment("operator")
    if not zone_file(state, "restricted").exists():
        pytest.skip("no built world: run ./run test")
    return state


@pytest.fixture(scope="module")
def warehouse(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """The zone files of the world, read-only."""
    with open_read_only(state) as connection:
        yield connection


def packs(state: State) -> list[Path]:
    return sorted(state.releases.glob("*/*/current"))


def verify(folders: list[Path], state: State) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SAFE_HAVEN, "verify", *map(str, folders)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SAFE_HAVEN_VAR": str(state.var)},
    )


def test_every_pack_verifies(state: State) -> None:
    assert packs(state)
    result = verify(packs(state), state)
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
