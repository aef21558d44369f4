"""A load replaces all that is served, or nothing; readers see the old or the new, never a gap."""

from __future__ import annotations

import datetime
import pickle
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from live_world import PAST, PSEUDONYM, SPELLS, Live, agreements_of, changed
from release_world import BUILD_ID, World, open_quickly

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.release import current, cut, lifecycle, records, register, signing
from safe_haven.release.render import Table
from safe_haven.serve import load, packs, roles
from safe_haven.serve.packs import Agreement

OWN = "mart_activity_by_month"
VERSION = f"select distinct point_of_delivery from {OWN}"


@pytest.fixture(autouse=True)
def quick_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the tests of releases have it."""
    monkeypatch.setattr(cut, "current_build_id", lambda state: BUILD_ID)
    monkeypatch.setattr(cut, "open_read_only", open_quickly)


@pytest.fixture
def world(released: World, tmp_path: Path) -> World:
    """A copy of the released world, to be changed."""
    return released.copy(tmp_path / "var")


def version(agreements: Sequence[Agreement], code: str) -> list[Agreement]:
    """The same agreements with another point of delivery and another provider in every row."""

    def marked(table: Table) -> Table:
        columns = {"point_of_delivery", "provider_code"}.intersection(table.rows.column_names)
        return changed(table, **dict.fromkeys(columns, code))

    return [replace(item, tables=[marked(table) for table in item.tables]) for item in agreements]


# -- what is loaded ---------------------------------------------------------------------------


def test_a_recipient_sees_what_its_packs_hold(live: Live, current: list[Agreement]) -> None:
    for item in current:
        for table in item.tables:
            names = ", ".join(table.rows.column_names)
            found = live.rows(item.recipient, f"select agreement_id, {names} from {table.name}")
            expected = [(item.agreement, *row.values()) for row in table.rows.to_pylist()]
            assert found == expected
            assert found


def test_one_table_holds_the_rows_of_all_agreements(live: Live, current: list[Agreement]) -> None:
    (first,) = (item for item in current if item.agreement == "AGG-B")
    narrow = replace(first.tables[0], fields=first.tables[0].fields[:4])
    narrow = replace(narrow, rows=narrow.rows.select([field.name for field in narrow.fields]))
    live.load([*current, replace(first, agreement="AGG-C", tables=[narrow])])
    found = live.rows("QBB", f"select agreement_id, count(*), count(status) from {OWN} group by 1")
    rows = first.tables[0].rows.num_rows
    assert sorted(found) == [("AGG-B", rows, rows), ("AGG-C", rows, 0)]


def test_two_types_of_one_column_are_refused(live: Live, current: list[Agreement]) -> None:
    (first,) = (item for item in current if item.agreement == "AGG-B")
    fields = [replace(field, type="string") for field in first.tables[0].fields]
    other = replace(first, agreement="C", tables=[replace(first.tables[0], fields=tuple(fields))])
    with pytest.raises(SafeHavenError, match="two types"):
        live.load([*current, other])


def test_attack_a_row_of_another_recipient_cannot_be_stored(live: Live) -> None:
    row = "insert into recipient_qbb.mart_activity_by_month (recipient_code, agreement_id) "
    row += "values ('QAA', 'AGG-A')"
    with live.admin() as admin:
        with pytest.raises(psycopg.errors.CheckViolation):
            admin.execute(row)
        (name,) = admin.execute(
            "select conname from pg_constraint where contype = 'c' "
            "and conrelid = 'recipient_qbb.mart_activity_by_month'::regclass"
        ).fetchone() or ("",)
        admin.execute(f"alter table recipient_qbb.{OWN} drop constraint {name}")
        # The control: without the constraint it is stored, and still not shown.
        admin.execute(row)
    assert live.rows("QBB", f"select count(*) from {OWN} where recipient_code = 'QAA'") == [(0,)]


# -- the clock --------------------------------------------------------------------------------


def ending(current: list[Agreement], moment: datetime.datetime | None) -> list[Agreement]:
    """The current releases, those of QBB ending at `moment`."""
    return [
        replace(item, expires_at=moment) if item.recipient == "QBB" else item for item in current
    ]


def test_attack_an_agreement_that_ends_is_closed_at_once(
    live: Live, current: list[Agreement]
) -> None:
    tries = (f"select * from {OWN}", "execute asked_before")
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)
    live.load(ending(current, soon))
    with live.recipient("QBB") as connection:
        connection.execute("begin isolation level repeatable read")
        connection.execute("set local timezone = 'Pacific/Kiritimati'")
        connection.execute(f"prepare asked_before as select * from {OWN}")
        assert all(connection.execute(statement).fetchall() for statement in tries)
        time.sleep(max(0.0, (soon - datetime.datetime.now(datetime.UTC)).total_seconds()) + 0.1)
        assert [connection.execute(statement).fetchall() for statement in tries] == [[], []]
    # The control: without the end in its policy the rows are there.
    live.load(ending(current, None))
    assert live.rows("QBB", f"select * from {OWN}")


def test_an_agreement_that_has_not_begun_shows_nothing(
    live: Live, current: list[Agreement]
) -> None:
    future = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    live.load([replace(item, starts_at=future) for item in current])
    assert live.rows("QAA", f"select * from {OWN}") == []


def test_an_agreement_ends_after_its_last_day_in_london(world: World) -> None:
    world.sql(
        "update restricted.releases.rel_entitlement set item = replace(replace(item::varchar, "
        """'9998-12-31', '2027-06-30'), '"C-1"', '"C-1", "ends_on": "2027-05-31"')"""
    )
    world.release()
    item = agreements_of(world)[0]
    assert item.expires_at == datetime.datetime(2027, 5, 31, 23, tzinfo=datetime.UTC)
    world.sql(
        "update restricted.releases.rel_entitlement set item = replace(item::varchar, "
        """'"legal_basis"', '"legal_basis_ends_on": "2027-04-30", "legal_basis"')"""
    )
    world.release()
    (item, *_) = agreements_of(world)
    assert item.expires_at == datetime.datetime(2027, 4, 30, 23, tzinfo=datetime.UTC)
    assert item.starts_at == datetime.datetime(2025, 3, 31, 23, tzinfo=datetime.UTC)
    last = item.expires_at - datetime.timedelta(seconds=1)
    assert item.in_date(last) and not item.in_date(item.expires_at)
    assert not item.in_date(PAST)


# -- what is refused --------------------------------------------------------------------------


def byte_changed(world: World) -> None:
    """A CSV file that is not what was signed."""
    path = world.aggregate / f"data/{OWN}.csv"
    path.write_bytes(path.read_bytes().replace(b"day_case", b"day_casf"))


def foreign_row(world: World) -> None:
    """A pack with a row of another recipient, correctly signed and registered."""
    world.sql(
        "insert into restricted.releases.rel_activity_by_month select 'AGG-B', "
        "* exclude (agreement_id) from restricted.releases.rel_activity_by_month "
        "where agreement_id = 'AGG-A' and sub_icb_code = '01A'"
    )
    world.publish_without_proof("AGG-B")


def foreign_record(world: World) -> None:
    """The same in an encrypted pack."""
    world.sql("update restricted.releases.rel_apc_spell set responsible_commissioner_code = '02A'")
    world.publish_without_proof("REC-A")


def link_moved(world: World) -> None:
    """`current` leads to a release that is not the registered one."""
    link = world.state.releases / "QAA/AGG-A/current"
    link.unlink()
    link.symlink_to("0" * 32)


def folders_swapped(world: World) -> None:
    """Where QAA's tables belong is another recipient's pack, whole, signed and registered."""
    own, other = world.aggregate, world.folder("QBB", "AGG-B")
    shutil.rmtree(own)
    shutil.copytree(other, own)


def unregistered(world: World) -> None:
    """A folder that the register does not know."""
    (world.state.releases / "QZZ").symlink_to(world.state.releases / "QAA")


def register_changed(world: World) -> None:
    """A register that was edited."""
    path = world.state.register / register.FILE
    path.write_bytes(path.read_bytes().replace(b"current", b"currant"))


def another_key(world: World) -> None:
    """The recipient's key is not the one that the rows are encrypted with."""
    world.keyring.path("recipient-QAA").write_text("0" * 64)


def nothing(*_: object) -> Iterator[str]:
    """A check that is off."""
    return iter(())


PROOF = (current, "findings", nothing)
LINKS = (packs, "_unregistered", nothing)
SIGNED = (signing, "is_signed", lambda *_: True)
CHAIN = (register, "_check_chain", nothing)
KNOWN_KEYS = (Keyring, "records", lambda _: {})
SEALED = (records, "read_container", lambda *_: [])
IN_DOUBT: dict[Callable[[World], None], tuple[tuple[Any, ...], ...]] = {
    byte_changed: (PROOF,),
    foreign_row: (PROOF,),
    foreign_record: (PROOF,),
    link_moved: (LINKS,),
    folders_swapped: (PROOF,),
    unregistered: (LINKS,),
    register_changed: (SIGNED, CHAIN, LINKS),
    another_key: (KNOWN_KEYS, PROOF, SEALED),
}
"""What puts a pack in doubt, and the checks that find it."""


@pytest.mark.parametrize("break_it", IN_DOUBT, ids=lambda change: change.__name__)
def test_attack_one_pack_in_doubt_refuses_all(
    world: World, break_it: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control switches off the checks that find it, one after another: nothing is refused."""
    assert len(agreements_of(world)) == 3
    break_it(world)
    for check in IN_DOUBT[break_it]:
        with pytest.raises(SafeHavenError) as refusal:
            agreements_of(world)
        assert PSEUDONYM not in str(refusal.value)
        monkeypatch.setattr(*check)
    agreements_of(world)


def test_control_a_foreign_row_is_read_without_the_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of `foreign_row`: the proof is what keeps it out."""
    foreign_row(world)
    monkeypatch.setattr(current, "findings", lambda *given: iter(()))
    (item,) = (item for item in agreements_of(world) if item.agreement == "AGG-B")
    assert "01A" in item.tables[0].rows["sub_icb_code"].to_pylist()


def test_control_swapped_folders_are_read_without_the_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of `folders_swapped`: QAA would read the tables of QBB."""
    folders_swapped(world)
    monkeypatch.setattr(current, "findings", lambda *given: iter(()))
    (item,) = (item for item in agreements_of(world) if item.agreement == "AGG-A")
    assert "02A" in item.tables[0].rows["sub_icb_code"].to_pylist()


RIGHTS, STRANGERS = "findings", "check_database"
GIVEN_AWAY = {
    "membership": (
        "grant recipient_qaa to recipient_qbb",
        "revoke recipient_qaa from recipient_qbb",
        RIGHTS,
    ),
    "owner": (
        "grant safe_haven_owner to recipient_qbb",
        "revoke safe_haven_owner from recipient_qbb",
        RIGHTS,
    ),
    "schema": (
        "grant create on schema public to recipient_qbb",
        "revoke create on schema public from recipient_qbb",
        RIGHTS,
    ),
    "another database": (
        "grant connect on database postgres to public",
        "revoke connect on database postgres from public",
        RIGHTS,
    ),
    "temporary tables": (
        "grant temporary on database safe_haven to recipient_qbb",
        "revoke temporary on database safe_haven from recipient_qbb",
        RIGHTS,
    ),
    "language": (
        "grant usage on language plpgsql to recipient_qbb",
        "revoke usage on language plpgsql from recipient_qbb",
        RIGHTS,
    ),
    "function": (
        "grant execute on function pg_sleep(float8) to recipient_qbb",
        "revoke execute on function pg_sleep(float8) from recipient_qbb",
        RIGHTS,
    ),
    "a table of somebody": (
        "create table public.x (y text)",
        "drop table public.x",
        STRANGERS,
        RIGHTS,
    ),
    "an extension": ("create extension hstore", "drop extension hstore", STRANGERS),
}


@pytest.mark.parametrize("given", GIVEN_AWAY)
def test_attack_rights_given_by_hand_refuse_the_load(
    live: Live, current: list[Agreement], given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control switches off the checks that find it, one after another, and loads."""
    grant, revoke, *checks = GIVEN_AWAY[given]
    agreements = version(current, "NEW")
    with live.admin() as admin:
        admin.execute(grant)
    try:
        for check in checks:
            with pytest.raises(SafeHavenError):
                live.load(agreements)
            assert live.rows("QAA", VERSION) == [("day_case",)]
            monkeypatch.setattr(roles, check, nothing)
        live.load(agreements)
        assert live.rows("QAA", VERSION) == [("NEW",)]
    finally:
        with live.admin() as admin:
            admin.execute(revoke)
    monkeypatch.undo()
    live.load(version(current, "LATER"))
    assert live.rows("QAA", VERSION) == [("LATER",)]


WEAKENED = {
    "alter role recipient_qbb bypassrls": "attribute of an administrator",
    "grant recipient_qbb to recipient_qaa": "is a member of",
    f"alter table {SPELLS} no force row level security": "no forced row-level security",
    f"alter table {SPELLS} owner to safe_haven_admin": "is not owned by",
    f"create view recipient_qbb.all_spells as select * from {SPELLS}": "no forced row-level",
    f"grant select (provider_code) on {SPELLS} to recipient_qbb": "may read",
    f"grant update (provider_code) on {SPELLS} to recipient_qaa": "may change",
    f"grant truncate on {SPELLS} to public": "may change",
    "grant usage on schema recipient_qaa to recipient_qbb": "may enter schema",
    "grant create on schema recipient_qbb to recipient_qbb": "may create in schema",
    "grant temporary on database safe_haven to public": "may create in database",
    "grant connect on database postgres to recipient_qbb": "may connect to database",
    "grant usage on language sql to public": "may write sql",
    "grant execute on function pg_lock_status() to public": "may call pg_lock_status",
}


@pytest.mark.parametrize("statement", WEAKENED)
def test_a_right_too_many_is_found(_server: Live, current: list[Agreement], statement: str) -> None:
    with _server.admin() as admin, admin.transaction(force_rollback=True):
        load.load(admin, current, _server.password)
        names = ["recipient_qaa", "recipient_qbb"]
        assert list(roles.findings(admin, names)) == []
        admin.execute(statement)
        assert any(WEAKENED[statement] in found for found in roles.findings(admin, names))


@pytest.mark.parametrize("forced", [True, False])
def test_attack_the_owner_of_a_table_sees_no_row(live: Live, forced: bool) -> None:
    """The control takes the force away."""
    with live.admin() as admin:
        if not forced:
            admin.execute(f"alter table {SPELLS} no force row level security")
        admin.execute("set role safe_haven_owner")
        assert admin.execute(f"select count(*) from {SPELLS}").fetchone() == (0 if forced else 6,)


def test_a_load_takes_away_what_an_administrator_gave(live: Live, current: list[Agreement]) -> None:
    with live.admin() as admin:
        admin.execute("alter role recipient_qbb superuser createrole bypassrls")
        admin.execute("grant execute on function pg_sleep(float8) to public")
    live.load(current)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        live.rows("QBB", f"select * from {SPELLS}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        live.rows("QBB", "select pg_sleep(0)")


def test_recipients_whose_roles_would_be_one_are_refused(
    live: Live, current: list[Agreement]
) -> None:
    with pytest.raises(SafeHavenError, match="case"):
        live.load([*current, replace(current[0], recipient="qAA")])
    with pytest.raises(SafeHavenError, match="too long"):
        live.load([*current, replace(current[0], recipient="Q" * 64)])


@pytest.mark.parametrize("code", ['Q"; drop schema recipient_qaa cascade; --', "../QAA", "Q A"])
def test_attack_a_recipient_whose_code_is_sql_or_a_path_refuses_the_load(
    live: Live, current: list[Agreement], code: str
) -> None:
    """The control asks nobody for a password by that name, and so loads; SQL stays a name."""
    agreements = [*current, replace(current[0], recipient=code)]
    with pytest.raises(SafeHavenError):
        live.load(agreements)
    assert live.rows("QAA", VERSION) == [("day_case",)]
    own = {
        roles.role_of(item.recipient): live.password(roles.role_of(item.recipient))
        for item in current
    }
    with live.admin() as admin:
        load.load(admin, agreements, lambda role: own.get(role, "x" * 32))
        (found,) = admin.execute(
            "select count(*) from pg_roles where rolname = %s", [roles.role_of(code)]
        ).fetchone() or (0,)
        assert found == 1
        # As a program would that writes a code into a statement.
        if ";" in code:
            admin.execute(f'select 1 as "{code}')
            with pytest.raises(psycopg.errors.UndefinedTable):
                admin.execute(f"select 1 from {SPELLS}")


def test_attack_a_value_that_is_sql_is_a_value(live: Live, current: list[Agreement]) -> None:
    """The control puts the same text into a statement, as a program without parameters would."""
    text = "x'; drop table recipient_qaa.apc_spell; --"
    live.load(version(current, text))
    assert live.rows("QAA", "select distinct provider_code from apc_spell") == [(text,)]
    with live.admin() as admin:
        admin.execute(f"select count(*) from {SPELLS} where provider_code = '{text}'")
        with pytest.raises(psycopg.errors.UndefinedTable):
            admin.execute(f"select 1 from {SPELLS}")


# -- from one release to the next -------------------------------------------------------------


def test_a_superseded_release_is_gone_with_the_next_load(live: Live, world: World) -> None:
    world.sql("update restricted.releases.rel_apc_spell set length_of_stay_days = 77")
    assert world.release()["REC-A"] == cut.RELEASED
    live.load(agreements_of(world))
    assert live.rows("QAA", "select distinct length_of_stay_days from apc_spell") == [(77,)]


def test_a_recipient_without_a_current_release_is_gone(live: Live, world: World) -> None:
    """After the recall of all it had."""
    given = world.folder("QBB", "AGG-B").name
    assert lifecycle.recall(world.state, "QBB", "AGG-B", given, "a wrong month") is None
    with live.recipient("QBB") as connection:
        assert connection.execute(f"select * from {OWN}").fetchall()
        live.load(agreements_of(world))
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        live.recipient("QBB")
    assert live.rows("QAA", f"select * from {OWN}")


# -- readers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("frozen", [True, False])
def test_attack_a_snapshot_older_than_the_load_finds_no_gap(
    live: Live, current: list[Agreement], monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    """The control loads in PostgreSQL's usual way, where such a reader finds an empty table."""
    if not frozen:
        execute = psycopg.sql.SQL.format

        def thawed(self: psycopg.sql.SQL, *parts: Any, **named: Any) -> psycopg.sql.Composed:
            return execute(psycopg.sql.SQL(self._obj.replace(", freeze true", "")), *parts, **named)

        monkeypatch.setattr(psycopg.sql.SQL, "format", thawed)
    with live.recipient("QAA") as connection:
        connection.execute("begin isolation level repeatable read")
        connection.execute("select 1")
        live.load(version(current, "NEW"))
        found = connection.execute(VERSION).fetchall()
    assert found == ([("NEW",)] if frozen else [])


def test_concurrent_readers_see_the_old_or_the_new(live: Live, current: list[Agreement]) -> None:
    versions = [version(current, code) for code in ("AAA", "BBB")]
    live.load(versions[0])
    seen: list[list[tuple[Any, ...]]] = []
    wrong: list[object] = []
    done = threading.Event()

    def read(isolation: str) -> None:
        try:
            with live.recipient("QAA") as connection:
                while not done.is_set():
                    connection.execute(f"begin isolation level {isolation}")
                    first = connection.execute(VERSION).fetchall()
                    second = connection.execute(
                        "select distinct provider_code from apc_spell"
                    ).fetchall()
                    connection.execute("commit")
                    seen.append(first)
                    if first not in ([("AAA",)], [("BBB",)]) or first != second:
                        wrong.append((isolation, first, second))
        except psycopg.Error as error:
            wrong.append(error)

    readers = [
        threading.Thread(target=read, args=[isolation])
        for isolation in ("read committed", "repeatable read")
    ]
    for reader in readers:
        reader.start()
    for turn in range(1, 7):
        live.load(versions[turn % 2])
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert [("AAA",)] in seen and [("BBB",)] in seen


def test_readers_in_any_order_are_waited_for_and_never_ended(
    live: Live, current: list[Agreement]
) -> None:
    """At any moment one holds its first table, and soon asks for its second: after the load was
    once found not to be in a deadlock, and before it would be found to be in one."""
    tables = (OWN, "apc_spell")
    done = threading.Event()
    wrong: list[object] = []

    def read(order: Sequence[str], first_wait: float) -> None:
        try:
            with live.recipient("QAA") as connection:
                time.sleep(first_wait)
                while not done.is_set():
                    with connection.transaction():
                        connection.execute(f"select * from {order[0]}")
                        time.sleep(0.3)
                        connection.execute(f"select * from {order[1]}")
        except psycopg.Error as error:
            wrong.append(error)

    for order in (tables, tables[::-1]):
        done.clear()
        readers = [threading.Thread(target=read, args=[order, wait]) for wait in (0.0, 0.15)]
        for reader in readers:
            reader.start()
        live.load(version(current, "NEW"), patience=20)
        done.set()
        for reader in readers:
            reader.join()
    assert wrong == []


@pytest.mark.parametrize("ended", [True, False])
def test_attack_a_reader_that_never_ends_holds_up_no_load(
    live: Live, current: list[Agreement], monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """The control does not end such readers, and cannot load."""
    if not ended:
        monkeypatch.setattr(load, "END_HOLDERS", "select %s::oid[]")
    new = version(current, "NEW")
    with suppress(psycopg.OperationalError), live.recipient("QAA") as connection:
        connection.execute("begin")
        connection.execute(f"select * from {OWN}")
        if ended:
            live.load(new, patience=0.2)
        else:
            with pytest.raises(SafeHavenError, match="readers hold"):
                live.load(new, patience=0.05)
    assert live.rows("QAA", VERSION) == [("NEW" if ended else "day_case",)]


# -- kill -9 ----------------------------------------------------------------------------------

AFTER_THE_COMMIT = 4
"""The lock, what there is to remove, and the closed schemas of two recipients."""
LOADER = """
import os, pickle, signal, sys
import psycopg
from safe_haven.serve import load

agreements, dsn, passwords = pickle.load(open(sys.argv[1], "rb"))
real, stops = psycopg.Connection.execute, [int(stop) for stop in sys.argv[2:]]
for stop in stops:
    if (child := os.fork()) == 0:
        count = 0
        def execute(*given, **named):
            global count
            count += 1
            if count == stop:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)
        psycopg.Connection.execute = execute
        load.load(psycopg.connect(dsn, autocommit=True), agreements, passwords.get)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else "loaded", flush=True)
    sys.stdin.readline()
"""


def statements_of_a_load(live: Live, agreements: Sequence[Agreement]) -> int:
    """How many statements a load is, up to its commit."""
    count, real = 0, psycopg.Connection.execute
    with pytest.MonkeyPatch.context() as patch:

        def execute(*given: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            return real(*given, **named)

        patch.setattr(psycopg.Connection, "execute", execute)
        # Its last statements are in a transaction of their own: the lock, and a removal.
        live.load(agreements)
    return count - AFTER_THE_COMMIT


def test_attack_a_load_killed_at_any_statement_leaves_the_old(
    live: Live, current: list[Agreement], tmp_path: Path
) -> None:
    whole = statements_of_a_load(live, current)
    after = whole + AFTER_THE_COMMIT
    # The one before the last leaves closed schemas, which the last removes first.
    stops = [*range(1, whole, 8), whole, after, after + 100]
    given = tmp_path / "given"
    new = version(current, "NEW")
    dsn = f"{live.server.dsn('safe_haven_admin')} password={live.password('safe_haven_admin')}"
    names = ("recipient_qaa", "recipient_qbb")
    given.write_bytes(pickle.dumps((new, dsn, {name: live.password(name) for name in names})))
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, given, *map(str, stops)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as loader:
        assert loader.stdin and loader.stdout
        for stop in stops:
            end = loader.stdout.readline().strip()
            assert end == ("loaded" if stop > after else "9")
            # The control is the last, which nobody kills.
            expected = "NEW" if stop > whole else "day_case"
            assert live.rows("QAA", VERSION) == [(expected,)], stop
            assert live.rows("QBB", VERSION) == [(expected,)], stop
            loader.stdin.write("\n")
            loader.stdin.flush()


def test_the_world_has_two_recipients(current: list[Agreement]) -> None:
    """Else no attack of this folder has anything to find."""
    assert {item.recipient for item in current} == {"QAA", "QBB"}


def test_what_was_made_and_never_put_in_place_is_removed(
    live: Live, current: list[Agreement]
) -> None:
    with live.admin() as admin:
        admin.execute(f"create schema {load.NEW}recipient_qaa authorization {load.OWNER}")
        live.load(current)
        found = admin.execute(
            "select nspname from pg_namespace where starts_with(nspname, %s)", [load.NEW]
        ).fetchall()
    assert found == []
