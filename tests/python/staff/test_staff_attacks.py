"""What an analyst tries, and beside it what happens where the defence is off."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_world import shared_database
from staff_world import STAFF, TODAY, World, ask, key, opened, set_clock

from safe_haven import zones
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import files, signing
from safe_haven.staff import copies, grant, rows

ACTIVITY = "pseudonymised.core.fct_activity"
Patch = pytest.MonkeyPatch


def zones_that_open(world: World, keyring: Keyring) -> set[str]:
    """The zones that any key of a keyring opens."""
    found = set()
    for name in keyring.names():
        for zone in zones.ZONES:
            path, secret = zones.zone_file(world.state, zone), keyring.key(name).hex()
            with shared_database().cursor() as connection:
                try:
                    connection.execute(
                        f"attach '{path}' as tried (ENCRYPTION_KEY '{secret}', READ_ONLY)"
                    )
                except duckdb.Error:
                    continue
                connection.execute("detach tried")
                found.add(zone)
    return found


def test_attack_no_key_of_an_analyst_opens_a_zone(world: World, analyst: State) -> None:
    keyring = Keyring(analyst.keys)
    assert keyring.names()
    assert zones_that_open(world, keyring) == set()


def test_control_the_operators_keys_open_every_zone(world: World) -> None:
    assert zones_that_open(world, world.keyring) == set(zones.ZONES)


def test_attack_the_zones_put_into_the_analysts_folder_stay_closed(
    world: World, analyst: State
) -> None:
    shutil.copytree(world.state.warehouse, analyst.warehouse, dirs_exist_ok=True)
    with pytest.raises(SafeHavenError, match="'zone-identifiable' is missing"):
        zones.open_read_only(analyst)


def test_control_with_the_operators_keyring_they_open(world: World, analyst: State) -> None:
    shutil.copytree(world.state.warehouse, analyst.warehouse, dirs_exist_ok=True)
    shutil.copytree(world.state.keys, analyst.keys, dirs_exist_ok=True)
    with zones.open_read_only(analyst) as connection:
        assert connection.execute("from identifiable.identity.idn_person").fetchall()


# Rows of another region


def offices(analyst: State) -> list[tuple[Any, ...]]:
    return ask(analyst, f"select distinct data_services_office_code from {ACTIVITY} order by all")


def test_attack_rows_of_another_region(analyst: State) -> None:
    assert offices(analyst) == [("SWE",)]
    assert ask(analyst, "select provider_code from pseudonymised.core.fct_community_contact") == [
        ("RAA",),
        ("RAA",),
    ]


def test_control_rules_that_take_every_row(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rows, "CONDITIONS", dict.fromkeys(rows.CONDITIONS, "true"))
    analyst = world.give()
    assert offices(analyst) == [("SWE",), ("YOR",), ("unplaced",)]
    assert ("RBB",) in ask(
        analyst, "select provider_code from pseudonymised.core.fct_community_contact"
    )


def test_attack_a_valid_row_of_another_region_does_not_mend_a_lapsed_one(world: World) -> None:
    assert offices(world.give("moved")) == [("YOR",)]


def test_control_the_first_row_of_a_role_whatever_its_day(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(copies, "trained", lambda staff, today: staff[0])
    monkeypatch.setattr(grant, "require_training", lambda *_: None)
    assert offices(world.give("moved")) == [("SWE",)]


# The reason behind "legal gate"

REASONS = {
    "sensitive_person": "from pseudonymised.core.dim_person where is_sensitive",
    "identity_withheld": (
        "from pseudonymised.core.fct_community_contact where withheld_identity_reason is not null"
    ),
    "legally_restricted_code": (
        "from pseudonymised.core.brg_diagnosis where starts_with(diagnosis_code, 'N46')"
    ),
}


@pytest.mark.parametrize("reason", REASONS)
def test_attack_the_reason_behind_a_legal_gate(analyst: State, reason: str) -> None:
    assert ask(analyst, REASONS[reason]) == []
    reasons = ask(analyst, "select reasons from pseudonymised.governance.gov_staff_eligibility")
    assert (["legal gate"],) in reasons


@pytest.mark.parametrize("reason", REASONS)
def test_control_without_closed_records_the_reason_is_there(
    world: World, reason: str, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(rows, "IS_OPEN", "true")
    monkeypatch.setattr(rows, "WITHHELD", "")
    assert ask(world.give(), REASONS[reason])


def test_attack_who_objected_is_in_no_table(analyst: State) -> None:
    with pytest.raises(duckdb.CatalogException):
        ask(analyst, "from pseudonymised.governance.gov_objection_in_force")


def test_control_a_rule_that_copies_objections(world: World) -> None:
    world.sql(
        "update pseudonymised.seeds.analyst_copy set rule = 'person', column_name = 'person_key' "
        "where relation = 'gov_objection_in_force'"
    )
    assert len(ask(world.give(), "from pseudonymised.governance.gov_objection_in_force")) == 1


# Keys of persons


def keys_in(connection: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """Every key in any column of a database."""
    columns = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where database_name = ? and data_type = 'UUID'",
        [database],
    ).fetchall()
    return {
        row[0]
        for schema, relation, column in columns
        for row in connection.execute(
            f"select distinct {column}::varchar from {database}.{schema}.{relation} "
            f"where {column} is not null"
        ).fetchall()
    }


def keys_of(analyst: State) -> set[str]:
    with opened(analyst) as connection:
        return keys_in(connection, "pseudonymised")


def keys_of_warehouse(world: World) -> set[str]:
    with shared_database().cursor() as connection:
        zones.attach(connection, world.state, world.keyring, ("pseudonymised",), read_only=True)
        try:
            return keys_in(connection, "pseudonymised")
        finally:
            connection.execute("detach pseudonymised")


def not_renewed(name: str) -> str:
    return rows.identifier(name)


def test_attack_no_key_of_a_person_or_record_is_the_warehouses(
    world: World, analyst: State
) -> None:
    assert len(keys_of(analyst)) > 5
    assert keys_of(analyst) & keys_of_warehouse(world) == set()
    assert "person" not in Keyring(analyst.keys).names()


def test_control_keys_that_are_not_renewed_lead_back(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rows, "_renewed", not_renewed)
    assert key(1) in keys_of(world.give()) & keys_of_warehouse(world)


def test_attack_two_regions_copies_joined(world: World) -> None:
    """Person 1 is in both; so are the keys of no table."""
    assert keys_of(world.give("analyst_swe")) & keys_of(world.give("analyst_yor")) == set()


def test_attack_two_copies_of_one_analyst_joined(world: World) -> None:
    assert keys_of(world.give()) & keys_of(world.give()) == set()


def test_control_copies_with_the_keys_of_the_warehouse_join(
    world: World, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(rows, "_renewed", not_renewed)
    assert keys_of(world.give("analyst_swe")) & keys_of(world.give("analyst_yor")) == {key(1)}


# Training


def test_attack_a_copy_kept_after_training_lapsed(analyst: State, monkeypatch: Patch) -> None:
    set_clock(monkeypatch, TODAY.replace(year=2027))
    with pytest.raises(SafeHavenError, match="was valid until 2026-12-31"):
        grant.open_read_only(analyst)


def test_control_without_the_check_of_training_it_opens(analyst: State, monkeypatch: Patch) -> None:
    set_clock(monkeypatch, TODAY.replace(year=2027))
    monkeypatch.setattr(grant, "require_training", lambda *_: None)
    assert offices(analyst) == [("SWE",)]


def extend_training(analyst: State) -> None:
    """Write another last day into the grant."""
    path = analyst.warehouse / grant.CURRENT / grant.GRANT
    document = json.loads(path.read_bytes()) | {"training_valid_to": "2099-12-31"}
    path.write_bytes(files.canonical_json(document))


def test_attack_a_grant_with_another_last_day(analyst: State, monkeypatch: Patch) -> None:
    extend_training(analyst)
    set_clock(monkeypatch, TODAY.replace(year=2027))
    with pytest.raises(SafeHavenError, match="not what the safe haven signed"):
        grant.open_read_only(analyst)


def test_control_without_the_signature_it_opens(analyst: State, monkeypatch: Patch) -> None:
    extend_training(analyst)
    set_clock(monkeypatch, TODAY.replace(year=2027))
    monkeypatch.setattr(signing, "is_signed", lambda *_: True)
    assert offices(analyst) == [("SWE",)]


@pytest.mark.parametrize("staff_role", ["lapsed", "manager"])
def test_control_without_refusals_anybody_gets_a_copy(
    world: World, staff_role: str, monkeypatch: Patch
) -> None:
    """The attack is test_who_may_have_no_copy_is_refused_and_logged."""
    monkeypatch.setattr(copies, "refusals", lambda *_: [])
    monkeypatch.setattr(copies, "trained", lambda staff, today: staff[0])
    monkeypatch.setattr(grant, "require_training", lambda *_: None)
    assert offices(world.give(staff_role)) == [("SWE",)]


# Names that are paths, or SQL

OUTSIDE = "../../outside"


def add_staff(world: World, staff_role: str, office: str) -> None:
    values = ", ".join(zones.quoted(v) for v in (staff_role, office, *STAFF[0][2:]))
    world.sql(f"insert into pseudonymised.seeds.staff_access values ({values})")


def test_attack_a_role_that_is_a_path(world: World) -> None:
    add_staff(world, OUTSIDE, "SWE")
    with pytest.raises(SafeHavenError, match="no role of staff"):
        world.give(OUTSIDE)
    assert not (world.state.var.parent / "outside").exists()


def test_control_any_role_is_taken_as_a_path(world: World, monkeypatch: Patch) -> None:
    class Anything:
        def fullmatch(self, _: str) -> bool:
            return True

    add_staff(world, OUTSIDE, "SWE")
    monkeypatch.setattr(copies, "STAFF_ROLE", Anything())
    assert offices(world.give(OUTSIDE)) == [("SWE",)]
    assert (world.state.var.parent / "outside").exists()


@pytest.mark.parametrize("staff_role", ["' or true --", "analyst_swe' --", "a.b", "", "A", "é"])
def test_attack_a_role_that_is_sql(world: World, staff_role: str) -> None:
    with pytest.raises(SafeHavenError, match="no role of staff") as error:
        world.give(staff_role)
    assert not staff_role or staff_role not in str(error.value)


EVERY_OFFICE = "' or 'a' = 'a"


def test_attack_an_office_that_is_sql(world: World) -> None:
    add_staff(world, "mallory", EVERY_OFFICE)
    assert offices(world.give("mallory")) == []


def test_control_an_office_that_is_not_quoted(world: World, monkeypatch: Patch) -> None:
    add_staff(world, "mallory", EVERY_OFFICE)
    monkeypatch.setattr(rows, "quoted", lambda text: f"'{text}'")
    assert len(offices(world.give("mallory"))) == 3


# A copy that is not whole


@pytest.fixture
def half(world: World, analyst: State, monkeypatch: Patch) -> State:
    """A copy whose copying ended in the middle, put in the place of the one that was granted."""

    def half_of(connection: duckdb.DuckDBPyConnection, rules: Sequence[rows.Rule], office: str):
        copy_rows(connection, rules[:1], office)
        connection.execute(f"detach {rows.TARGET}")
        raise KeyboardInterrupt

    copy_rows = rows.copy_rows
    with monkeypatch.context() as patch:
        patch.setattr(rows, "copy_rows", half_of)
        with pytest.raises(KeyboardInterrupt):
            world.give()
    current = analyst.warehouse / grant.CURRENT
    shutil.copy(analyst.warehouse / copies.PREPARING / grant.COPY, current / grant.COPY)
    keyring = Keyring(analyst.keys)
    [fresh] = set(keyring.names()) - {grant.key_name(current.resolve().name)}
    monkeypatch.setattr(grant, "key_name", lambda _: fresh)
    return analyst


def test_attack_half_a_copy_is_opened(half: State) -> None:
    with pytest.raises(SafeHavenError, match="not whole"):
        grant.open_read_only(half)


def test_control_without_its_hash_half_a_copy_opens(half: State, monkeypatch: Patch) -> None:
    told = json.loads((half.warehouse / grant.CURRENT / grant.GRANT).read_bytes())["sha256"]
    monkeypatch.setattr(files, "file_sha256", lambda _: told)
    assert offices(half) == [("SWE",)]
    with pytest.raises(duckdb.CatalogException):
        ask(half, "from pseudonymised.core.dim_person")


def test_attack_what_is_being_prepared_is_pointed_at(half: State) -> None:
    current: Path = half.warehouse / grant.CURRENT
    shutil.copy(current / grant.GRANT, half.warehouse / copies.PREPARING)
    files.point(current, copies.PREPARING)
    with pytest.raises(SafeHavenError, match="not whole"):
        grant.open_read_only(half)
