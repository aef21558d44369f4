"""Rows are read for many agreements at a time, and each gets its own and no other."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_world import World

from safe_haven.errors import SafeHavenError
from safe_haven.release import audits, content, cut, records
from safe_haven.release.render import Field, Table
from safe_haven.wall import canary, needles

SPELL = (
    Field("person_pseudonym", "string", "", "uuid"),
    Field("responsible_commissioner_code", "string", ""),
    Field("length_of_stay_days", "integer", ""),
)
ATTENDANCE = SPELL[:2]
# One commissioner: its rows under one agreement are in the scope of the others too.
OWED = {
    "REC-A": {"apc_spell": SPELL, "emergency_attendance": ATTENDANCE},
    "REC-B": {"apc_spell": SPELL},
    "REC-C": {"apc_spell": SPELL[1:], "emergency_attendance": ATTENDANCE},
}


class Counted:
    """A connection that counts its statements."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Count from nothing."""
        self.connection = connection
        self.statements: list[str] = []

    def execute(self, statement: str, *parameters: Any) -> duckdb.DuckDBPyConnection:
        """Run one statement."""
        self.statements.append(statement)
        return self.connection.execute(statement, *parameters)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two relations in which the rows of forty agreements lie among each other."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as restricted; create schema restricted.releases")
        for name in ("apc_spell", "emergency_attendance"):
            connection.execute(
                f"create table restricted.releases.rel_{name} as select "
                "case n % 40 when 0 then 'REC-A' when 1 then 'REC-B' when 2 then 'REC-C' "
                "else 'REC-' || n % 40 end as agreement_id, md5(n::varchar)::uuid "
                "as person_pseudonym, '01A' as responsible_commissioner_code, "
                "(n * 7919) % 31 as length_of_stay_days from range(4000) as drawn(n)"
            )
        yield connection


def read(connection: Any, most: int = content.BATCH_ROWS) -> dict[str, list[Table]]:
    """What each agreement is given, over all batches."""
    found: dict[str, list[Table]] = {}
    for batch in content.read(connection, OWED, most):
        found |= batch
    return found


def rows_of(connection: duckdb.DuckDBPyConnection, agreement: str) -> list[tuple[Any, ...]]:
    """The agreement's own spells, by a statement of their own."""
    return connection.execute(
        "select person_pseudonym::varchar, responsible_commissioner_code, length_of_stay_days "
        "from restricted.releases.rel_apc_spell where agreement_id = ? order by all",
        [agreement],
    ).fetchall()


def tuples(table: Table) -> list[tuple[Any, ...]]:
    """The rows in their order."""
    return [tuple(row.values()) for row in table.rows.to_pylist()]


def test_attack_no_row_of_another_agreement_in_one_batch(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control reads the rows in no order of agreements, and each is given those of others."""
    found = read(warehouse)
    for agreement in ("REC-A", "REC-B"):
        assert tuples(found[agreement][0]) == rows_of(warehouse, agreement)
    # Rows that were read together are not told apart by anything else in them.
    together = rows_of(warehouse, "REC-A") + rows_of(warehouse, "REC-B")
    assert len({row[1] for row in together}) == 1
    assert not set(rows_of(warehouse, "REC-A")) & set(rows_of(warehouse, "REC-B"))
    answer = content._answer

    def in_no_order(*given: Any) -> Any:
        return answer(*given[:-1], given[-1].replace("order by agreement_id, ", "order by "))

    monkeypatch.setattr(content, "_answer", in_no_order)
    mixed = read(warehouse)
    assert set(tuples(mixed["REC-A"][0])) & set(rows_of(warehouse, "REC-B"))


@pytest.mark.parametrize("most", [1, 150, 320])
def test_batches_change_nothing(warehouse: duckdb.DuckDBPyConnection, most: int) -> None:
    whole, parts = read(warehouse), read(warehouse, most)
    assert list(parts) == list(OWED)
    for agreement, tables in whole.items():
        assert [table.name for table in tables] == sorted(OWED[agreement])
        for table, other in zip(tables, parts[agreement], strict=True):
            assert (table.name, table.fields) == (other.name, other.fields)
            assert table.rows.equals(other.rows)


def test_batches_hold_no_more_rows_than_they_may() -> None:
    sizes = {"a": 4, "b": 4, "c": 3, "d": 20, "e": 0, "f": 1}
    assert list(content.batches(sizes, 10)) == [["a", "b"], ["c"], ["d"], ["e", "f"]]
    assert list(content.batches({}, 10)) == []


def test_the_number_of_passes_does_not_grow_with_recipients(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    passes = []
    for many in (1, 37):
        owed = {f"REC-{at}": {"apc_spell": SPELL} for at in range(3, 3 + many)}
        counted = Counted(warehouse)
        (batch,) = content.read(counted, owed)
        assert [len(tables[0].rows) for tables in batch.values()] == [100] * many
        passes.append(len(counted.statements))
    assert passes == [2, 2]


def test_a_relation_without_the_columns_owed_gives_nothing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("alter table restricted.releases.rel_apc_spell drop length_of_stay_days")
    with pytest.raises(SafeHavenError, match=r"REC-A, REC-B: .*cannot be read as rel_field says"):
        read(warehouse)


def test_as_many_packs_at_once_as_you_like_are_the_same(
    fresh: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = fresh.copy(tmp_path / "alone")
    fresh.release()
    monkeypatch.setattr(cut, "WORKERS", 1)
    monkeypatch.setattr(content, "read", functools.partial(content.read, most=1))
    alone.release()
    for recipient, agreement in (("QAA", "AGG-A"), ("QAA", "REC-A"), ("QBB", "AGG-B")):
        name = fresh.folder(recipient, agreement).name
        assert name == alone.folder(recipient, agreement).name


def test_pseudonyms_are_stored_in_sixteen_bytes_and_read_as_text(
    world: World, tmp_path: Path
) -> None:
    key = world.keyring.key("recipient-QAA")
    with records.attached(world.record_level / records.CONTAINER, key, "READ_ONLY") as opened:
        kinds = opened.execute(
            "select distinct data_type from duckdb_columns() where database_name = 'pack' "
            "and column_name = 'person_pseudonym'"
        ).fetchall()
    assert kinds == [("UUID",)]
    # Packs of before hold text; their content is the same.
    content_now = records.read_container(world.record_level / records.CONTAINER, key)
    records.write_container(tmp_path / "before", key, content_now)
    before = records.read_container(tmp_path / "before", key)
    assert [records.content_bytes(table) for table in before] == [
        records.content_bytes(table) for table in content_now
    ]


def test_identifiers_are_made_ready_once_for_all_packs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = needles.Numbers

    def numbers(*given: Any) -> needles.Numbers:
        made.append(1)
        return real(*given)

    monkeypatch.setattr(needles, "Numbers", numbers)
    monkeypatch.setattr(canary, "needles", lambda connection: ["9990000018"])
    container = audits.Container(
        world.record_level / records.CONTAINER, world.keyring.key("recipient-QAA")
    )
    for many in (1, 5):
        made.clear()
        assert audits.scan_for_identifiers(duckdb.connect(), [], [container] * many) == []
        assert len(made) == 2
