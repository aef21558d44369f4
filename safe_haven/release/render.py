"""Tables to bytes and back: one COPY per file, on one thread, rows in a total order.

Files are rendered in memory (an anonymous file of the kernel), so nothing is left behind on a disk
and the same rows give the same bytes. Verification reads a CSV, renders it again and compares.
"""

from __future__ import annotations

import csv
import functools
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from safe_haven.errors import SafeHavenError
from safe_haven.release.tables import NAME

# Frictionless field types and the one DuckDB type each is written as.
DUCKDB_TYPE = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "boolean": "boolean",
}
CSV_OPTIONS = (
    "format csv, header true, delimiter ',', quote '\"', escape '\"', nullstr '', "
    "dateformat '%Y-%m-%d', compression none, use_tmp_file false"
)
PARQUET_OPTIONS = "format parquet, compression zstd, row_group_size 122880, use_tmp_file false"

FORMULA = re.compile(r"[=+\-@\t\r\n]")
"""How a cell begins that a spreadsheet takes for a formula (OWASP, CSV injection)."""
NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")


@dataclass(frozen=True)
class Field:
    """One column of a content table: name, Frictionless type, meaning.

    `stored` is the DuckDB type in a container, where that is narrower than the one of `type`: an
    identifier of 128 bits as text takes most of the time of writing a pack, to be compressed.
    """

    name: str
    type: str
    description: str
    stored: str = ""


@dataclass(frozen=True)
class Table:
    """A content table: its columns, and its rows in the order in which they are written."""

    name: str
    fields: tuple[Field, ...]
    rows: pa.Table


def field_type(data_type: str) -> str:
    """The Frictionless type of a warehouse type; one without a faithful form is an error."""
    base = data_type.upper().split("(")[0].strip()
    if base in ("VARCHAR", "TEXT", "STRING", "UUID"):
        return "string"
    if base in ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT"):
        return "integer"
    if base in ("DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC"):
        return "number"
    if base in ("DATE", "BOOLEAN"):
        return base.lower()
    raise SafeHavenError(
        f"A pack cannot carry the type {data_type}: cast the column in models/releases to text, "
        "a whole number, a number, a date or a truth value."
    )


def stored_type(data_type: str) -> str:
    """What `Field.stored` is for a warehouse type."""
    return "uuid" if data_type.upper() == "UUID" else ""


def identifier(name: str) -> str:
    """`name` as an SQL identifier; anything but lower-case words is an error."""
    if not NAME.fullmatch(name):
        raise SafeHavenError(f"'{name}' cannot name a column: use a-z, 0-9 and '_'.")
    return f'"{name}"'


def cast_list(fields: Sequence[Field]) -> str:
    """The columns, each cast to the type it is written as."""
    return ", ".join(
        f"cast({identifier(field.name)} as {DUCKDB_TYPE[field.type]}) as {identifier(field.name)}"
        for field in fields
    )


def stored_list(fields: Sequence[Field]) -> str:
    """The columns, each cast to the type that it has in a container."""
    return ", ".join(
        f"cast({identifier(field.name)} as {field.stored or DUCKDB_TYPE[field.type]}) "
        f"as {identifier(field.name)}"
        for field in fields
    )


def total_order(fields: Sequence[Field]) -> str:
    """An order by every column: rows that tie are equal, so their order shows nowhere."""
    return ", ".join(f"{identifier(field.name)} asc nulls last" for field in fields)


def private_connection() -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, on one thread, whose spill files are encrypted."""
    return duckdb.connect(":memory:", config={"threads": "1", "temp_file_encryption": "true"})


@functools.cache
def _shared_database() -> duckdb.DuckDBPyConnection:
    return private_connection()


def worker() -> duckdb.DuckDBPyConnection:
    """A connection to this process's empty database; what it registers ends with it."""
    return _shared_database().cursor()


@contextmanager
def memory_file(content: bytes = b"") -> Iterator[str]:
    """The path of an anonymous file in memory that holds `content`."""
    descriptor = os.memfd_create("safe-haven", os.MFD_CLOEXEC)
    try:
        written = 0
        while written < len(content):
            written += os.write(descriptor, content[written:])
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def read_memory_file(path: str) -> bytes:
    """What an anonymous file holds."""
    with open(path, "rb") as handle:
        return handle.read()


def stream(rows: pa.Table) -> object:
    """The rows, to be registered and read once.

    A table itself is read through a scanner in Python that takes longer to set up than a small
    table takes to be written.
    """
    return rows.__arrow_c_stream__()


def sorted_rows(fields: Sequence[Field], rows: pa.Table | pa.RecordBatchReader) -> pa.Table:
    """`rows` with the written types, in the total order."""
    with worker() as connection:
        connection.register("given", stream(rows))
        return connection.execute(
            f"select {cast_list(fields)} "  # noqa: S608 (vetted names)
            f"from given order by {total_order(fields)}"
        ).to_arrow_table()


def render(table: Table, options: str) -> bytes:
    """The bytes of one COPY of the table, rows as they stand."""
    with worker() as connection, memory_file() as path:
        connection.register("given", stream(table.rows))
        connection.execute(
            f"copy (select {cast_list(table.fields)} from given) "  # noqa: S608 (vetted names)
            f"to '{path}' ({options})"
        )
        return read_memory_file(path)


def to_csv(table: Table) -> bytes:
    """UTF-8 CSV: comma, `\\n`, a header; NULL is empty, an empty text is `\"\"`."""
    return render(table, CSV_OPTIONS)


def refuse_formulas(name: str, content: bytes) -> None:
    """Raise SafeHavenError where a cell of a CSV would run as a formula; a number is none."""
    for line, cells in enumerate(csv.reader(io.StringIO(content.decode(), newline="")), start=1):
        if any(FORMULA.match(cell) and not NUMBER.fullmatch(cell) for cell in cells):
            raise SafeHavenError(
                f"{name}, line {line}: a cell begins like a formula, which spreadsheets run. "
                "Nothing was released: find the model that let the text through."
            )


def to_parquet(table: Table) -> bytes:
    """Parquet of the same rows in the same order."""
    return render(table, PARQUET_OPTIONS)


def read_csv(name: str, fields: Sequence[Field], content: bytes) -> Table:
    """Read back a CSV that `to_csv` could have written; the caller renders again to compare."""
    columns = ", ".join(f"'{field.name}': '{DUCKDB_TYPE[field.type]}'" for field in fields)
    for field in fields:
        identifier(field.name)
    with worker() as connection, memory_file(content) as path:
        try:
            rows = connection.execute(
                f"select * from read_csv('{path}', "  # noqa: S608 (a path of our own)
                "auto_detect = false, header = true, "
                f"delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true, "
                f"allow_quoted_nulls = false, dateformat = '%Y-%m-%d', new_line = '\\n', "
                f"parallel = false, compression = 'none', columns = {{{columns}}})"
            ).to_arrow_table()
        except duckdb.Error:
            raise SafeHavenError(f"data/{name}.csv cannot be read with its own schema.") from None
    return Table(name, tuple(fields), rows)
