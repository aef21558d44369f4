"""The certificate of a built world, read by the dbt tests alone; and forged ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.zones import open_read_only

TABLES = {
    "restricted.disclosure": ("sdc_certificate", "sdc_relation", "sdc_cell"),
    "aggregated.marts": (
        "mart_activity_by_provider",
        "mart_activity_by_month",
        "mart_activity_by_age_sex",
        "mart_quality_by_provider",
    ),
    "pseudonymised.seeds": ("disclosure_rule", "point_of_delivery"),
}
CERTIFICATE = "restricted.disclosure.sdc_certificate"
SMALL = "select cell_id from restricted.disclosure.sdc_cell where people between 1 and 7"
FORGED = {
    "a count of the proof changed": (
        f"update {CERTIFICATE} set records = records + 1 "
        f"where witness = 0 and cell_id = (select min(cell_id) from ({SMALL}))",
        "certificate_adds_up",
    ),
    "people of the proof changed": (
        f"update {CERTIFICATE} set people = people + 100, records = records + 100 "
        f"where witness = 0 and cell_id = (select max(cell_id) from {CERTIFICATE} "
        "where status = 'shown')",
        "certificate_agrees_with_what_is_published",
    ),
    "more people than records": (
        f"update {CERTIFICATE} set people = records + 1 where witness = 0 and cell_id = "
        f"(select min(cell_id) from {CERTIFICATE} where status = 'withheld' and people > 1)",
        "certificate_agrees_with_what_is_published",
    ),
    "nobody in a withheld cell": (
        f"update {CERTIFICATE} set people = 0 where witness = 0 and cell_id = "
        f"(select min(cell_id) from ({SMALL}))",
        "certificate_agrees_with_what_is_published",
    ),
    "more than the cap in a cell taken for small": (
        f"update {CERTIFICATE} set people = 8, records = records + 8 where witness = 0 and "
        f"cell_id = (select min(cell_id) from {CERTIFICATE} where is_taken_for_small)",
        "certificate_agrees_with_what_is_published",
    ),
    "a small cell left out": (
        f"delete from {CERTIFICATE} where cell_id = (select min(cell_id) from ({SMALL}))",
        "certificate_agrees_with_what_is_published",
    ),
    "a small cell said to be shown": (
        f"update {CERTIFICATE} set status = 'shown' "
        f"where cell_id = (select min(cell_id) from ({SMALL}))",
        "certificate_agrees_with_what_is_published",
    ),
    "less than nothing in a cell that is published nowhere": (
        f"update {CERTIFICATE} set records = -1 where witness = 0 and cell_id = "
        f"(select min(cell_id) from {CERTIFICATE} where status = 'unpublished')",
        "certificate_agrees_with_what_is_published",
    ),
    "a cell published nowhere left out": (
        f"delete from {CERTIFICATE} where status = 'unpublished'",
        "certificate_agrees_with_what_is_published",
    ),
    "more than the cap in a cell of records alone": (
        f"update {CERTIFICATE} set records = 8, people = 1 where witness = 0 and cell_id = "
        f"(select min(cell_id) from {CERTIFICATE} where is_taken_for_small and people is null)",
        "certificate_agrees_with_what_is_published",
    ),
    "people no longer counted": (
        f"update {CERTIFICATE} set people = null where witness = 0 and cell_id = "
        f"(select min(cell_id) from ({SMALL}))",
        "certificate_agrees_with_what_is_published",
    ),
    "no alternative": (
        f"delete from {CERTIFICATE} where witness > 0",
        "certificate_is_wide_enough",
    ),
    "the alternatives of one cell left out": (
        f"delete from {CERTIFICATE} where witness in (select witness from {CERTIFICATE} "
        f"where witness > 0 and cell_id = (select min(cell_id) from ({SMALL})))",
        "certificate_is_wide_enough",
    ),
    "a relation left out": (
        "delete from restricted.disclosure.sdc_relation where relation_id = "
        "(select min(relation_id) from restricted.disclosure.sdc_relation)",
        "certificate_holds_every_relation",
    ),
    "people said not to add": (
        "update restricted.disclosure.sdc_relation set people_adds = false",
        "certificate_holds_every_relation",
    ),
}
TESTS = sorted({test for _, test in FORGED.values()})


@pytest.fixture
def world(built_state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy, in memory, of the tables that the tests of the certificate read."""
    with duckdb.connect() as copy, open_read_only(built_state) as built:
        for place, names in TABLES.items():
            zone = place.partition(".")[0]
            copy.execute(f"attach ':memory:' as {zone}")
            copy.execute(f"create schema {place}")
            for name in names:
                rows = built.execute(f"from {place}.{name}").to_arrow_table()
                copy.register("rows", rows)
                copy.execute(f"create table {place}.{name} as from rows")
                copy.unregister("rows")
        yield copy


def failures(world: duckdb.DuckDBPyConnection, state: State, test: str) -> int:
    """Rows that a compiled dbt test finds."""
    (path,) = Path(state.target_dir, "compiled").rglob(f"{test}.sql")
    return len(world.execute(path.read_text(encoding="utf-8")).fetchall())


def test_control_the_certificate_that_was_built_is_accepted(
    world: duckdb.DuckDBPyConnection, built_state: State
) -> None:
    assert {test: failures(world, built_state, test) for test in TESTS} == dict.fromkeys(TESTS, 0)


@pytest.mark.parametrize("case", FORGED)
def test_attack_a_forged_certificate_is_rejected(
    world: duckdb.DuckDBPyConnection, built_state: State, case: str
) -> None:
    forge, test = FORGED[case]
    world.execute(forge)
    assert failures(world, built_state, test)
