"""The verb `serve`."""

from __future__ import annotations

import datetime
import signal
import time
from collections.abc import Sequence
from types import FrameType

import click
import psycopg

from safe_haven.errors import SafeHavenError
from safe_haven.heartbeat import heartbeat
from safe_haven.paths import State
from safe_haven.release import events
from safe_haven.release.command import as_table
from safe_haven.serve import load, packs, roles, server
from safe_haven.serve.packs import Agreement
from safe_haven.serve.passwords import password
from safe_haven.zones import writer_lock


@click.command("serve")
@click.option("--port", type=click.IntRange(1024, 65535), help="Where to listen (default: free).")
@click.option("--dsn", help="Load into this PostgreSQL database instead of a server of our own.")
@click.option("--once", is_flag=True, help="Load, say what would be served, and stop.")
def serve_command(port: int | None, dsn: str | None, once: bool) -> None:
    """Serve the current releases for live queries by SQL, until Ctrl-C.

    Each recipient has a role and sees its own rows, while its agreement is in date. When `serve`
    runs already, the current releases are loaded into that server. The user of --dsn must be a
    superuser, and its database for live queries alone.
    """
    if dsn and port:
        raise click.UsageError("--port is of a server of our own; --dsn has its own.")
    state = State.from_environment(target="operator")
    if dsn:
        with load.connect(dsn) as connection:
            _serve(state, connection)
    elif found := server.running(state):
        role = _serve_by(state, found)
        click.echo(_how_to_connect(state, found, role))
    else:
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, _stop)
        with server.started(state, port) as own:
            role = _serve_by(state, own)
            if not once:
                click.echo(_how_to_connect(state, own, role))
                _wait(own)


def _serve_by(state: State, own: server.Server) -> str:
    with server.connect(state, own) as connection:
        return _serve(state, connection)


def _serve(state: State, connection: roles.Connection) -> str:
    """Prove, load and say what is served; one of the roles.

    Nothing is released, recalled or built between the proof and the end of the load.
    """
    with writer_lock(state):
        with heartbeat("prove the releases"):
            current = packs.read_current(state)
        now = datetime.datetime.now(datetime.UTC)
        served = [item for item in current if item.is_served(now)]
        _load(state, connection, served)
    click.echo(_summary(current, now))
    return roles.role_of(served[0].recipient) if served else f"{roles.PREFIX}<code>"


def _load(state: State, connection: roles.Connection, served: Sequence[Agreement]) -> None:
    """Load, and tell the log before and after: a run that was killed may have loaded."""
    info = connection.info
    about = {
        "database": f"{info.host}:{info.port}/{info.dbname}",
        "releases": [[item.recipient, item.agreement, item.release_id] for item in served],
    }
    events.record(state, [(events.SERVE_BEGUN, about)])
    try:
        load.load(connection, served, lambda role: password(state, role))
    except psycopg.Error as error:
        # PostgreSQL's own words may repeat a value.
        raise SafeHavenError(
            f"Nothing was loaded: PostgreSQL refused it ({type(error).__name__}). What was served "
            "before is unchanged."
        ) from None
    events.record(state, [(events.SERVED, about)])


def _summary(current: Sequence[Agreement], now: datetime.datetime) -> str:
    rows = [
        (
            roles.role_of(item.recipient),
            item.agreement,
            _outcome(item, now),
            item.expires_at.isoformat() if item.expires_at else "no end",
            ", ".join(f"{table.name} ({table.rows.num_rows})" for table in item.tables),
        )
        for item in current
    ]
    return as_table(("role", "agreement", "outcome", "until", "tables (rows)"), rows)


def _outcome(item: Agreement, now: datetime.datetime) -> str:
    if item.refused:
        return f"not served: {'; '.join(item.refused)}"
    return "served" if item.in_date(now) else "not in date: not served"


def _how_to_connect(state: State, own: server.Server, role: str) -> str:
    return (
        f'\nConnect:   psql "{own.dsn(role)}"'
        f"\nPasswords: {state.keys}/<role>.password"
        "\nTables:    \\d shows the role's own; README, 'Live queries', has other clients"
        "\nReload:    ./run serve, in another window, after a release"
        "\nStop:      Ctrl-C"
    )


def _stop(number: int, frame: FrameType | None) -> None:
    raise click.Abort


def _wait(own: server.Server) -> None:
    while own.is_running():
        time.sleep(1)
    raise SafeHavenError("PostgreSQL has stopped; var/logs/postgresql.log says why.")
