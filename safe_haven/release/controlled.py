"""Controlled files: NHS numbers, encrypted, below `var/controlled`, for a purpose of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from safe_haven.audit_log import Event, Fact
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import events, files, records
from safe_haven.release.render import Table

PREPARING = ".preparing"
KEY = "controlled"


def give(
    state: State,
    content: Sequence[Table],
    fact: Fact,
    place: Callable[[Sequence[Event]], Path],
) -> Path:
    """Write the tables, tell the log, and only then put the file where it is looked for.

    `place` is asked for the path below `var/controlled` once the log holds `fact`.
    """
    preparing = state.controlled / PREPARING
    files.remove(preparing)
    written = preparing / "content.duckdb"
    records.write_container(written, Keyring(state.keys).key(KEY), content)
    files.sync(written)
    path = state.controlled / place(events.record(state, [fact]))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.move(written, path)
    files.remove(preparing)
    return path


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, *values: str
) -> list[Mapping[str, Any]]:
    """The rows of a query, by column."""
    return connection.execute(query, list(values)).to_arrow_table().to_pylist()
