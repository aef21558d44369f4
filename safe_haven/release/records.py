"""The record-level container: one DuckDB file of tables, encrypted under the recipient's key.

The rows are never written in the clear: they go from the warehouse through memory into the
encrypted file, and verification reads them back into memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.compute as pc
from pyarrow.csv import write_csv

from safe_haven.errors import SafeHavenError
from safe_haven.release.render import (
    Field,
    Table,
    cast_list,
    field_type,
    identifier,
    private_connection,
    stored_list,
    stream,
    total_order,
)
from safe_haven.zones import load_httpfs, quoted

CONTAINER = "data/records.duckdb.enc"
BLOCK_SIZE = 16384
"""Bytes, the fewest there may be: default blocks make a small pack five times larger."""


_idle: list[duckdb.DuckDBPyConnection] = []


def _encrypting_database() -> duckdb.DuckDBPyConnection:
    """A database for containers that nobody else uses; the extension it needs is slow to load."""
    try:
        return _idle.pop()
    except IndexError:
        connection = private_connection()
    load_httpfs(connection)
    # A commit writes the tables into the file, not first into a log beside it.
    connection.execute("set checkpoint_threshold = '0b'")
    return connection


@contextmanager
def attached(path: Path, key: bytes, options: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which the container is attached as `pack`, until the block ends."""
    database = _encrypting_database()
    try:
        try:
            database.execute(
                f"attach {quoted(str(path))} as pack "
                f"(ENCRYPTION_KEY {quoted(key.hex())}, {options})"
            )
        except duckdb.Error:
            # The engine's message is not shown: it may repeat the statement, which has the key.
            raise SafeHavenError(
                f"{path.name} does not open with this key: it is another recipient's key, or the "
                "file was changed."
            ) from None
        try:
            with database.cursor() as connection:
                yield connection
        finally:
            database.execute("detach pack")
    finally:
        _idle.append(database)


def write_container(path: Path, key: bytes, content: Sequence[Table]) -> None:
    """Write the tables' rows, as they stand, into a new encrypted file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with attached(path, key, f"BLOCK_SIZE {BLOCK_SIZE}") as connection:
        connection.begin()
        for table in content:
            connection.register("given", stream(table.rows))
            connection.execute(
                f"create table pack.main.{identifier(table.name)} as "  # noqa: S608 (vetted names)
                f"select {stored_list(table.fields)} from given"
            )
            connection.unregister("given")
        connection.commit()
        connection.execute("checkpoint pack")
    path.chmod(0o600)


def read_container(path: Path, key: bytes) -> list[Table]:
    """The tables of a container, by name.

    Errors: SafeHavenError when there is anything but plain tables in the file, or when rows do not
    stand in the total order (their order could tell something).
    """
    with attached(path, key, "READ_ONLY") as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'pack' "
            "and schema_name = 'main' order by table_name"
        ).fetchall()
        others = _other_objects(connection)
        if others:
            raise SafeHavenError(
                f"{path.name} must hold plain tables and nothing else; it holds {others} other "
                "objects (views, macros, indexes, comments …)."
            )
        return [_read_table(connection, path.name, name) for (name,) in names]


def _read_table(connection: duckdb.DuckDBPyConnection, file: str, name: str) -> Table:
    described = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = 'pack' and table_name = ? order by column_index",
        [name],
    ).fetchall()
    fields = tuple(Field(column, field_type(kind), "") for column, kind in described)
    read = f"select {cast_list(fields)} from pack.main.{identifier(name)}"  # noqa: S608 (vetted)
    stored = connection.execute(read).to_arrow_table()
    ordered = connection.execute(f"{read} order by {total_order(fields)}").to_arrow_table()
    if not stored.equals(ordered):
        raise SafeHavenError(f"The rows of {name} in {file} are not in their total order.")
    return Table(name, fields, ordered)


def _other_objects(connection: duckdb.DuckDBPyConnection) -> int:
    """How many views, sequences, macros, types, indexes, schemas or comments the file holds."""
    counts = [
        "select count(*) from duckdb_views() where database_name = 'pack' and not internal",
        "select count(*) from duckdb_sequences() where database_name = 'pack'",
        "select count(*) from duckdb_functions() where database_name = 'pack' and not internal",
        "select count(*) from duckdb_types() where database_name = 'pack' and not internal",
        "select count(*) from duckdb_indexes() where database_name = 'pack'",
        "select count(*) from duckdb_constraints() where database_name = 'pack'",
        "select count(*) from duckdb_schemas() where database_name = 'pack' and not internal "
        "and schema_name <> 'main'",
        "select count(*) from duckdb_tables() where database_name = 'pack' "
        "and (comment is not null or schema_name <> 'main' or temporary)",
        "select count(*) from duckdb_columns() where database_name = 'pack' "
        "and (comment is not null or column_default is not null) and not internal",
    ]
    added = " + ".join(f"({statement})" for statement in counts)
    return connection.execute(f"select {added}").fetchone()[0]


def content_bytes(table: Table) -> bytes:
    """The rows as CSV, in memory only: what the release id covers.

    A header, comma, `\n`; a text is quoted, so that an empty one is not NULL. Arrow writes it in a
    fifth of the time of a COPY, which matters: most packs have many small tables.
    """
    written = io.BytesIO()
    write_csv(table.rows, written)
    return written.getvalue()


def people(table: Table, column: str) -> int:
    """How many different people the rows are about."""
    return len(pc.unique(table.rows[column])) if column in table.rows.column_names else 0
