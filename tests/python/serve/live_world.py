"""What the tests of live queries share: a released world, a server, and somebody who asks it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
from release_world import World, build_world

from safe_haven.paths import State
from safe_haven.release.render import Table
from safe_haven.serve import load, packs, roles, server
from safe_haven.serve.packs import Agreement
from safe_haven.serve.passwords import password

SPELLS = "recipient_qaa.apc_spell"
PSEUDONYM = "00000000-0000-4000-8000-000000000001"
EXPIRED_PROVIDER = "REX"
PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def make_world(var: Path) -> World:
    """The world of the release tests, whose agreements do not end while the tests are in use."""
    world = build_world(var)
    world.sql(
        "update restricted.releases.rel_entitlement "
        "set item = replace(item::varchar, '2028-03-31', '9998-12-31')"
    )
    world.release()
    return world


def agreements_of(world: World) -> list[Agreement]:
    """The current releases; the disclosure audit has tests of its own."""
    return packs.read_current(world.state, audit=lambda folders: [])


def with_expired(current: Sequence[Agreement]) -> list[Agreement]:
    """The same, and an agreement of QBB that ended after its spells were loaded."""
    (records,) = (item for item in current if item.agreement == "REC-A")
    rows = [changed(table, provider_code=EXPIRED_PROVIDER) for table in records.tables[:1]]
    old = replace(records, recipient="QBB", agreement="OLD-B", expires_at=PAST, tables=rows)
    return [*current, old]


def changed(table: Table, **values: Any) -> Table:
    """The table with one value for all rows in each of the columns named."""
    rows = table.rows
    for name, value in values.items():
        at = rows.column_names.index(name)
        column = pa.array([value] * rows.num_rows, rows.schema.field(at).type)
        rows = rows.set_column(at, name, column)
    return replace(table, rows=rows)


@dataclass
class Live:
    """A running server."""

    state: State
    server: server.Server

    def admin(self, database: str = server.DATABASE) -> psycopg.Connection[Any]:
        """A connection as administrator."""
        return self._connect(server.ADMIN, database)

    def recipient(self, code: str, database: str = server.DATABASE) -> psycopg.Connection[Any]:
        """A connection as a recipient."""
        return self._connect(roles.role_of(code), database)

    def load(self, agreements: Sequence[Agreement], **options: Any) -> None:
        """Load as `serve` does."""
        with self.admin() as connection:
            load.load(connection, agreements, self.password, **options)

    def password(self, role: str) -> str:
        """A role's password."""
        return password(self.state, role)

    def rows(self, code: str, statement: str) -> list[tuple[Any, ...]]:
        """What a recipient is answered."""
        with self.recipient(code) as connection:
            return connection.execute(statement).fetchall()

    def _connect(self, user: str, database: str) -> psycopg.Connection[Any]:
        dsn = re.sub(r"dbname=\S+", f"dbname={database}", self.server.dsn(user))
        return psycopg.connect(dsn, password=self.password(user), autocommit=True)


def told(connection: psycopg.Connection[Any], statements: Sequence[str]) -> str:
    """Everything that the statements tell: rows, notices, errors, and what was done."""
    lines: list[str] = []
    connection.add_notice_handler(lambda notice: lines.append(str(notice.message_primary)))
    for statement in statements:
        try:
            cursor = connection.cursor()
            if re.match("copy .* to stdout", statement):
                with cursor.copy(statement) as copy:
                    lines += [bytes(part).decode() for part in copy]
                continue
            cursor.execute(statement)
            lines.append(str(cursor.statusmessage))
            with suppress(psycopg.ProgrammingError):
                lines += ["|".join(map(str, row)) for row in cursor.fetchall()]
        except psycopg.Error as error:
            lines.append(f"refused: {error}")
    return "\n".join(lines)
