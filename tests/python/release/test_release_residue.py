"""Attacks on what a file holds beside its rows: free pages, statistics, names that are code."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import xlsxwriter
from openpyxl import load_workbook
from release_world import World, rewrite_container
from test_release_pack import every_order
from test_release_verify import PARQUET, said

from safe_haven.errors import SafeHavenError
from safe_haven.release import pack, records, render, verify
from safe_haven.zones import quoted

FOREIGN = "02A"
DELETED = (
    "create table pack.main.foreign_spell as "
    "select 'patient of 02A ' || range as spell from range(20000)",
    "create table pack.main.own as from pack.main.apc_spell",
    "checkpoint pack",
    "drop table pack.main.foreign_spell",
    "drop table pack.main.apc_spell",
    "alter table pack.main.own rename to apc_spell",
)
"""Rows that were in the file and are in no table any more."""


# -- free pages of the DuckDB file --------------------------------------------------------------


def test_attack_foreign_rows_in_free_pages_of_the_container(world: World) -> None:
    """Correctly signed, with the owed rows and no others in its tables.

    Control: `test_attack_control_without_the_count_of_free_pages_it_passes`.
    """

    def change(connection: duckdb.DuckDBPyConnection) -> None:
        for statement in DELETED:
            connection.execute(statement)

    rewrite_container(world, world.record_level, change)
    world.seal(world.record_level)
    found = said(world.verify(world.record_level, key="recipient-QAA"), "entitlement")
    assert "pages without a table" in found


def test_attack_control_without_the_count_of_free_pages_it_passes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with that one check off the pack is proved."""
    monkeypatch.setattr(verify, "_residue_findings", lambda path, key: iter(()))
    with pytest.raises(AssertionError):
        test_attack_foreign_rows_in_free_pages_of_the_container(world)
    assert not world.verify(world.record_level, key="recipient-QAA").failed


def test_attack_control_free_pages_hold_what_was_deleted(tmp_path: Path) -> None:
    """The control without encryption: after the same steps the deleted rows are in the file."""
    path = tmp_path / "plain.duckdb"
    with duckdb.connect() as connection:
        connection.execute("set force_compression = 'uncompressed'")
        connection.execute(f"attach {quoted(str(path))} as pack (block_size {records.BLOCK_SIZE})")
        # Rows enough for pages of their own, behind those that are given free.
        connection.execute("create table pack.main.apc_spell as select range from range(20000)")
        for statement in DELETED:
            connection.execute(statement)
        connection.execute("checkpoint pack")
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
    assert tables == [("apc_spell",)]
    assert b"patient of 02A" in path.read_bytes()


def test_attack_free_pages_of_a_released_pack(world: World) -> None:
    """There is none: every page is of a table, and nothing stands behind the last.

    Control: `test_attack_control_free_pages_hold_what_was_deleted`.
    """
    path = world.record_level / records.CONTAINER
    key = world.keyring.key("recipient-QAA")
    with records.attached(path, key, "READ_ONLY") as connection:
        size, total, used, free = connection.execute(
            "select block_size, total_blocks, used_blocks, free_blocks "
            "from pragma_database_size() where database_name = 'pack'"
        ).fetchone() or (0, 0, 0, 0)
    assert (used, free) == (total, 0)
    headers = 3 * 4096
    assert path.stat().st_size == headers + total * size


# -- statistics of the Parquet file -------------------------------------------------------------


def statistics(path: Path) -> set[str]:
    """The least and greatest values that the footer of a Parquet file names."""
    with render.worker() as connection:
        rows = connection.execute(
            f"select stats_min_value, stats_max_value from parquet_metadata({quoted(str(path))})"
        ).fetchall()
    return {str(value) for row in rows for value in row if value is not None}


def test_attack_a_foreign_code_in_the_statistics_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are those of the CSV; the least sub-ICB of the footer is somebody else's.

    Control: without the comparison of copies the pack is proved.
    """
    path = world.aggregate / PARQUET
    before = path.read_bytes()
    at = len(before) - 8 - int.from_bytes(before[-8:-4], "little")
    assert b"01A" in before[at:]
    path.write_bytes(before[:at] + before[at:].replace(b"01A", FOREIGN.encode()))
    with render.worker() as connection:
        held = connection.execute(
            f"select count(*) from read_parquet({quoted(str(path))}) where sub_icb_code = '02A'"
        ).fetchone()
    # Whoever reads the statistics learns the code, which is in no row.
    assert held == (0,)
    assert FOREIGN in statistics(path)
    world.seal(world.aggregate)
    assert "hides something else" in said(world.verify(world.aggregate), "entitlement")
    monkeypatch.setattr(verify, "_copy_findings", lambda *_: iter(()))
    assert not world.verify(world.aggregate).failed


def test_attack_statistics_of_a_released_pack_tell_what_its_rows_tell(
    world: World, tmp_path: Path
) -> None:
    """Withheld counts leave no trace. The control writes the exact counts, then hides them."""
    path = world.aggregate / PARQUET
    with render.worker() as connection:
        shown = {
            str(value)
            for row in connection.execute(f"from read_parquet({quoted(str(path))})").fetchall()
            for value in row
        }
        assert statistics(path) <= shown
        exact = tmp_path / "exact.parquet"
        connection.execute(
            "copy (select * replace (coalesce(records, 3) as records) "
            f"from read_parquet({quoted(str(path))})) to {quoted(str(exact))} (format parquet)"
        )
    assert "3" in statistics(exact) - shown


# -- names that are code ------------------------------------------------------------------------

NAMES = (
    '=HYPERLINK("http://attacker.example","board")',
    "x'; drop table restricted.releases.rel_pack; --",
    "<script>alert(1)</script>",
    "../../public/register",
    "https://attacker.example",
)


@pytest.mark.parametrize("name", NAMES)
def test_attack_the_name_of_an_organisation_is_words(
    fresh: World, tmp_path: Path, name: str
) -> None:
    """It stands in the pack as it is, and does nothing there: no formula, link, path or SQL.

    Control for formulas and links: `test_attack_control_as_usual_such_a_name_is_code`.
    """
    fresh.sql(
        f"update restricted.releases.rel_pack set recipient_name = {quoted(name)} "
        "where agreement_id = 'AGG-A'"
    )
    assert fresh.release()["AGG-A"] == "released"
    sheet = load_workbook(fresh.aggregate / pack.WORKBOOK).worksheets[0]
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == name]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert fresh.release()["AGG-A"] == "unchanged"
    assert not fresh.verify(fresh.aggregate).failed


@pytest.mark.parametrize("name", [NAMES[0], NAMES[4]])
def test_attack_control_as_usual_such_a_name_is_code(tmp_path: Path, name: str) -> None:
    """The control: as XlsxWriter makes a workbook by itself, it is a formula or a link."""
    path = tmp_path / "usual.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write(0, 0, name)
    cell = load_workbook(path).worksheets[0]["A1"]
    assert cell.data_type == "f" or cell.hyperlink is not None


PATHS = ("../QBB", "..", "/etc", "QAA/../QBB", "current", ".hidden", "QAA;x", "QAA'--", "Q A")


@pytest.mark.parametrize("column", ["recipient_code", "agreement_id"])
@pytest.mark.parametrize("code", PATHS)
def test_attack_a_code_that_is_a_path_or_sql_releases_nothing(
    fresh: World, code: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing at all is released, not even to the others.

    Control: where nobody looks at codes the release goes on. What a path would lead to is shown by
    `test_attack_control_such_a_code_leads_out_of_its_folder`.
    """
    fresh.sql(
        f"update restricted.releases.rel_pack set {column} = {quoted(code)} "
        "where agreement_id = 'OLD-B'"
    )
    with pytest.raises(SafeHavenError, match="cannot name a recipient or agreement"):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    monkeypatch.setattr(pack, "read_orders", every_order)
    assert fresh.release()["AGG-A"] == "released"


@pytest.mark.parametrize("code", ["../QBB", "..", "/etc"])
def test_attack_control_such_a_code_leads_out_of_its_folder(fresh: World, code: str) -> None:
    """The control: joined to a path as it is, it names a folder of somebody else."""
    place = fresh.state.releases / "QAA" / code / "current"
    assert place.resolve().parent.parent != (fresh.state.releases / "QAA").resolve()
