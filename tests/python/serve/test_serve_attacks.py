"""What recipient QBB tries, by SQL, to see or do more than read its own rows.

Each attack is made twice: on the database as it is loaded, where it must fail, and on a copy in
which the defence that it names is off (the control), where it must succeed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from live_world import EXPIRED_PROVIDER, PSEUDONYM, SPELLS, Live, told, with_expired

from safe_haven.serve import server
from safe_haven.serve.packs import Agreement

OWN = "recipient_qbb.mart_activity_by_month"
READ = f"select * from {SPELLS}"
GRANTED = (
    "grant usage on schema recipient_qaa to recipient_qbb",
    f"grant select on {SPELLS} to recipient_qbb",
)
NO_RLS = (f"alter table {SPELLS} disable row level security",)
OPEN = (*GRANTED, *NO_RLS)
ANALYSED = (f"analyze {SPELLS}",)
ALL_FUNCTIONS = ("grant execute on all functions in schema pg_catalog to public",)
# The usual design instead of ours: the rows of all recipients in one table, with a policy.
SHARED = (
    f"alter table {OWN} rename to base",
    f"create table {OWN} as select * from recipient_qaa.mart_activity_by_month, "
    "generate_series(1, 3) union all select *, 1 from recipient_qbb.base",
    f"alter table {OWN} enable row level security",
    f"grant select on {OWN} to recipient_qbb",
    f"analyze {OWN}",
)
BY_CODE = (*SHARED, f"create policy own on {OWN} using (recipient_code = 'QBB')")
BY_SETTING = (
    *SHARED,
    f"create policy own on {OWN} using (recipient_code = current_setting('haven.recipient', true))",
)
# A view of a superuser that hides rows of an agreement that has ended.
BY_VIEW = (
    "alter table recipient_qbb.apc_spell rename to base_spell",
    "create view recipient_qbb.apc_spell as select * from recipient_qbb.base_spell "
    "where agreement_id in (select 'AGG-B' union all select 'AGG-C')",
    "grant select on recipient_qbb.apc_spell to recipient_qbb",
)


@dataclass(frozen=True)
class Attack:
    """What is tried, what it is after (a pattern), and which defence is off in the control.

    `given` is granted to the attacker from the start; `undo` is for what reaches all databases.
    """

    tries: tuple[str, ...]
    prize: str
    off: tuple[str, ...]
    given: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()


def membership(role: str, *tries: str) -> Attack:
    """An attack by a role that the attacker is no member of."""
    grant = (f"grant {role} to recipient_qbb",)
    return Attack((*tries, READ), PSEUDONYM, grant, undo=(f"revoke {role} from recipient_qbb",))


def server_right(role: str, *tries: str, prize: str) -> Attack:
    """An attack that needs a predefined role."""
    grant = (f"grant {role} to recipient_qbb",)
    undo = (f"revoke {role} from recipient_qbb",)
    return Attack((f"set role {role}", *tries), prize, grant, undo=undo)


def parameter(right: str, name: str, *tries: str, prize: str) -> Attack:
    """An attack on a setting that is not the attacker's to change."""
    what = f"{right} on parameter {name}"
    undo = (f"revoke {what} from recipient_qbb", f"alter system reset {name}")
    return Attack(tries, prize, (f"grant {what} to recipient_qbb",), undo=undo)


ATTACKS = {
    # rows of another recipient
    "another_schema": Attack((READ,), PSEUDONYM, OPEN),
    "rows_although_granted": Attack((READ,), PSEUDONYM, NO_RLS, given=GRANTED),
    "row_security_off": Attack(("set row_security = off", READ), PSEUDONYM, NO_RLS, given=GRANTED),
    "search_path": Attack(
        ("set search_path = recipient_qaa", "select * from apc_spell"), PSEUDONYM, OPEN
    ),
    "copy_out": Attack((f"copy {SPELLS} to stdout",), PSEUDONYM, OPEN),
    "query_to_xml": Attack((f"select query_to_xml('{READ}', true, false, '')",), PSEUDONYM, OPEN),
    "database_to_xml": Attack(("select database_to_xml(true, false, '')",), PSEUDONYM, OPEN),
    "text_statistics": Attack(
        (f"select word from ts_stat('select to_tsvector(provider_code) from {SPELLS}')",),
        "^raa",
        OPEN,
    ),
    "a_setting_names_the_recipient": Attack(
        ("set haven.recipient = 'QAA'", f"select * from {OWN}"), "01A", BY_SETTING
    ),
    # other roles
    "set_role": membership("recipient_qaa", "set role recipient_qaa"),
    "set_config_role": membership(
        "recipient_qaa", "select set_config('role', 'recipient_qaa', false)"
    ),
    "set_role_owner": membership(
        "safe_haven_owner",
        "set role safe_haven_owner",
        f"alter table {SPELLS} disable row level security",
    ),
    "set_role_administrator": membership("safe_haven_admin", "set role safe_haven_admin"),
    "set_session_authorization": Attack(
        ("set session authorization recipient_qaa", READ),
        PSEUDONYM,
        ("alter role recipient_qbb superuser",),
        undo=("alter role recipient_qbb nosuperuser",),
    ),
    "alter_a_role": Attack(
        (
            "alter role recipient_qbb bypassrls",
            "alter role recipient_qbb superuser",
            "alter role recipient_qaa connection limit 20",
        ),
        "ALTER ROLE",
        ("alter role recipient_qbb createrole",),
        undo=("alter role recipient_qbb nocreaterole",),
    ),
    "password_hashes": Attack(
        ("select passwd from pg_shadow", "select rolpassword from pg_authid"),
        r"SCRAM-SHA-256\$",
        ("grant select on pg_authid to recipient_qbb",),
    ),
    # rows of one's own agreement that has ended
    "expired_rows": Attack(
        ("select * from apc_spell",),
        EXPIRED_PROVIDER,
        ("alter table recipient_qbb.apc_spell disable row level security",),
    ),
    "expired_rows_by_a_failing_cast": Attack(
        ("select 1 from apc_spell where provider_code::integer = 1",), EXPIRED_PROVIDER, BY_VIEW
    ),
    "expired_rows_by_division": Attack(
        (
            "select 1 from apc_spell "
            f"where 1 / (case provider_code when '{EXPIRED_PROVIDER}' then 0 else 1 end) = 1",
        ),
        "division by zero",
        BY_VIEW,
    ),
    "expired_rows_by_a_leaky_operator": Attack(
        ("select 1 from apc_spell where ('[' || provider_code)::json is null",),
        EXPIRED_PROVIDER,
        BY_VIEW,
    ),
    "alter_own_policy": Attack(
        (
            "set role safe_haven_owner",
            f"alter table {OWN} disable row level security",
            f"drop policy own_rows on {OWN}",
        ),
        "ALTER TABLE|DROP POLICY",
        ("grant safe_haven_owner to recipient_qbb",),
        undo=("revoke safe_haven_owner from recipient_qbb",),
    ),
    # what statistics and plans tell
    "pg_stats": Attack(
        ("select most_common_vals, histogram_bounds from pg_stats",),
        PSEUDONYM,
        NO_RLS,
        given=(*GRANTED, *ANALYSED),
    ),
    "pg_statistic": Attack(
        ("select stavalues1, stavalues2 from pg_statistic",),
        PSEUDONYM,
        ("grant select on pg_statistic to recipient_qbb",),
        given=ANALYSED,
    ),
    "number_of_rows_in_the_catalog": Attack(
        ("select relname, reltuples from pg_class where relname = 'apc_spell'",),
        r"apc_spell\|6",
        ANALYSED,
    ),
    "plan_of_another_table": Attack((f"explain {READ}",), "rows=6 ", (*OPEN, *ANALYSED)),
    "plan_counts_hidden_rows": Attack(
        (f"explain analyze select * from {OWN}",), "Rows Removed by Filter", BY_CODE
    ),
    "plan_estimates_hidden_rows": Attack(
        (f"explain select * from {OWN} where sub_icb_code = '01A'",), r"rows=([2-9]|\d\d)", BY_CODE
    ),
    "gaps_between_rows": Attack(
        (f"select 'hidden rows' from {OWN} having max((ctid::text::point)[1]) > count(*)",),
        "^hidden rows",
        BY_CODE,
    ),
    "size_of_another_table": Attack(
        ("select relname, pg_relation_size(oid, 'main') from pg_class where relname ~ '^apc'",),
        r"apc_spell\|8192",
        ALL_FUNCTIONS,
    ),
    "rows_counted_by_the_monitor": Attack(
        ("select relname, n_live_tup from pg_stat_all_tables where relname = 'apc_spell'",),
        r"apc_spell\|\d",
        ALL_FUNCTIONS,
    ),
    "who_is_connected": Attack(
        ("select usename from pg_stat_activity",), "safe_haven_admin", ALL_FUNCTIONS
    ),
    "what_others_lock": Attack(("select mode from pg_locks",), "AccessShareLock", ALL_FUNCTIONS),
    # the server's files and programs
    "copy_to_file": server_right(
        "pg_write_server_files",
        "copy (select 1) to '{folder}/attack'",
        prize="COPY 1",
    ),
    "copy_to_program": server_right(
        "pg_execute_server_program", "copy (select 1) to program 'cat'", prize="COPY 1"
    ),
    "read_file": Attack(
        ("select pg_read_file('pg_hba.conf')",),
        "scram",
        ("grant execute on function pg_read_file(text) to recipient_qbb",),
    ),
    "rules_of_access": Attack(
        ("select * from pg_hba_file_rules",),
        "scram",
        (*ALL_FUNCTIONS, "grant select on pg_hba_file_rules to recipient_qbb"),
    ),
    "list_folder": Attack(
        ("select pg_ls_dir('.')",),
        "PG_VERSION",
        ("grant execute on function pg_ls_dir(text) to recipient_qbb",),
    ),
    "large_object_from_file": Attack(
        (
            "select lo_import('{folder}/pg_hba.conf', 4242)",
            "select encode(lo_get(4242), 'escape')",
        ),
        "scram",
        ALL_FUNCTIONS,
    ),
    "large_object": Attack(("select lo_from_bytea(0, 'kept')",), r"^\d+$", ALL_FUNCTIONS),
    # code and things of one's own
    "do_block": Attack(
        ("do $$ begin raise notice 'it ran'; end $$",),
        "it ran",
        ("grant usage on language plpgsql to recipient_qbb",),
    ),
    "function": Attack(
        ("create function recipient_qbb.leak(text) returns text language sql as 'select $1'",),
        "CREATE FUNCTION",
        (
            "grant create on schema recipient_qbb to recipient_qbb",
            "grant usage on language sql to recipient_qbb",
        ),
    ),
    "view_as_bait": Attack(
        ("create view recipient_qbb.bait as select 1",),
        "CREATE VIEW",
        ("grant create on schema recipient_qbb to recipient_qbb",),
    ),
    "table_in_public": Attack(
        ("create table public.kept (x integer)",),
        "CREATE TABLE",
        ("grant all on schema public to recipient_qbb",),
    ),
    "temporary_table": Attack(
        ("create temporary table kept (x integer)",),
        "CREATE TABLE",
        ("grant temporary on database control to recipient_qbb",),
    ),
    "schema": Attack(
        ("create schema kept",),
        "CREATE SCHEMA",
        ("grant create on database control to recipient_qbb",),
    ),
    "extension": Attack(
        ("create extension dblink", "create extension hstore schema recipient_qbb"),
        "CREATE EXTENSION",
        (
            "grant create on database control to recipient_qbb",
            "grant create on schema recipient_qbb to recipient_qbb",
        ),
    ),
    "change_rows": Attack(
        (
            f"delete from {OWN} where false",
            f"update {OWN} set records = 0 where false",
            f"truncate {OWN}",
        ),
        "DELETE 0",
        (f"grant delete on {OWN} to recipient_qbb",),
    ),
    # standing in the way of a load
    "lock_table": Attack(
        ("begin", f"lock table {OWN} in access exclusive mode"),
        "LOCK TABLE",
        (f"grant truncate on {OWN} to recipient_qbb",),
    ),
    "advisory_lock": Attack(
        ("select 'held' from (select pg_advisory_lock(5308416)) as lock",), "^held", ALL_FUNCTIONS
    ),
    "sleep": Attack(
        ("select 'slept' from (select pg_sleep(0.01)) as nap",), "^slept", ALL_FUNCTIONS
    ),
    # settings of the server
    "no_limit_to_spill_files": parameter(
        "set", "temp_file_limit", "set temp_file_limit = -1", prize="^SET"
    ),
    "constraints_off": parameter(
        "set",
        "session_replication_role",
        "set session_replication_role = replica",
        prize="^SET",
    ),
    "listen_to_the_world": parameter(
        "alter system",
        "listen_addresses",
        "alter system set listen_addresses = '*'",
        prize="ALTER SYSTEM",
    ),
}


@pytest.fixture(scope="module")
def loaded(_server: Live, current: list[Agreement]) -> Iterator[Live]:
    """The server with all that these attacks are after; `control` may be connected to as well."""
    _server.load(with_expired(current))
    hba = server.folder_of(_server.state) / "pg_hba.conf"
    rules = hba.read_text()
    more = "host control all 127.0.0.1/32 scram-sha-256\n"
    for text in (rules + more, rules):
        hba.write_text(text)
        with _server.admin() as admin:
            admin.execute("select pg_reload_conf()")
        if text != rules:
            yield _server


@contextmanager
def copy_of(live: Live, *statements: str) -> Iterator[str]:
    """A copy of the database on which an administrator ran `statements`."""
    with live.admin() as admin:
        admin.execute(f"create database control template {server.DATABASE}")
        admin.execute("revoke all on database control from public")
        admin.execute("grant connect on database control to recipient_qbb")
    try:
        with live.admin("control") as admin:
            for statement in statements:
                admin.execute(statement)
        yield "control"
    finally:
        with live.admin() as admin:
            admin.execute("drop database control with (force)")


def attempt(live: Live, attack: Attack, database: str) -> str:
    """What the attacker learns."""
    folder = str(server.folder_of(live.state))
    with live.recipient("QBB", database) as connection:
        return told(connection, [each.replace("{folder}", folder) for each in attack.tries])


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_by_sql(loaded: Live, name: str) -> None:
    attack = ATTACKS[name]
    if attack.given:
        with copy_of(loaded, *attack.given) as database:
            found = attempt(loaded, attack, database)
    else:
        found = attempt(loaded, attack, server.DATABASE)
    assert not re.search(attack.prize, found, re.MULTILINE), found
    try:
        with copy_of(loaded, *attack.given, *attack.off) as database:
            found = attempt(loaded, attack, database)
    finally:
        with loaded.admin() as admin:
            for statement in attack.undo:
                admin.execute(statement)
    assert re.search(attack.prize, found, re.MULTILINE), f"the control failed: {found}"
