"""Load what is to be served into PostgreSQL: everything in one transaction, or nothing.

Each recipient has a schema of its own, with its own rows and no others. New schemas are filled
beside the old ones and take their place at the end, while nobody reads the old ones. Rows are
loaded as frozen: a reader whose snapshot is older than the load finds all of them, not none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby

import psycopg
import pyarrow as pa
from psycopg import errors, sql

from safe_haven.errors import SafeHavenError
from safe_haven.release.render import Field, Table, to_csv
from safe_haven.serve import roles
from safe_haven.serve.packs import Agreement
from safe_haven.serve.roles import OWNER, Connection

POSTGRES_TYPE = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "date": "date",
    "boolean": "boolean",
}
RECIPIENT, AGREEMENT = "recipient_code", "agreement_id"
OWN_FIELDS = (Field(RECIPIENT, "string", ""), Field(AGREEMENT, "string", ""))
NEW, OLD = "new_", roles.CLOSED_SCHEMA
ONE_LOAD_AT_A_TIME = 5_308_416
PATIENCE_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHORT_WAIT_SECONDS = 0.05
ATTEMPTS = 10

OLD_SCHEMAS = "select nspname from pg_namespace where pg_get_userbyid(nspowner) = %s"
OLD_TABLES = """
select oid, oid::regclass::text from pg_class
where relkind = 'r' and pg_get_userbyid(relowner) = %s
"""
END_HOLDERS = """
select pg_terminate_backend(pid, 1000) from (
    select distinct pid from pg_locks
    where relation = any(%s) and granted and pid <> pg_backend_pid()
) as holder
"""


def load(
    connection: Connection,
    agreements: Sequence[Agreement],
    password: Callable[[str], str],
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Replace all that is served by `agreements`. A reader has `patience` seconds to finish.

    Errors: SafeHavenError when a recipient could do more than read its own rows; psycopg.Error.
    Whatever the error, what was served before is still served.
    """
    by_recipient = groupby(
        sorted(agreements, key=lambda item: (item.recipient, item.agreement)),
        lambda item: item.recipient,
    )
    served = {recipient: list(items) for recipient, items in by_recipient}
    names = {roles.role_of(recipient) for recipient in served}
    if len(names) != len(served):
        raise SafeHavenError("Two recipients have codes that differ in case only.")
    with connection.transaction():
        roles.check_database(connection)
        connection.execute("select pg_advisory_xact_lock(%s)", [ONE_LOAD_AT_A_TIME])
        roles.close(connection)
        _remove_replaced(connection)
        old = {name for (name,) in connection.execute(OLD_SCHEMAS, [OWNER])}
        old_tables = connection.execute(OLD_TABLES, [OWNER]).fetchall()
        for recipient, items in served.items():
            role = roles.role_of(recipient)
            roles.admit(connection, role, password(role))
            _fill(connection, recipient, items)
        _lock(connection, old_tables, patience)
        _swap(connection, old, names)
        for role in sorted(old - names):
            roles.dismiss(connection, role)
        found = list(roles.findings(connection, names))
        if found:
            raise SafeHavenError(
                f"Nothing was loaded: {'; '.join(found[:5])} ({len(found)} in all). "
                "Take these rights away, from PUBLIC too, and load again."
            )
    # What this cannot remove nobody may read, and the next load removes it.
    with suppress(psycopg.Error), connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", [ONE_LOAD_AT_A_TIME])
        _remove_replaced(connection)


def _fill(connection: Connection, recipient: str, items: Sequence[Agreement]) -> None:
    role = roles.role_of(recipient)
    schema = sql.Identifier(NEW + role)
    connection.execute(
        sql.SQL("create schema {} authorization {}").format(schema, sql.Identifier(OWNER))
    )
    connection.execute(
        sql.SQL("grant usage on schema {} to {}").format(schema, sql.Identifier(role))
    )
    for name in sorted({table.name for item in items for table in item.tables}):
        table = sql.Identifier(NEW + role, name)
        parts = [(i, t) for i in items for t in i.tables if t.name == name]
        _create(connection, table, recipient, [content for _, content in parts])
        for item, content in parts:
            _copy(connection, table, item, content)
        _protect(connection, table, role, [item for item, _ in parts])


def _create(
    connection: Connection, table: sql.Identifier, recipient: str, parts: Sequence[Table]
) -> None:
    """A table of the columns of all its agreements, which takes rows of this recipient only.

    It is never analysed and has no index: the catalogs, open to all, then tell no number of rows.
    """
    types: dict[str, str] = {}
    for content in parts:
        for field in content.fields:
            if types.setdefault(field.name, field.type) != field.type:
                raise SafeHavenError(
                    f"{content.name} of {recipient}: {field.name} has two types in two "
                    "agreements, which one table cannot hold."
                )
    if types.keys() & {RECIPIENT, AGREEMENT}:
        raise SafeHavenError(f"{parts[0].name} has a column {RECIPIENT} or {AGREEMENT} already.")
    columns = [
        sql.SQL("{} text not null check ({} = {})").format(
            sql.Identifier(RECIPIENT), sql.Identifier(RECIPIENT), sql.Literal(recipient)
        ),
        sql.SQL("{} text not null").format(sql.Identifier(AGREEMENT)),
        *(
            sql.SQL("{} " + POSTGRES_TYPE[kind]).format(sql.Identifier(name))
            for name, kind in types.items()
        ),
    ]
    connection.execute(
        sql.SQL(
            "create table {} ({}) with (autovacuum_enabled = off, toast.autovacuum_enabled = off)"
        ).format(table, sql.SQL(", ").join(columns))
    )


def _copy(connection: Connection, table: sql.Identifier, item: Agreement, content: Table) -> None:
    rows = content.rows
    for position, (field, value) in enumerate(
        zip(OWN_FIELDS, (item.recipient, item.agreement), strict=True)
    ):
        column = pa.array([value] * rows.num_rows, pa.string())
        rows = rows.add_column(position, field.name, column)
    fields = (*OWN_FIELDS, *content.fields)
    names = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields)
    statement = sql.SQL(
        "copy {} ({}) from stdin (format csv, header true, null '', freeze true)"
    ).format(table, names)
    with connection.cursor().copy(statement) as copy:
        copy.write(to_csv(Table(content.name, fields, rows)))


def _protect(
    connection: Connection, table: sql.Identifier, role: str, items: Sequence[Agreement]
) -> None:
    """Forced row-level security with one policy, for this role and no other.

    The planner takes a `case` to keep half of the rows. Of comparisons, in a table that is not
    analysed, it expects hardly a row, and plans a sort where a hash table is five times faster.
    """
    agreements = [
        sql.SQL("when {} then {}").format(
            sql.Literal(item.agreement), sql.SQL(" and ").join(_in_force(item))
        )
        for item in items
    ]
    connection.execute(
        sql.SQL(
            "create policy own_rows on {} for select to {} using (case when {} = {} "
            "then case {} {} else false end else false end)"
        ).format(
            *(table, sql.Identifier(role)),
            *(sql.Identifier(RECIPIENT), sql.Literal(items[0].recipient)),
            *(sql.Identifier(AGREEMENT), sql.SQL(" ").join(agreements)),
        )
    )
    for statement in (
        "alter table {} enable row level security",
        "alter table {} force row level security",
        f"alter table {{}} owner to {OWNER}",
    ):
        connection.execute(sql.SQL(statement).format(table))
    connection.execute(sql.SQL("grant select on {} to {}").format(table, sql.Identifier(role)))


def _in_force(item: Agreement) -> Iterator[sql.Composed]:
    """The agreement's time by the clock of each statement, not of its transaction."""
    for comparison, moment in ((">=", item.starts_at), ("<", item.expires_at)):
        if moment is not None:
            yield sql.SQL(f"statement_timestamp() {comparison} timestamptz {{}}").format(
                sql.Literal(moment.isoformat())
            )


def _lock(connection: Connection, tables: Sequence[tuple[int, str]], patience: float) -> None:
    """Hold all old tables alone. Whoever still holds one after `patience` seconds is ended.

    A reader that goes from table to table in another order than this would deadlock with it time
    and again, so the order changes with each try. A try ends before such a reader, having waited
    for the server's `deadlock_timeout`, would be told of a deadlock.
    """
    if not tables:
        return
    names = [name for _, name in tables]
    longest_try = _deadlock_seconds(connection) / 2
    waits_until, ended = time.monotonic() + patience, 0
    while ended < ATTEMPTS:
        left = max(waits_until - time.monotonic(), SHORT_WAIT_SECONDS)
        try:
            with connection.transaction():
                connection.execute("set local deadlock_timeout = '100ms'")
                milliseconds = int(min(left, longest_try) * 1000)
                connection.execute(f"set local statement_timeout = {milliseconds}")
                connection.execute(f"lock table {', '.join(names)} in access exclusive mode")
                connection.execute("set local statement_timeout = 0")
            return
        except (errors.DeadlockDetected, errors.QueryCanceled):
            names = [*names[1:], names[0]]
        if time.monotonic() >= waits_until:
            connection.execute(END_HOLDERS, [[oid for oid, _ in tables]])
            ended += 1
    raise SafeHavenError("Nothing was loaded: readers hold the old tables. Load again.")


def _deadlock_seconds(connection: Connection) -> float:
    """How long a session waits for a lock before the server looks for a deadlock."""
    (milliseconds,) = connection.execute(
        "select setting from pg_settings where name = 'deadlock_timeout'"
    ).fetchone() or ("1000",)
    return int(str(milliseconds)) / 1000


def _swap(connection: Connection, old: set[str], new: set[str]) -> None:
    """Give the new schemas the names of the old ones, which are closed and kept a moment longer.

    A load is seen as done a moment before other sessions are told which names changed. Who asks in
    that moment looks into the old schema: were it gone, they would be told that there is no table.
    In it they wait for the load to let go of the table, and are then led to the new one.
    """
    for name in sorted(old - new):
        connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
    everybody = sql.SQL(", ").join([sql.SQL("public"), *map(sql.Identifier, sorted(new))])
    for name in sorted(old & new):
        closed = sql.Identifier(OLD + name)
        connection.execute(
            sql.SQL("alter schema {} rename to {}").format(sql.Identifier(name), closed)
        )
        for what in ("all tables in schema", "schema"):
            connection.execute(
                sql.SQL(f"revoke all on {what} {{}} from {{}}").format(closed, everybody)
            )
    for name in sorted(new):
        connection.execute(
            sql.SQL("alter schema {} rename to {}").format(
                sql.Identifier(NEW + name), sql.Identifier(name)
            )
        )


def _remove_replaced(connection: Connection) -> None:
    """Remove what nobody may read: schemas that were replaced, or made and never put in place."""
    for (name,) in connection.execute(OLD_SCHEMAS, [OWNER]).fetchall():
        if name.startswith((OLD, NEW)):
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))


def connect(dsn: str) -> Connection:
    """A connection for loading, by a DSN.

    Errors: SafeHavenError, which does not repeat the DSN: it may hold a password.
    """
    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.Error as error:
        raise SafeHavenError(f"--dsn leads to no database: {type(error).__name__}.") from None
    used = {
        option.keyword.decode(): (option.val or b"").decode() for option in connection.pgconn.info
    }
    if not is_private(used["hostaddr"] or used["host"], used["sslmode"]):
        connection.close()
        raise SafeHavenError(
            "--dsn leads to another machine, and records would go there in the clear or to whoever "
            "answers in its name. Give sslmode=verify-full, and sslrootcert."
        )
    return connection


def is_private(host: str, sslmode: str) -> bool:
    """Whether what is sent can be read by the server alone: a socket, this machine, or TLS."""
    return host.startswith("/") or host in LOOPBACK or sslmode == "verify-full"
