"""The file as received: opened, decompressed, decoded and split into rows, or refused.

Everything that stops a whole file is found here, before anything is written. Messages name the
file, the row and the column, never a value; the operator and the sender read the same ones.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from safe_haven.errors import SafeHavenError, shown
from safe_haven.load.mapping import Mapping, identifier, quoted

CHUNK = 1 << 20
# What one file may be. Files of providers are far below; a larger one is sent in parts.
UNPACKED_AT_MOST = 1 << 30
LINE_AT_MOST = 100_000
COLUMNS_AT_MOST = 1_000
# What may go wrong with a good file too: the same file is taken once there is room for it.
FAULTS_HERE = (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException)
ROWS_NAMED = 5
# Begins with a space, as the name of no column does: those are trimmed.
NAMELESS = " column "
SEND_AGAIN = "The file must be put right and sent again."
FAULTS = {
    "MISSING COLUMNS": "too few values",
    "TOO MANY COLUMNS": "too many values",
    "UNQUOTED VALUE": "a quotation mark that is not closed",
}


@contextmanager
def refused_if_unreadable(name: str) -> Iterator[None]:
    """Refuse what nobody foresaw in a file, without the error's own text: it may hold a value."""
    try:
        yield
    except (SafeHavenError, *FAULTS_HERE):
        raise
    except Exception as error:
        raise SafeHavenError(
            f"{name} cannot be read ({type(error).__name__}): nothing of it was loaded. "
            f"{SEND_AGAIN}"
        ) from None


@dataclass(frozen=True)
class Text:
    """What is known of the decoded text: its last line with content, its first empty line."""

    last_line: int
    first_empty_line: int | None


def decode_file(path: Path, encoding: str, target: Path) -> Text:
    """Write the file as UTF-8 with plain line ends to `target`.

    Compression goes by extension (.gz). Raises SafeHavenError for a file that is missing, empty,
    cut off, not in the encoding, unpacks to too much, or holds a NUL or a line that is too long.
    """
    name = shown(path.name)
    if not path.is_file():
        raise SafeHavenError(f"There is no file {path}. Check the path.")
    if path.stat().st_size == 0:
        raise SafeHavenError(f"{name} is empty (0 bytes). {SEND_AGAIN}")
    lines = LineCounter()
    with target.open("w", encoding="utf-8", newline="") as out:
        for text in decoded(path, encoding, lines):
            lines.read(text)
            if lines.fault:
                raise SafeHavenError(f"{name}, {lines.fault}. {SEND_AGAIN}")
            out.write(text)
    if lines.last_line == 0:
        raise SafeHavenError(f"{name} holds no text. {SEND_AGAIN}")
    return Text(lines.last_line, lines.first_empty_line)


class LineCounter:
    """Counts lines of text that arrives in pieces; an empty line only counts before the last."""

    def __init__(self) -> None:
        """Start before line 1."""
        self.number = 1
        self.length = 0
        self.last_line = 0
        self.empty: int | None = None
        self.first_empty_line: int | None = None
        self.fault = ""

    def read(self, text: str) -> None:
        """Take the next piece of text, without a step for each line: there may be millions."""
        before = "\n" if self.length == 0 else " "
        if self.empty is None and (position := f"{before}{text}".find("\n\n")) >= 0:
            self.empty = self.number + text.count("\n", 0, position)
        if content := text.rstrip("\n"):
            self.last_line = self.number + content.count("\n")
            if self.empty is not None and self.empty < self.last_line:
                self.first_empty_line = self.empty
        first, *others = map(len, text.split("\n"))
        lengths = [self.length + first, *others]
        if (longest := max(lengths)) > LINE_AT_MOST:
            row = self.number + lengths.index(longest)
            self.fault = f"row {row}: the line is longer than {LINE_AT_MOST:,} letters"
        if (position := text.find("\0")) >= 0:
            row = self.number + text.count("\n", 0, position)
            self.fault = f"row {row}: the line holds a NUL, which is no letter"
        self.number += len(others)
        self.length = lengths[-1]


def decoded(path: Path, encoding: str, lines: LineCounter) -> Iterator[str]:
    """Pieces of text with line ends as one newline; a byte order mark is dropped."""
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    offset = 0
    for chunk in (*chunks(path), None):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk or b"", final=chunk is None)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            raise SafeHavenError(
                f"{shown(path.name)}, row {lines.number + before}, "
                f"byte {offset - pending + error.start}: the file is not UTF-8. It must be sent "
                f"again as UTF-8, or in a layout whose mapping says `encoding: latin-1`."
            ) from None
        offset += len(chunk or b"")
        yield newlines.decode(text, final=chunk is None)


def chunks(path: Path) -> Iterator[bytes]:
    """The file's content in pieces, decompressed where its name ends in .gz, up to the limit."""
    packed = path.suffix == ".gz"
    opener = gzip.open if packed else Path.open
    size = 0
    try:
        with opener(path, "rb") as handle:
            while chunk := handle.read(CHUNK):
                size += len(chunk)
                if packed and size > UNPACKED_AT_MOST:
                    raise SafeHavenError(
                        f"{shown(path.name)} unpacks to more than {UNPACKED_AT_MOST >> 20:,} MiB: "
                        f"nothing of it was loaded. It must be sent in parts."
                    )
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        kind = "is cut off" if isinstance(error, EOFError) else "is not a sound gzip file"
        raise SafeHavenError(
            f"{shown(path.name)} {kind}: nothing of it was loaded. {SEND_AGAIN}"
        ) from None


def read_header(decoded_file: Path, name: str, mapping: Mapping) -> list[str]:
    """The file's columns; SafeHavenError where a mapped one is missing or one stands twice.

    A file without a header has the columns of the mapping, if its first row is as wide. Columns
    without a name, such as spreadsheets leave behind, are named by their position; `read_rows`
    refuses them if they hold anything. `name` is the file's as messages show it.
    """
    with decoded_file.open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle, delimiter=mapping.delimiter), [])
    if mapping.file_columns:
        return first_row_fits(header, name, mapping)
    columns = [column.strip() for column in header]
    if missing := [column for column in mapping.source_columns if column not in columns]:
        raise SafeHavenError(
            f"{name} lacks {len(missing)} of {len(mapping.source_columns)} columns that layout "
            f"{mapping.layout} needs: {', '.join(missing)}. The file must be sent again "
            f"with them; a changed layout needs a mapping of its own first."
        )
    if len(columns) > COLUMNS_AT_MOST:
        raise SafeHavenError(f"{name} has more than {COLUMNS_AT_MOST:,} columns. {SEND_AGAIN}")
    columns = [
        column or f"{NAMELESS}{position}" for position, column in enumerate(columns, start=1)
    ]
    counts = Counter(column.casefold() for column in columns)
    if twice := sorted({column for column in columns if counts[column.casefold()] > 1}):
        # other names are not shown: a file without a header begins with a person
        known = [column for column in twice if column in mapping.source_columns]
        raise SafeHavenError(
            f"{name} has columns that stand more than once: {', '.join(known) or 'unknown ones'}. "
            f"Nobody can say which is meant: small and capital letters are the same. {SEND_AGAIN}"
        )
    return columns


def first_row_fits(first_row: list[str], name: str, mapping: Mapping) -> list[str]:
    """The columns of a file without a header; SafeHavenError where its first row has others."""
    columns = list(mapping.file_columns)
    if len(first_row) != len(columns):
        raise SafeHavenError(
            f"{name} has {len(first_row)} columns in its first row; layout {mapping.layout} has "
            f"{len(columns)} and no header. The right file must be sent; a changed layout needs a "
            f"mapping of its own first."
        )
    return columns


def read_rows(
    decoded_file: Path,
    text: Text,
    name: str,
    mapping: Mapping,
    columns: list[str],
    may_be_empty: bool = False,
) -> pa.Table:
    """The rows as the contract's columns, in file order, then `source_row`.

    `columns` are the file's own, as `read_header` gives them.
    SafeHavenError for a row with too few or too many values, a value in a column without a name, an
    empty line, or no rows, unless a file without rows says something (`may_be_empty`).
    """
    with duckdb.connect(config={"temp_directory": str(decoded_file.parent)}) as connection:
        reader = csv_reader(decoded_file, columns, mapping)
        connection.execute(f"create temp table received as from {reader}")
        refuse_ragged_rows(connection, name)
        refuse_values_without_a_name(connection, columns, name)
        newlines = source_row_step(connection, columns, text, name, mapping.header_lines)
        received = connection.table("received")
        rows = received.select(f"{mapping.select_list()}, {newlines} as source_row")
        rows = rows.to_arrow_table()
    if rows.num_rows == 0 and not may_be_empty:
        raise SafeHavenError(
            f"{name} has a header and no rows. Only a bulk file without rows says something (it "
            f"empties its window). {SEND_AGAIN}"
        )
    return rows


def csv_reader(path: Path, columns: list[str], mapping: Mapping) -> str:
    """A strict read_csv in which every value is text; faulty rows go to reject_errors."""
    names = ", ".join(f"{quoted(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({quoted(str(path))}, auto_detect = false, "
        f"header = {'true' if mapping.header_lines else 'false'}, "
        f"columns = {{{names}}}, delim = {quoted(mapping.delimiter)}, quote = '\"', escape = '\"', "
        f"strict_mode = true, store_rejects = true)"
    )


def refuse_ragged_rows(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Stop at rows that are not rows of the file's own header."""
    faults = connection.execute(
        "select line, min(cast(error_type as varchar)) from reject_errors "
        "group by line order by line"
    ).fetchall()
    if not faults:
        return
    named = "; ".join(
        f"row {line}: {FAULTS.get(kind, 'not readable')}" for line, kind in faults[:ROWS_NAMED]
    )
    more = f"; and {len(faults) - ROWS_NAMED:,} more" if len(faults) > ROWS_NAMED else ""
    raise SafeHavenError(
        f"{name} has {len(faults):,} rows that do not fit its columns: {named}{more}. Nothing was "
        f"loaded. {SEND_AGAIN}"
    )


def refuse_values_without_a_name(
    connection: duckdb.DuckDBPyConnection, columns: list[str], name: str
) -> None:
    """Stop where a column without a name holds something: nobody can say what."""
    nameless = [column for column in columns if column.startswith(NAMELESS)]
    if not nameless:
        return
    held = ", ".join(f"count(nullif(trim({identifier(column)}), ''))" for column in nameless)
    counts = connection.table("received").aggregate(held).fetchone() or ()
    if positions := [
        column.removeprefix(NAMELESS)
        for column, values in zip(nameless, counts, strict=True)
        if values
    ]:
        raise SafeHavenError(
            f"{name} has values in columns without a name (column {', '.join(positions)}). "
            f"{SEND_AGAIN}"
        )


def source_row_step(
    connection: duckdb.DuckDBPyConnection,
    columns: list[str],
    text: Text,
    name: str,
    header_lines: int,
) -> str:
    """An expression for the line of each row, a header being line 1.

    A value that holds line breaks moves every later row. Lines that are neither the header, nor a
    row, nor part of a value are empty lines: refused, because they may be lost rows.
    """
    values = f"concat({', '.join(map(identifier, columns))})"
    broken = f"len({values}) - len(replace({values}, chr(10), ''))"
    received = connection.table("received")
    rows, breaks = received.aggregate(f"count(*), coalesce(sum({broken}), 0)").fetchone()
    if rows and text.first_empty_line and text.last_line != header_lines + rows + breaks:
        raise SafeHavenError(
            f"{name}, row {text.first_empty_line}: the line is empty, and so a row may be lost. "
            f"{SEND_AGAIN}"
        )
    if breaks == 0:
        return f"row_number() over () + {header_lines}"
    return (
        f"cast({header_lines} + row_number() over () + coalesce(sum({broken}) over "
        f"(rows between unbounded preceding and 1 preceding), 0) as bigint)"
    )
