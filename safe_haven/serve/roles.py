"""Roles of the live database, what is taken from everybody, and the check that it was taken.

A recipient may connect, use the schema that has its role's name, and select from the tables in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import psycopg
from psycopg import sql

from safe_haven.errors import SafeHavenError
from safe_haven.serve.passwords import scram_verifier

Connection = psycopg.Connection[tuple[Any, ...]]

OWNER = "safe_haven_owner"
PREFIX = "recipient_"
CLOSED_SCHEMA = "old_"
"""Begins the name of a schema that was replaced: in it nobody may do anything."""
CONNECTIONS_OF_A_RECIPIENT = 20
# Nothing is analysed, so more groups are expected than there are: let them fit a hash table.
WORK_MEMORY = "64MB"
LONGEST_NAME = 63
NO_ATTRIBUTES = "nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls"

# Functions that everybody may call at first: they tell of other sessions and other tables, hold
# locks that others wait for, or keep things in the database. As a pattern of PostgreSQL.
CLOSED = (
    "^lo_|^loread|^lowrite|^pg_(try_)?advisory|^pg_stat_get|^pg_lock_status|blocking_pids$|"
    "^pg_(database|indexes|relation|table|tablespace|total_relation)_size$|^pg_relation_file|"
    "^pg_sleep|^pg_logical|replication_slot|^pg_prepared_xact|^pg_control_|"
    "^binary_upgrade|isolation_test"
)

# One row per way in which a recipient could do more than read its own rows.
FINDINGS = """
with
recipient as (select * from pg_roles where rolname = any(%(roles)s)),
relation as (
    select pg_class.*, nspname from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
)
select format('%%s has an attribute of an administrator', rolname) from recipient
where rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
union all
select format('%%s is a member of %%s', member::regrole, roleid::regrole) from pg_auth_members
where member in (select oid from recipient) or roleid in (select oid from recipient)
    or roleid = %(owner)s::regrole
union all
select format('%%s.%%s has no forced row-level security', nspname, relname) from relation
where not (relkind = 'r' and relrowsecurity and relforcerowsecurity)
    and not starts_with(nspname, %(closed_schema)s)
union all
select format('%%s.%%s is not owned by %%s', nspname, relname, %(owner)s) from relation
where relowner <> %(owner)s::regrole and not starts_with(nspname, %(closed_schema)s)
union all
select format('%%s may read %%s.%%s', rolname, nspname, relname) from recipient, relation
where nspname <> rolname and has_any_column_privilege(rolname, relation.oid, 'select')
union all
select format('%%s may change %%s.%%s', rolname, nspname, relname) from recipient, relation
where has_table_privilege(
        rolname, relation.oid, 'insert, update, delete, truncate, references, trigger'
    )
    or has_any_column_privilege(rolname, relation.oid, 'insert, update, references')
union all
select format('%%s may enter schema %%s', rolname, nspname) from recipient, pg_namespace
where nspname not in (rolname, 'pg_catalog', 'information_schema')
    and has_schema_privilege(rolname, nspname, 'usage')
union all
select format('%%s may create in schema %%s', rolname, nspname) from recipient, pg_namespace
where has_schema_privilege(rolname, nspname, 'create')
union all
select format('%%s may create in database %%s', rolname, datname) from recipient, pg_database
where has_database_privilege(rolname, datname, 'create, temporary')
    and datname = current_database()
union all
select format('%%s may connect to database %%s', rolname, datname) from recipient, pg_database
where has_database_privilege(rolname, datname, 'connect')
    and datallowconn and datname <> current_database()
union all
select format('%%s may write %%s', rolname, lanname) from recipient, pg_language
where has_language_privilege(rolname, pg_language.oid, 'usage') and lanpltrusted
union all
select format('%%s may call %%s', rolname, pg_proc.oid::regprocedure) from recipient, pg_proc
where proname ~ %(closed)s and has_function_privilege(rolname, pg_proc.oid, 'execute')
"""

# Whatever a database holds that a load did not put there.
STRANGERS = """
select oid::regclass::text from pg_class
where relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'pg_toast')
    and pg_get_userbyid(relowner) <> %(owner)s
union all
select oid::regprocedure::text from pg_proc
where pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
union all
select 'extension ' || extname from pg_extension where extname <> 'plpgsql'
"""


def role_of(recipient: str) -> str:
    """The role of a recipient, which is also the name of its schema."""
    name = PREFIX + recipient.lower()
    # PostgreSQL cuts longer names, and then two recipients could share a role; loading adds `new_`.
    if len(name.encode()) > LONGEST_NAME - 4:
        raise SafeHavenError(f"The code of recipient {recipient} is too long to name a role.")
    return name


def check_database(connection: Connection) -> None:
    """Refuse a database that is not the safe haven's alone, or a user that cannot close it."""
    row = connection.execute("select usesuper from pg_user where usename = current_user").fetchone()
    if row is None or not row[0]:
        raise SafeHavenError(
            "The user of --dsn must be a superuser: functions that tell of other sessions are "
            "taken from everybody, and only a superuser can do that."
        )
    strangers = connection.execute(STRANGERS, {"owner": OWNER}).fetchall()
    if strangers:
        raise SafeHavenError(
            f"The database holds other things than releases ({strangers[0][0]}, {len(strangers)} "
            "in all). Give --dsn a database that is for the live queries alone."
        )


def close(connection: Connection) -> None:
    """Take from everybody what PostgreSQL gives to everybody, catalogs that clients need aside."""
    (database,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute(
        sql.SQL("revoke all on database {} from public").format(sql.Identifier(database))
    )
    connection.execute("revoke all on schema public from public")
    for (language,) in connection.execute(
        "select lanname from pg_language where lanpltrusted"
    ).fetchall():
        connection.execute(
            sql.SQL("revoke usage on language {} from public").format(sql.Identifier(language))
        )
    for (function,) in connection.execute(
        "select oid::regprocedure::text from pg_proc "
        "where proname ~ %s and has_function_privilege('public', oid, 'execute')",
        [CLOSED],
    ).fetchall():
        connection.execute(f"revoke execute on function {function} from public")
    _ensure(connection, OWNER, "nologin")


def admit(connection: Connection, role: str, password: str) -> None:
    """Let a recipient's role connect, with this password and nothing else."""
    _ensure(connection, role, f"login connection limit {CONNECTIONS_OF_A_RECIPIENT}")
    name = sql.Identifier(role)
    connection.execute(
        sql.SQL("alter role {} password {}").format(name, sql.Literal(scram_verifier(password)))
    )
    connection.execute(
        sql.SQL("alter role {} set work_mem = {}").format(name, sql.Literal(WORK_MEMORY))
    )
    (database,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute(
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), name)
    )


def dismiss(connection: Connection, role: str) -> None:
    """End the sessions of a role that is owed nothing any more, and remove it."""
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [role]
    )
    name = sql.Identifier(role)
    connection.execute(sql.SQL("drop owned by {}").format(name))
    connection.execute(sql.SQL("drop role {}").format(name))


def findings(connection: Connection, roles: Collection[str]) -> Iterator[str]:
    """In which ways a recipient could do more than read its own rows."""
    facts = {"roles": list(roles), "owner": OWNER, "closed": CLOSED}
    facts |= {"closed_schema": CLOSED_SCHEMA}
    yield from (row[0] for row in connection.execute(FINDINGS, facts))


def _ensure(connection: Connection, role: str, options: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = "alter" if known else "create"
    statement = f"{verb} role {{}} {NO_ATTRIBUTES} {options}"
    connection.execute(sql.SQL(statement).format(sql.Identifier(role)))
