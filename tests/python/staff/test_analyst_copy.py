"""A copy holds what its rules say, whole or not at all, and opens for who may have it."""

from __future__ import annotations

import datetime
import stat
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from staff_world import RULES, TODAY, World, ask, opened, set_clock

from safe_haven import plugin
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.query import command
from safe_haven.staff import copies, grant
from safe_haven.staff.command import analyst_copy_command
from safe_haven.zones import zone_file

CORE = "pseudonymised.core"


def count(analyst: State, relation: str) -> int:
    return ask(analyst, f"select count(*) from pseudonymised.{relation}")[0][0]


def test_a_copy_holds_the_rows_of_its_area_and_no_gated_one(analyst: State) -> None:
    found = {
        name: count(analyst, name)
        for name in (
            "core.fct_activity",
            "core.fct_apc_spell",
            "core.fct_apc_episode",
            "core.brg_diagnosis",
            "core.fct_community_contact",
            "core.fct_ambulance_incident",
            "core.dim_person",
            "core.dim_month",
            "governance.gov_staff_eligibility",
            "governance.gov_office_organisation",
        )
    }
    # contacts: one of each open person, where the sender withheld nothing; of two incidents the
    # one that leads to no gated record
    assert list(found.values()) == [1, 1, 1, 1, 2, 1, 2, 1, 2, 2]


def test_what_is_left_out_is_not_there(analyst: State) -> None:
    with opened(analyst) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    assert ("core", "fct_activity") in tables
    assert ("governance", "gov_objection_in_force") not in tables
    assert {schema for schema, _ in tables} == {"core", "governance"}


def test_keys_lead_from_table_to_table_inside_a_copy(analyst: State) -> None:
    joined = ask(
        analyst,
        f"select diagnosis_code from {CORE}.fct_activity as activity "
        f"join {CORE}.fct_apc_episode as episode on activity.activity_key = episode.spell_key "
        f"join {CORE}.brg_diagnosis using (record_key) "
        f"join {CORE}.dim_person as person on activity.person_key = person.person_key",
    )
    assert joined == [("I10",)]


def test_rows_stand_in_the_order_of_their_new_keys(world: World) -> None:
    world.sql(
        f"insert into {CORE}.fct_activity select uuid(), uuid(), 'SWE' from range(200)",
    )
    analyst = world.give()
    keys = ask(analyst, f"select activity_key::varchar from {CORE}.fct_activity")
    assert len(keys) == 201
    assert keys == sorted(keys)


def test_the_folder_is_for_its_owner_and_the_file_is_encrypted(
    world: World, analyst: State
) -> None:
    for path in world.state.analysts.parent.glob("analysts/**/*"):
        if not path.is_symlink() and path.name != "signing.pub.pem":
            assert stat.S_IMODE(path.stat().st_mode) in (0o600, 0o700), path
    content = (analyst.warehouse / grant.CURRENT / grant.COPY).read_bytes()
    assert b"fct_activity" not in content
    assert analyst.var.is_relative_to(world.state.analysts)


def test_the_log_says_who_was_given_what_and_holds_no_key(world: World, analyst: State) -> None:
    event = world.log()[-1]
    assert event.event == "analyst_copy_given"
    assert dict(event.detail) == {
        "staff_role": "analyst_swe",
        "office": "SWE",
        "copy": (analyst.warehouse / grant.CURRENT).resolve().name,
        "build_id": "b1",
    }


def test_a_new_copy_takes_the_place_of_the_one_before(world: World, analyst: State) -> None:
    before = (analyst.warehouse / grant.CURRENT).resolve().name
    world.give()
    after = (analyst.warehouse / grant.CURRENT).resolve().name
    assert before != after
    assert sorted(path.name for path in copies._copies(analyst)) == [after]
    keyring = Keyring(analyst.keys)
    assert keyring.names() == [grant.key_name(after)]
    assert keyring.destroyed() == [grant.key_name(before)]


def test_giving_a_copy_leaves_the_operators_keys_as_the_build_knows_them(world: World) -> None:
    before = world.keyring.names()
    world.give()
    assert world.keyring.names() == before


@pytest.mark.parametrize(
    ("staff_role", "reason"),
    [
        ("nobody", "not_on_the_staff_list"),
        ("lapsed", "training_not_valid"),
        ("manager", "not_an_analyst"),
    ],
)
def test_who_may_have_no_copy_is_refused_and_logged(
    world: World, staff_role: str, reason: str
) -> None:
    with pytest.raises(SafeHavenError, match=reason):
        world.give(staff_role)
    assert not list(world.state.analysts.rglob("*"))
    event = world.log()[-1]
    assert (event.event, event.detail["reasons"]) == ("analyst_copy_refused", [reason])


@pytest.mark.parametrize("day", [datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)])
def test_the_first_and_the_last_day_of_training_count(
    world: World, day: datetime.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, day)
    assert count(world.give(), "core.fct_activity") == 1


def test_a_copy_is_withdrawn_when_training_lapses(
    world: World, analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql(
        "update pseudonymised.seeds.staff_access set training_valid_to = '2027-12-31' "
        "where staff_role = 'analyst_yor'"
    )
    set_clock(monkeypatch, datetime.date(2027, 1, 1))
    world.give("analyst_yor")
    assert not copies._copies(analyst)
    assert Keyring(analyst.keys).names() == []
    told = [event for event in world.log() if event.event == "analyst_copy_withdrawn"]
    assert [dict(event.detail) for event in told] == [
        {"staff_role": "analyst_swe", "reasons": ["training_not_valid"]}
    ]
    with pytest.raises(SafeHavenError, match="There is no copy"):
        ask(analyst, "select 1")


def test_whoever_asks_after_training_lapsed_loses_the_copy_too(
    world: World, analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, datetime.date(2027, 1, 1))
    (world.state.analysts / "a folder of others").mkdir()
    with pytest.raises(SafeHavenError, match="training_not_valid"):
        world.give()
    assert not copies._copies(analyst)


def test_a_copy_is_withdrawn_when_its_analyst_works_for_another_office(
    world: World, analyst: State
) -> None:
    world.sql(
        "update pseudonymised.seeds.staff_access set office_code = 'YOR' "
        "where staff_role = 'analyst_swe'"
    )
    world.give("analyst_yor")
    assert world.log()[-2].detail["reasons"] == ["of_another_office"]
    assert not copies._copies(analyst)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (f"create table {CORE}.fct_new (record_key uuid)", "core.fct_new has no rule"),
        (f"create view {CORE}.fct_new as select 1 as n", "core.fct_new has no rule"),
        (f"alter table {CORE}.dim_month add column person_key uuid", "cannot be copied whole"),
        (f"alter table {CORE}.fct_activity add column more uuid[]", "keys inside other values"),
        (
            "update pseudonymised.seeds.analyst_copy set column_name = 'other' "
            "where rule = 'organisation'",
            "cannot be applied",
        ),
        (
            "update pseudonymised.seeds.analyst_copy set rule = 'any' where relation = 'dim_month'",
            "cannot be applied",
        ),
        ("update pseudonymised.meta.build_register set build_id = 'b2'", "more than one build"),
    ],
)
def test_a_warehouse_that_the_rules_do_not_fit_gives_no_copy(
    world: World, change: str, why: str
) -> None:
    world.sql(change)
    with pytest.raises(SafeHavenError, match=why):
        world.give()
    assert not (world.state.analysts / "analyst_swe" / "warehouse" / "analyst" / "current").exists()


@pytest.mark.parametrize(
    ("step", "has_copy"),
    [
        ("copies.rows.copy_rows", False),
        ("copies.grants.write", True),
        ("copies.events.record", True),
        ("copies.files.move", True),
        ("copies.files.move", False),
        ("copies.files.point", True),
        ("copies._forget", True),
        ("copies._forget", False),
    ],
)
def test_killed_at_every_step_leaves_the_old_copy_or_the_new(
    world: World, step: str, has_copy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_copy:
        world.give()
    analyst = copies.analyst_state(world.state, "analyst_swe")
    with monkeypatch.context() as patch:
        patch.setattr(f"safe_haven.staff.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            world.give()
    if has_copy or step == "copies._forget":
        assert count(analyst, "core.fct_activity") == 1
    else:
        with pytest.raises(SafeHavenError, match="There is no copy"):
            ask(analyst, "select 1")
    assert count(world.give(), "core.fct_activity") == 1
    assert len(copies._copies(analyst)) == len(Keyring(analyst.keys).names()) == 1
    assert not (analyst.warehouse / copies.PREPARING).exists()


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_every_relation_of_core_and_governance_has_a_rule() -> None:
    told = {line.split(",")[2] for line in RULES.read_text(encoding="utf-8").splitlines()[1:]}
    models = PROJECT_ROOT / "models"
    made = {
        path.stem
        for folder in ("core", "governance")
        for path in (models / folder).rglob("*.sql")
        if path.parent.name != "reasons"
    }
    assert told == made | {"gov_staff_eligibility"}


# The target of an analyst


def open_target(analyst: State, monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    """The connection that dbt gets."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(analyst.var))
    connection = duckdb.connect()
    made = plugin.Plugin("safe_haven.plugin", {"target": "analyst", "zones": "copy"})
    made.configure_connection(connection)
    return connection


def test_the_target_reads_the_copy_and_writes_its_own_file(
    analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_target(analyst, monkeypatch) as connection:
        databases = connection.execute(
            "select database_name, readonly from duckdb_databases() where not internal order by all"
        ).fetchall()
        assert databases == [("memory", False), ("pseudonymised", True), ("scratch", False)]
        connection.execute(f"create table scratch.main.mine as from {CORE}.fct_activity")
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute(f"create table {CORE}.mine as select 1 as n")
    assert ask(analyst, "select count(*) from scratch.main.mine") == [(1,)]


def test_attack_a_model_of_an_analyst_reads_a_key_or_attaches_a_file(
    world: World, analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, zone = world.keyring.path("zone-identifiable"), zone_file(world.state, "identifiable")
    with open_target(analyst, monkeypatch) as connection:
        for statement in attempts(key, zone):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(statement)


def test_control_without_the_lock_they_are_opened(
    world: World, analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "lock_down", lambda *_: None)
    key, zone = world.keyring.path("zone-identifiable"), zone_file(world.state, "identifiable")
    with open_target(analyst, monkeypatch) as connection:
        for statement in attempts(key, zone):
            connection.execute(statement)


def attempts(key: Path, zone: Path) -> list[str]:
    """What a model would run that wants more than its copy."""
    secret = key.read_text().strip()
    return [
        f"select content from read_text('{key}')",
        f"attach '{zone}' as stolen (ENCRYPTION_KEY '{secret}', READ_ONLY)",
    ]


def test_dbt_is_refused_on_the_day_after_the_last_of_training(
    analyst: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, datetime.date(2026, 12, 31))
    open_target(analyst, monkeypatch).close()
    set_clock(monkeypatch, datetime.date(2027, 1, 1))
    with pytest.raises(SafeHavenError, match="was valid until 2026-12-31"):
        open_target(analyst, monkeypatch)


def test_the_operators_own_folder_is_no_analysts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SafeHavenError, match="Set SAFE_HAVEN_VAR"):
        open_target(world.state, monkeypatch)


def test_the_verbs_work_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    given = CliRunner().invoke(analyst_copy_command, ["--staff=analyst_swe"])
    assert given.exit_code == 0, given.output
    folder = Path(given.output.splitlines()[0].partition(": ")[2])
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(folder))
    query = f"select count(*) as n from {CORE}.dim_person"
    read = CliRunner().invoke(command.sql_command, ["--target=analyst", query])
    assert (read.exit_code, read.output) == (0, "n\n2\n")
    set_clock(monkeypatch, TODAY + datetime.timedelta(days=365))
    refused = CliRunner().invoke(command.sql_command, ["--target=analyst", query])
    assert isinstance(refused.exception, SafeHavenError)
