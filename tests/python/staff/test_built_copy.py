"""Copies of the built world: what each role's keys open, and what is in a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_world import shared_database
from staff_world import TODAY, set_clock

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.staff import copies, grant
from safe_haven.wall import canary

ROLE, OFFICE = "analyst_swe", "SWE"
Columns = set[tuple[str, str, str]]


@pytest.fixture(scope="module")
def operator(built_state: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The built world in a folder of its own, so that giving a copy changes nobody else's log."""
    var = tmp_path_factory.mktemp("built") / "var"
    for name in ("warehouse", "keys", "audit", "public"):
        shutil.copytree(built_state.var / name, var / name, symlinks=True)
    return State(var=var, target="operator")


@pytest.fixture(scope="module")
def warehouse(operator: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """All zones of the built world."""
    with zones.open_read_only(operator) as connection:
        yield connection


@pytest.fixture(scope="module")
def analyst(operator: State) -> State:
    """What the analyst of the South West is handed."""
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, TODAY)
        operator.make_folders()
        return copies.give(operator, ROLE)


@pytest.fixture(scope="module")
def copy(analyst: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """The analyst's copy, opened as the analyst does."""
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, TODAY)
        connection = grant.open_read_only(analyst)
    yield connection
    connection.close()


def columns(connection: duckdb.DuckDBPyConnection, database: str) -> Columns:
    """Schema, relation and column of everything in a database."""
    return set(
        connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where database_name = ?",
            [database],
        ).fetchall()
    )


def personal(warehouse: duckdb.DuckDBPyConnection, role: str) -> list[tuple[Any, ...]]:
    """Database, (schema, relation, column) and visibility of personal data, as published."""
    rows = warehouse.execute(
        "select database_name, schema_name, relation, column_name, is_visible "
        "from pseudonymised.governance.gov_pcd_visibility where role = ?",
        [role],
    ).fetchall()
    return [(database, tuple(name), seen) for database, *name, seen in rows]


def opens(path: Path, keyring: Keyring, name: str) -> bool:
    """Whether a key of a keyring opens a file."""
    with shared_database().cursor() as connection:
        try:
            connection.execute(
                f"attach '{path}' as tried (ENCRYPTION_KEY '{keyring.key(name).hex()}', READ_ONLY)"
            )
        except duckdb.Error:
            return False
        connection.execute("detach tried")
        return True


def test_what_is_visible_is_what_the_keys_of_each_role_open(
    operator: State,
    analyst: State,
    warehouse: duckdb.DuckDBPyConnection,
    copy: duckdb.DuckDBPyConnection,
) -> None:
    keys = {
        "operator": (Keyring(operator.keys), Keyring(operator.keys).names()),
        "analyst": (Keyring(analyst.keys), Keyring(analyst.keys).names()),
        "direct_care": (Keyring(operator.keys), ["controlled"]),
    }
    told = {
        row[0]
        for row in warehouse.execute("select role from pseudonymised.seeds.role_zone").fetchall()
    }
    assert told == set(keys)
    in_copy = columns(copy, grant.CATALOG)
    seen_by: dict[str, set[str]] = {}
    for role, (keyring, names) in keys.items():
        for zone in zones.ZONES:
            is_open = any(opens(zones.zone_file(operator, zone), keyring, name) for name in names)
            found = columns(warehouse, zone) if is_open else set()
            copied = (
                in_copy if role == "analyst" and zone in ("pseudonymised", "restricted") else set()
            )
            wrong = [
                (zone, name)
                for database, name, is_visible in personal(warehouse, role)
                if database == zone and is_visible != (name in found | copied)
            ]
            assert wrong == [], role
        seen_by[role] = {zone for zone, _, is_visible in personal(warehouse, role) if is_visible}
        assert ("controlled" in seen_by[role]) == ("controlled" in names)
    assert "pseudonymised" in seen_by["analyst"]
    assert [role for role in keys if "memory" in seen_by[role]] == ["operator"]
    assert not list(analyst.landing.iterdir())


def test_only_operators_and_direct_care_see_an_identifier(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    seen = warehouse.execute(
        "select role, count(*) from pseudonymised.governance.gov_pcd_visibility "
        "where sensitivity = 'identifier' and is_visible group by all order by all"
    ).fetchall()
    assert [role for role, _ in seen] == ["direct_care", "operator"]
    assert seen[0][1] == 1
    assert seen[1][1] > 100


def test_no_identifier_stands_in_a_copy(
    warehouse: duckdb.DuckDBPyConnection, copy: duckdb.DuckDBPyConnection
) -> None:
    needles = canary.needles(warehouse)
    assert len(needles) > 1000
    assert canary.scan_connection(copy, [grant.CATALOG], needles) == []


def test_control_the_scan_finds_the_numbers_where_they_may_stand(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    number = canary.needles(warehouse)[0]
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select '{number}' as code")
        assert canary.scan_connection(connection, ["memory"], [number])


KEY = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def keys_by_type(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """What has the form of a key in core and governance, by the type of its column."""
    found: dict[str, set[str]] = {"UUID": set(), "other": set()}
    described = connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where database_name = 'pseudonymised' and schema_name in ('core', 'governance') "
        "and (data_type = 'UUID' or data_type like '%VARCHAR%' or data_type like '%JSON%')"
    ).fetchall()
    for schema, relation, column, kind in described:
        rows = connection.execute(
            f"select distinct unnest(regexp_extract_all({column}::varchar, '{KEY}')) "
            f"from pseudonymised.{schema}.{relation}"
        ).fetchall()
        found["UUID" if kind == "UUID" else "other"] |= {row[0] for row in rows}
    return found


def test_every_key_of_the_built_world_is_renewed(
    warehouse: duckdb.DuckDBPyConnection, copy: duckdb.DuckDBPyConnection
) -> None:
    """A key in a column of another type would be copied as it is."""
    before, after = keys_by_type(warehouse), keys_by_type(copy)
    assert len(after["UUID"]) > 1000
    assert after["UUID"] & before["UUID"] == set()
    assert after["other"] == before["other"] == set()


SETTINGS = ("fct_apc_spell", "fct_outpatient_appointment", "fct_emergency_attendance")


def test_exactly_the_open_activities_of_the_area_are_copied(
    warehouse: duckdb.DuckDBPyConnection, copy: duckdb.DuckDBPyConnection
) -> None:
    here = f"from pseudonymised.core.fct_activity where data_services_office_code = '{OFFICE}'"
    closed = "select closed_key from restricted.governance.gov_closed_to_analyst"
    [everything, gated, by_person] = warehouse.execute(
        f"select count(*), count(*) filter (activity_key in ({closed})), "
        f"count(*) filter (person_key in ({closed}) and activity_key not in ({closed})) {here}"
    ).fetchone()
    assert gated > 0
    [copied] = copy.execute("select count(*) from pseudonymised.core.fct_activity").fetchone()
    assert copied == everything - gated - by_person > 0
    [settings] = copy.execute(
        "select sum(n) from ("
        + " union all ".join(
            f"select count(*) as n from pseudonymised.core.{name}" for name in SETTINGS
        )
        + ")"
    ).fetchone()
    assert settings == copied


ATTACKS = {
    "a reason by name": (
        "from {eligibility} where list_has_any(reasons, ['legally_restricted_code', "
        "'identity_withheld', 'sensitive_person', 'opted_out'])"
    ),
    "a sensitive person": "from pseudonymised.core.dim_person where is_sensitive",
    "a withheld identity": (
        "from pseudonymised.core.fct_emergency_attendance "
        "where withheld_identity_reason is not null"
        " union all by name select withheld_identity_reason "
        "from pseudonymised.core.fct_outpatient_appointment "
        "where withheld_identity_reason is not null"
        " union all by name select withheld_identity_reason "
        "from pseudonymised.core.fct_apc_spell where withheld_identity_reason is not null"
    ),
    "a restricted code": (
        "from pseudonymised.core.brg_diagnosis where diagnosis_code[:3] in ('N46', 'N97', 'Z31')"
    ),
    "an objector": "from pseudonymised.governance.gov_objection_in_force",
    "who is gated, beside open records": (
        "from {eligibility} where activity_key is not null and "
        "list_has_any(reasons, ['legal gate', 'opted_out', 'legally_restricted_code'])"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_the_reason_behind_a_legal_gate_of_the_built_world(
    copy: duckdb.DuckDBPyConnection, attack: str
) -> None:
    query = ATTACKS[attack].format(eligibility="pseudonymised.governance.gov_staff_eligibility")
    try:
        found = copy.execute(query).fetchall()
    except duckdb.CatalogException:
        found = []
    assert found == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_control_in_the_warehouse_the_reason_is_found(
    warehouse: duckdb.DuckDBPyConnection, attack: str
) -> None:
    query = ATTACKS[attack].format(eligibility="restricted.governance.gov_release_eligibility")
    assert warehouse.execute(query).fetchall()


def test_the_legal_gate_is_seen(copy: duckdb.DuckDBPyConnection) -> None:
    relation = "pseudonymised.governance.gov_staff_eligibility"
    rows = copy.execute(
        f"select activity_key, setting, is_allowed, reasons from {relation} "
        "where list_contains(reasons, 'legal gate')"
    ).fetchall()
    assert rows
    assert {(key, setting, allowed, *why) for key, setting, allowed, why in rows} == {
        (None, None, None, "legal gate")
    }
