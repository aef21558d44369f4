"""The five zones: one encrypted DuckDB file each, attached under its own name."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State

ZONES = ("identifiable", "pseudonymised", "restricted", "anonymised", "aggregated")
# Blocks of a quarter of the default size: smaller ones cost twice the time to write.
WHAT_BUILDS = "`./run build` makes the target operator, `.venv/bin/uv run dbt build` dev."
BLOCK_SIZE = 65536


def zone_file(state: State, zone: str) -> Path:
    """The DuckDB file of `zone` for the state's target."""
    return state.warehouse / f"{zone}.duckdb"


def load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Load the extension that encrypted writes need, from its installed package.

    By path, since by name DuckDB looks in the home folder and then on the network.
    """
    import duckdb_extension_httpfs

    folder = Path(duckdb_extension_httpfs.__file__).parent
    found = sorted(folder.rglob("httpfs.duckdb_extension"))
    if not found:
        raise SafeHavenError(
            f"The httpfs extension is missing below {folder}. Run ./run again: it installs "
            "duckdb-extension-httpfs."
        )
    connection.execute("load " + quoted(str(found[0])))


def quoted(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def attach(
    connection: duckdb.DuckDBPyConnection,
    state: State,
    keyring: Keyring,
    zones: tuple[str, ...] = ZONES,
    read_only: bool = False,
) -> None:
    """Attach the zone files. The statement carries the key, so it never passes through dbt."""
    load_httpfs(connection)
    for zone in zones:
        path = zone_file(state, zone)
        # before the key, which the first build makes too
        if read_only and not path.exists():
            raise SafeHavenError(
                f"Nothing was built for target '{state.target}' yet: {path} does not exist. "
                f"{WHAT_BUILDS}"
            )
        key = keyring.key(f"zone-{zone}").hex()
        options = f"ENCRYPTION_KEY {quoted(key)}"
        if read_only:
            options += ", READ_ONLY"
        elif not path.exists():
            options += f", BLOCK_SIZE {BLOCK_SIZE}"
        connection.execute(f"attach {quoted(str(path))} as {zone} ({options})")
        if not read_only:
            os.chmod(path, 0o600)


def attach_in_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Attach five empty databases under the zones' names, for linting without any state."""
    for zone in ZONES:
        connection.execute(f"attach ':memory:' as {zone}")


def open_read_only(state: State, zones: tuple[str, ...] = ZONES) -> duckdb.DuckDBPyConnection:
    """A connection on which the zone files are attached, read-only.

    Errors: SafeHavenError when a file is missing or a build is writing to it.
    """
    connection = duckdb.connect(":memory:", config={"temp_file_encryption": "true"})
    try:
        attach(connection, state, Keyring(state.keys), zones, read_only=True)
    except duckdb.IOException as error:
        connection.close()
        raise SafeHavenError(
            "The warehouse cannot be opened: a build is writing to it, or a file is damaged. "
            f"Wait for the build to end and try again. ({type(error).__name__})"
        ) from None
    except Exception:
        connection.close()
        raise
    return connection


@contextmanager
def writer_lock(state: State) -> Iterator[None]:
    """Hold the one writer's lock of this target; whoever comes second is refused at once."""
    descriptor = take_writer_lock(state)
    try:
        yield
    finally:
        os.close(descriptor)


def take_writer_lock(state: State) -> int:
    """Take the lock and return its descriptor; closing it, or the process ending, lets go."""
    path = state.warehouse / ".writer.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise SafeHavenError(
            f"Another build or release is writing to {state.warehouse}. One writer at a time: "
            "wait for it to end and run again."
        ) from None
    return descriptor
