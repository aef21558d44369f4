"""The canary scan: does any identifier stand in what lies outside the identifiable zone?

The gate reads SQL; this reads bytes. It opens every container it knows (zip, xlsx, gzip, bzip2,
xz, zstd, PDF streams, Parquet, DuckDB), looks at the raw bytes and at the decoded values, and
fails closed on a container that it cannot open. What it cannot see: a value encrypted under a key
it was not given, spread over several cells or rows, encoded twice, or hashed without a key.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from safe_haven.wall.findings import Finding
from safe_haven.wall.needles import MIN_TEXT, Search, searcher
from safe_haven.wall.policy import SEEDS_DATABASE, SEEDS_SCHEMA

CANARY = "CANARYBIRD"
# What identifies a person beside the NHS number, by column name in the identifiable zone.
CANARY_COLUMNS = (
    "address_line",
    "cds_unique_identifier",
    "date_of_birth",
    "family_name",
    "given_name",
    "hospital_spell_number",
    "local_patient_id",
    "postcode",
)
# NHS numbers are far above; a filler such as ten noughts stands in every file as some small number.
LEAST_NUMBER = "0001000000"
# Bytes 8 to 11 of every DuckDB file, an encrypted one too.
DUCKDB_MARK = b"DUCK"
SEEDS = (SEEDS_DATABASE, SEEDS_SCHEMA)
MAX_DEPTH = 5
MAX_MEMBER = 1 << 31

WHAT_TO_DO = (
    "do not hand it out: find the model or program that wrote it (safe-haven wall), delete the "
    "file, build again"
)


def needles(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every value that must stand nowhere outside the identifiable zone, sorted.

    All NHS numbers in any table of `identifiable`, and every identifying value of the canaries
    (people whose family name begins CANARYBIRD). `connection` has the catalogue `identifiable`.
    """
    columns = _identifiable_columns(connection)
    numbers: set[str] = set()
    for table, names in columns.items():
        for name in names:
            if "nhs_number" in name or name == "identity_value":
                numbers |= _numbers(connection, table, name)
    texts: set[str] = set()
    for values in _canary_values(connection, columns):
        texts |= values
    return sorted(numbers | {text for text in texts if len(text) >= MIN_TEXT})


def _identifiable_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where database_name = 'identifiable' and schema_name <> 'meta' "
        "order by schema_name, table_name, column_name"
    ).fetchall()
    columns: dict[str, list[str]] = {}
    for schema, table, column in rows:
        columns.setdefault(f"identifiable.{_quoted(schema)}.{_quoted(table)}", []).append(column)
    return columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _numbers(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> set[str]:
    rows = connection.execute(
        f"select distinct number from (select regexp_replace({_quoted(column)}::varchar, "  # noqa: S608
        f"'[^0-9]', '', 'g') as number from {table}) "
        f"where length(number) = 10 and number >= '{LEAST_NUMBER}'"
    ).fetchall()
    return {row[0] for row in rows}


def _canary_values(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]
) -> Iterator[set[str]]:
    people = [table for table, names in columns.items() if "family_name" in names]
    canaries = {
        row[0]
        for table in people
        for row in connection.execute(
            f"select distinct nhs_number from {table} where starts_with(family_name, ?)",  # noqa: S608
            [CANARY],
        ).fetchall()
    }
    for table, names in columns.items():
        if "nhs_number" not in names:
            continue
        for name in sorted(set(names) & set(CANARY_COLUMNS)):
            rows = connection.execute(
                f"select distinct {_quoted(name)} from {table} "  # noqa: S608
                f"where list_contains(?, nhs_number) and {_quoted(name)} is not null",
                [sorted(filter(None, canaries))],
            ).fetchall()
            yield from (_spellings(name, row[0]) for row in rows)


def _spellings(column: str, value: object) -> set[str]:
    if column == "date_of_birth":
        return {f"{value:%Y-%m-%d}", f"{value:%d/%m/%Y}"}
    text = str(value).strip()
    return {text, text.replace(" ", "")} if column == "postcode" else {text}


@dataclass
class Scan:
    """One scan: what to search for, and how often it was found, by place and form."""

    search: Search
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: list[Finding] = field(default_factory=list)

    def text(self, place: str, data: bytes) -> None:
        """Search bytes as they are."""
        self.found.update((place, form) for form in self.search(data))

    def data(self, place: str, data: bytes, depth: int = 0) -> None:
        """Search bytes as they are, and what they contain if they are a known container."""
        self.text(place, data)
        for is_kind, members in CONTAINERS:
            if not is_kind(data):
                continue
            if depth >= MAX_DEPTH:
                self._cannot_read(place, "containers are nested too deep")
                return
            try:
                for name, member in members(data):
                    self.data(f"{place} : {name}", member, depth + 1)
            except (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError) as bad:
                self._cannot_read(place, f"the container cannot be read ({type(bad).__name__})")
            except (zipfile.BadZipFile, pa.ArrowException, NotImplementedError) as bad:
                self._cannot_read(place, f"the container cannot be read ({type(bad).__name__})")
        if data.startswith(b"PAR1"):
            try:
                for name, values in parquet_values(data):
                    self.text(f"{place} : {name}", values)
            except (OSError, ValueError, pa.ArrowException) as bad:
                self._cannot_read(place, f"the Parquet file cannot be read ({type(bad).__name__})")

    def _cannot_read(self, place: str, why: str) -> None:
        self.unreadable.append(
            Finding(
                "scan-unreadable", place, why, "remove it: what cannot be read cannot be proved"
            )
        )

    def findings(self) -> list[Finding]:
        """What was found, in a fixed order; the values themselves are never named."""
        found = [
            Finding(
                "canary-scan", place, f"it holds an identifier, {form} ({count} times)", WHAT_TO_DO
            )
            for (place, form), count in self.found.items()
        ]
        return sorted([*found, *self.unreadable])


# Containers


def _zip_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield "comment", archive.comment
        for item in archive.infolist():
            if item.flag_bits & 1:
                raise ValueError("encrypted member")
            if item.file_size > MAX_MEMBER:
                raise ValueError("member too large")
            yield item.filename, archive.read(item)
            yield f"{item.filename} (name and comment)", item.filename.encode() + item.comment


def _one(name: str, unpack: Callable[[bytes], bytes]) -> Callable[[bytes], Iterator]:
    def members(data: bytes) -> Iterator[tuple[str, bytes]]:
        yield name, unpack(data)

    return members


def _zstd(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return stream.read()


def _pdf_streams(data: bytes) -> Iterator[tuple[str, bytes]]:
    for index, match in enumerate(re.finditer(rb"stream\r?\n", data)):
        unpacker = zlib.decompressobj()
        try:
            yield f"stream {index}", unpacker.decompress(data[match.end() :])
        except zlib.error:
            continue


CONTAINERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes], Iterator]], ...] = (
    (lambda data: data[:4] in (b"PK\x03\x04", b"PK\x05\x06"), _zip_members),
    (lambda data: data[:2] == b"\x1f\x8b", _one("gzip", gzip.decompress)),
    (lambda data: data[:3] == b"BZh", _one("bzip2", bz2.decompress)),
    (lambda data: data[:6] == b"\xfd7zXZ\x00", _one("xz", lzma.decompress)),
    (lambda data: data[:4] == b"\x28\xb5\x2f\xfd", _one("zstd", _zstd)),
    (lambda data: data[:5] == b"%PDF-", _pdf_streams),
)


# Decoded values


def parquet_values(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(column, values as lines) for every column chunk, its dictionary, statistics and metadata."""
    plain = pq.ParquetFile(io.BytesIO(data))
    strings = [
        plain.schema.column(i).path
        for i in range(len(plain.schema))
        if plain.schema.column(i).physical_type == "BYTE_ARRAY"
    ]
    # As dictionaries: entries that no row uses any more are read as well.
    file = pq.ParquetFile(io.BytesIO(data), read_dictionary=strings)
    yield "metadata", str(file.metadata.metadata or {}).encode() + str(file.schema_arrow).encode()
    for group in range(file.metadata.num_row_groups):
        for i in range(file.metadata.num_columns):
            statistics = file.metadata.row_group(group).column(i).statistics
            if statistics is not None and statistics.has_min_max:
                name = file.metadata.row_group(group).column(i).path_in_schema
                yield f"{name} (statistics)", f"{statistics.min}\n{statistics.max}".encode()
        table = file.read_row_group(group)
        for name, column in zip(table.column_names, table.columns, strict=True):
            for chunk in column.chunks:
                for values in lines(chunk):
                    yield name, values


LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def lines(array: pa.Array) -> Iterator[bytes]:
    """The values of an array, however nested, as lines of bytes."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from lines(array.dictionary)
    elif pa.types.is_struct(kind):
        for i in range(kind.num_fields):
            yield str(kind.field(i).name).encode()
            yield from lines(array.field(i))
    elif pa.types.is_map(kind):
        yield from lines(array.keys)
        yield from lines(array.items)
    elif any(is_a(kind) for is_a in LISTS):
        yield from lines(array.flatten())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        yield _joined(array.cast(pa.large_binary()))
    elif pa.types.is_fixed_size_binary(kind):
        yield b"\n".join(value for value in array.to_pylist() if value is not None)
    elif pa.types.is_null(kind) or pa.types.is_boolean(kind):
        return
    else:
        yield _joined(pc.cast(array, pa.large_string()).cast(pa.large_binary()))


def _joined(array: pa.Array) -> bytes:
    values = array.drop_null()
    if not len(values):
        return b""
    one = pa.LargeListArray.from_arrays([0, len(values)], values)
    return pc.binary_join(one, pa.scalar(b"\n", pa.large_binary()))[0].as_py()


CATALOGUE = """
    select concat_ws(' ', schema_name, table_name, comment, sql) from duckdb_tables()
    where database_name = $1
    union all
    select concat_ws(' ', schema_name, view_name, comment, sql) from duckdb_views()
    where database_name = $1 and not internal
    union all
    select concat_ws(' ', column_name, column_default, comment, data_type) from duckdb_columns()
    where database_name = $1
    union all
    select concat_ws(' ', function_name, comment, macro_definition) from duckdb_functions()
    where database_name = $1 and not internal
"""


def scan_connection(
    connection: duckdb.DuckDBPyConnection,
    databases: Sequence[str],
    needles: Collection[str],
    published: Collection[str] = (),
    seeds_may_hold: Collection[str] = (),
) -> list[Finding]:
    """Search every value of every column of the attached `databases`, and their catalogue.

    Numbers that are `published` are excused everywhere, `seeds_may_hold` in the tables of the
    project's own seeds.
    """
    search = searcher(needles, published)
    in_seeds = searcher(needles, {*published, *seeds_may_hold}) if seeds_may_hold else search
    return search_connection(connection, databases, search, in_seeds)


def search_connection(
    connection: duckdb.DuckDBPyConnection,
    databases: Sequence[str],
    search: Search,
    search_seeds: Search | None = None,
) -> list[Finding]:
    """The same with a search that was prepared: of many small databases that is most of the work.

    Tables are read once, a batch at a time, every column cast to text (blobs as bytes); of a batch
    the distinct values are searched.
    """
    scan = Scan(search)
    seed_scan = Scan(search_seeds or search, scan.found, scan.unreadable)
    for database in databases:
        catalogue = connection.execute(CATALOGUE, [database]).fetchall()
        scan.text(f"{database} (catalogue)", "\n".join(row[0] for row in catalogue).encode())
        columns = connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() "
            "where database_name = ? and data_type <> 'BOOLEAN' order by all",
            [database],
        ).fetchall()
        for (schema, table), group in groupby(columns, key=lambda row: row[:2]):
            names, kinds = zip(*(row[2:] for row in group), strict=True)
            values = ", ".join(
                _quoted(name) if kind == "BLOB" else f"{_quoted(name)}::varchar"
                for name, kind in zip(names, kinds, strict=True)
            )
            reader = connection.execute(
                f"select {values} from "  # noqa: S608
                f"{_quoted(database)}.{_quoted(schema)}.{_quoted(table)}"
            ).to_arrow_reader(100_000)
            here = seed_scan if (database, schema) == SEEDS else scan
            for batch in reader:
                for name, column in zip(names, batch.columns, strict=True):
                    for text in lines(column.unique()):
                        here.text(f"{database}.{schema}.{table}.{name}", text)
    return scan.findings()


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Every regular file at or below `paths`, once, in a fixed order; links are not followed."""
    seen: set[Path] = set()
    for path in sorted(paths):
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        for item in below:
            if item.is_file() and not item.is_symlink() and item not in seen:
                seen.add(item)
                yield item


def scan_paths(
    paths: Iterable[Path], needles: Collection[str], published: Collection[str] = ()
) -> list[Finding]:
    """Search files and folders for any needle, in every form and container; empty means none.

    `published`: numbers that stand in the project's own public text and are nobody's secret. A
    plain DuckDB file is opened and read; an encrypted one shows random bytes only: pass it to
    `scan_connection` with its key.
    """
    paths = list(paths)
    scan = Scan(searcher(needles, published))
    findings: list[Finding] = []
    for path in paths:
        if not path.exists():
            findings.append(
                Finding("scan-unreadable", str(path), "it does not exist", "give an existing path")
            )
    for path in files(path for path in paths if path.exists()):
        data = path.read_bytes()
        place = named(path, scan.search)
        scan.text(f"{place} (name)", str(path).encode())
        scan.data(place, data)
        if data[8:12] == DUCKDB_MARK:
            findings += _scan_database(path, place, needles, published)
    return sorted([*findings, *scan.findings()])


def named(path: Path, search: Search) -> str:
    """What a finding calls a file: its path, without the names that hold an identifier."""
    clean = path
    while any(search(str(clean).encode())):
        clean = clean.parent
    return str(path) if clean == path else f"{clean}/(a name that is not repeated here)"


def _scan_database(
    path: Path, place: str, needles: Collection[str], published: Collection[str]
) -> list[Finding]:
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(
                "attach '" + str(path).replace("'", "''") + "' as scanned (read_only)"
            )
        except duckdb.Error:
            return []
        found = scan_connection(connection, ["scanned"], needles, published)
    return [
        Finding(item.rule, f"{place} : {item.node}", item.why, item.what_to_do) for item in found
    ]


def is_open_database(path: Path) -> bool:
    """Whether a DuckDB file can be read without any key."""
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute("attach '" + str(path).replace("'", "''") + "' as open (read_only)")
        except duckdb.Error:
            return False
    return True


def is_encrypted_database(path: Path) -> bool:
    """Whether a file is a DuckDB file that shows nothing without its key."""
    with path.open("rb") as handle:
        marked = handle.read(12)[8:] == DUCKDB_MARK
    return marked and not is_open_database(path)
