"""Ids that providers make up may hold the patient's number, postcode or birth date: none crosses.

Where the National Commissioning Data Repository looks for these inside eight fields and replaces
what it finds, here the field itself is replaced by a key, whatever it holds. Of the eight, four are
collected; every other id that a contract calls an identifier is held to the same.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa
import pytest
from conftest import World
from haven import Haven

from safe_haven.load.contract import contracts
from safe_haven.load.landing import read_submissions
from safe_haven.paths import PROJECT_ROOT

OF_THE_PERSON = {"nhs_number", "mother_nhs_number", "postcode", "date_of_birth"}
PLANTED = ("nhs_number", "postcode", "date_of_birth")
OF_THE_EIGHT = {
    "cds_unique_identifier",
    "hospital_spell_number",
    "local_patient_id",
    "patient_pathway_identifier",
}
FEEDS = {
    name: [
        column.name
        for column in feed.columns
        if column.sensitivity == "identifier" and column.name not in OF_THE_PERSON
    ]
    for name, feed in contracts().items()
    if "nhs_number" in feed.column_names and feed.event_date
}
"""Feeds of care, with the ids in each that somebody made up."""
ROWS = 20


@pytest.fixture(scope="module")
def planted(session_world: World) -> set[str]:
    """Send records whose ids hold their own patient's identifiers; what was planted."""
    haven = session_world.haven
    values: set[str] = set()
    for feed, columns in FEEDS.items():
        rows, found = _with_identifiers_in_ids(_records(haven, feed), columns)
        haven.send(feed, rows, f"planted-{feed}")
        values |= found
    haven.rebuild(*(path.stem for path in PROJECT_ROOT.glob("models/handover/**/*.sql")))
    haven.take_back()
    return values


def test_every_id_of_the_eight_fields_that_is_collected_is_planted() -> None:
    assert set().union(*FEEDS.values()) >= OF_THE_EIGHT


def test_attack_identifiers_inside_local_ids_do_not_cross(
    session_world: World, planted: set[str]
) -> None:
    with session_world.haven.warehouse() as connection:
        assert _places(connection, "pseudonymised", "handover", planted) == set()


def test_control_the_same_search_finds_each_of_them_before_the_wall(
    session_world: World, planted: set[str]
) -> None:
    """All records were accepted as they are: nothing here refuses or changes such an id."""
    with session_world.haven.warehouse() as connection:
        found = _places(connection, "identifiable", "staging", planted)
    assert found >= {
        f"stg_{feed}.{column}" for feed, columns in FEEDS.items() for column in columns
    }


def _records(haven: Haven, feed: str) -> pa.Table:
    """Some records of patients of whom all is known, as they came."""
    for envelope in read_submissions(haven.state):
        if envelope.feed == feed:
            rows = haven.landed(feed, envelope.submission_id)
            for name in set(PLANTED) & set(rows.column_names):
                rows = rows.filter(pa.compute.not_equal(rows.column(name), ""))
            if rows.num_rows:
                return rows.slice(0, ROWS)
    raise AssertionError(f"{feed}: no record of a known patient")


def _with_identifiers_in_ids(rows: pa.Table, columns: list[str]) -> tuple[pa.Table, set[str]]:
    """The rows as new records, with everything about the patient inside each id."""
    about = [name for name in PLANTED if name in rows.column_names]
    values = [
        [re.sub(r"[ -]", "", rows.column(name)[at].as_py()) for name in about]
        for at in range(rows.num_rows)
    ]
    for column in columns:
        made_up = [f"{'/'.join(of_one)}/{at}" for at, of_one in enumerate(values)]
        at = rows.schema.get_field_index(column)
        rows = rows.set_column(at, column, pa.array(made_up, pa.string()))
    return rows, {value for of_one in values for value in of_one}


def _places(
    connection: duckdb.DuckDBPyConnection, zone: str, schema: str, values: set[str]
) -> set[str]:
    """Columns of text of a schema in which one of the values stands."""
    pattern = "|".join(sorted(values))
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = ? and schema_name = ? and data_type like 'VARCHAR%'",
        [zone, schema],
    ).fetchall()
    return {
        f"{table}.{column}"
        for table, column in columns
        if connection.execute(
            f"select count(*) from {zone}.{schema}.{table} "
            f"where regexp_matches(regexp_replace({column}::varchar, '[ -]', '', 'g'), ?)",
            [pattern],
        ).fetchone()
        != (0,)
    }
