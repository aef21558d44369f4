"""The canary scan: a planted identifier is found in every form and container, and nothing else is.

Every attack plants a value and must be found; its control plants nothing in the same place and
must come back empty.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import io
import lzma
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from safe_haven.wall import canary
from safe_haven.wall.needles import Numbers, is_valid_nhs_number


def synthetic_numbers(count: int, start: int = 0) -> list[str]:
    """`count` valid numbers of the never-issued 999 range, in order."""
    found: list[str] = []
    body = start
    while len(found) < count:
        number = next(
            (n for n in (f"999{body:06d}{d}" for d in range(10)) if is_valid_nhs_number(n)), None
        )
        body += 1
        if number:
            found.append(number)
    return found


NUMBER = synthetic_numbers(1, 123456)[0]
OTHER = synthetic_numbers(1, 654321)[0]
NEEDLES = [*synthetic_numbers(2000, 200000), NUMBER, "CANARYBIRD07", "7 CANARYCAGE LANE", "ZX7 9ZZ"]
# Ten digits of the same look that fail modulus 11: nobody's number.
HARMLESS = NUMBER[:9] + str((int(NUMBER[9]) + 1) % 10)


def spaced(number: str) -> str:
    """The way a number is printed: 3-3-4."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda n: n.encode(),
    "inside a local id": lambda n: f"RX1{n}A".encode(),
    "after other digits": lambda n: f"L0042{n}".encode(),
    "before a date": lambda n: f"A{n}20240401".encode(),
    "reversed": lambda n: n[::-1].encode(),
    "spaced": lambda n: spaced(n).encode(),
    "hyphens": lambda n: spaced(n).replace(" ", "-").encode(),
    "no-break spaces": lambda n: spaced(n).replace(" ", "\u00a0").encode(),
    "spaced and reversed": lambda n: spaced(n)[::-1].encode(),
    "digit by digit": lambda n: " ".join(n).encode(),
    "hex": lambda n: n.encode().hex().encode(),
    "hex with spaces": lambda n: n.encode().hex(" ").encode(),
    "hex escapes": lambda n: "".join(f"\\x{ord(d):02x}" for d in n).encode(),
    "hex reversed": lambda n: n[::-1].encode().hex().encode(),
    "percent": lambda n: "".join(f"%{ord(d):02X}" for d in n).encode(),
    "json escapes": lambda n: "".join(f"\\u00{ord(d):02x}" for d in n).encode(),
    "html entities": lambda n: "".join(f"&#{ord(d)};" for d in n).encode(),
    "base64 at 0": lambda n: base64.b64encode(f"{n}".encode()),
    "base64 at 1": lambda n: base64.b64encode(f"A{n}B".encode()),
    "base64 at 2": lambda n: base64.b64encode(f"AB{n}C".encode()),
    "base64 reversed at 0": lambda n: base64.b64encode(n[::-1].encode()),
    "base64 reversed at 1": lambda n: base64.b64encode(f"A{n[::-1]}B".encode()),
    "base64 reversed at 2": lambda n: base64.b64encode(f"AB{n[::-1]}C".encode()),
    "base64 in lines": lambda n: base64.encodebytes(f"{'x' * 50}{n}{'y' * 50}".encode()),
    "base64 url-safe": lambda n: base64.urlsafe_b64encode(f"??>{n}".encode()),
    "utf-16": lambda n: n.encode("utf-16"),
    "utf-16 big-endian": lambda n: n.encode("utf-16-be"),
    "64-bit integer": lambda n: b"\x01" + np.int64(int(n)).tobytes() + b"\xff" * 9,
    "64-bit float": lambda n: b"\x00" * 3 + np.float64(int(n)).tobytes() + b"\xff" * 9,
    "the end of a UUID": lambda n: str(uuid.UUID(hex=n.zfill(32))).encode(),
    "the start of a UUID": lambda n: str(uuid.UUID(hex=n.ljust(32, "0"))).encode(),
    "a decimal fraction": lambda n: f"0.{n}".encode(),
}


def found(data: bytes) -> bool:
    """Whether the scan finds anything in bytes that stand between other bytes."""
    scan = canary.Scan(canary.searcher(NEEDLES))
    scan.data("planted", b"before, " + data + b" ,after")
    return bool(scan.findings())


@pytest.mark.parametrize("form", FORMS)
def test_attack_every_encoding_of_a_number_is_found(form: str) -> None:
    """Each form of a number is found; the same form of a harmless number is not."""
    assert found(FORMS[form](NUMBER))
    assert not found(FORMS[form](HARMLESS))


@pytest.mark.parametrize("text", ["CANARYBIRD07", "7 CANARYCAGE LANE", "ZX7 9ZZ"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda t: t.encode(),
        lambda t: t.lower().encode(),
        lambda t: t[::-1].encode(),
        lambda t: t.encode().hex().encode(),
        lambda t: " ".join(t).encode(),
        lambda t: t.encode("utf-16"),
        lambda t: base64.b64encode(t.encode()),
        lambda t: base64.b64encode(b"x" + t.encode()),
        lambda t: base64.b64encode(b"xy" + t.encode() + b"z"),
    ],
)
def test_attack_every_encoding_of_a_text_is_found(
    text: str, encode: Callable[[str], bytes]
) -> None:
    """Names, streets and postcodes of canaries are found too; an ordinary one is not."""
    assert found(encode(text))
    assert not found(encode("SPARROWHAWK 12"))


def test_attack_an_unknown_number_of_the_999_range_is_found() -> None:
    """A valid 999 number counts even if no table holds it; where it is published, it does not."""
    assert found(OTHER.encode()) and found(spaced(OTHER).encode())
    assert not list(canary.searcher(NEEDLES, [OTHER])(OTHER.encode()))


def xlsx(value: object) -> bytes:
    """A workbook with one value."""
    book = openpyxl.Workbook()
    book.active.append(["header", value])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(value: str, name: str = "a.txt") -> bytes:
    """A zip file with one compressed member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f"some text before {value} and after")
    return buffer.getvalue()


def parquet(array: pa.Array, **options: object) -> bytes:
    """A Parquet file with one column."""
    buffer = io.BytesIO()
    pq.write_table(pa.table({"column": array}), buffer, compression="zstd", **options)
    return buffer.getvalue()


CONTAINERS: dict[str, Callable[[str], bytes]] = {
    "zip": zipped,
    "a name in a zip": lambda n: zipped("nothing", f"{n}.txt"),
    "zip in zip": lambda n: zipped_bytes(zipped(n)),
    "xlsx text": lambda n: xlsx(n),
    "xlsx number": lambda n: xlsx(int(n)),
    "gzip": lambda n: gzip.compress(f"some text {n}".encode()),
    "bzip2": lambda n: bz2.compress(f"some text {n}".encode()),
    "xz": lambda n: lzma.compress(f"some text {n}".encode()),
    "zstd": lambda n: pa.compress(f"some text {n}".encode(), "zstd", asbytes=True),
    "pdf stream": lambda n: b"%PDF-1.4 stream\n" + zlib.compress(f"({n}) Tj".encode()),
    "parquet text": lambda n: parquet(pa.array(["a", n])),
    "parquet integer": lambda n: parquet(pa.array([1, int(n)])),
    "parquet list": lambda n: parquet(pa.array([["a"], [n]])),
    "parquet struct": lambda n: parquet(pa.array([{"a": {"b": n}}])),
    "parquet map": lambda n: parquet(pa.array([[(n, 1)]], pa.map_(pa.string(), pa.int64()))),
    "parquet binary": lambda n: parquet(pa.array([n.encode()])),
    "parquet dictionary": lambda n: parquet(pa.array([n] * 100).dictionary_encode()),
    "parquet metadata": lambda n: parquet_metadata(n),
    "gzip of base64": lambda n: gzip.compress(base64.b64encode(f"a{n}".encode())),
}


def zipped_bytes(data: bytes) -> bytes:
    """A zip file whose member is `data`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", data)
    return buffer.getvalue()


def parquet_metadata(value: str) -> bytes:
    """A Parquet file that says the value in its key-value metadata."""
    buffer = io.BytesIO()
    table = pa.table({"a": [1]}).replace_schema_metadata({"note": value})
    pq.write_table(table, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("container", CONTAINERS)
def test_attack_every_container_is_opened(container: str, tmp_path: Path) -> None:
    """A number inside a container is found; the same container without it is clean."""
    planted, clean = tmp_path / "planted.bin", tmp_path / "clean.bin"
    planted.write_bytes(CONTAINERS[container](NUMBER))
    clean.write_bytes(CONTAINERS[container](HARMLESS))
    findings = canary.scan_paths([planted], NEEDLES)
    assert findings and all(item.rule == "canary-scan" for item in findings)
    assert canary.scan_paths([clean], NEEDLES) == []


def test_attack_the_name_of_a_file_is_read(tmp_path: Path) -> None:
    """A number in a file name is found, below a folder too."""
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "a.txt").write_text("nothing")
    assert canary.scan_paths([tmp_path], NEEDLES) == []
    (tmp_path / "clean" / f"letter {spaced(NUMBER)}.txt").write_text("nothing")
    assert canary.scan_paths([tmp_path], NEEDLES)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("gzip", lambda: gzip.compress(b"some text" * 100)[:-20]),
        ("zip", lambda: zipped("x")[:-30]),
        ("parquet", lambda: parquet(pa.array(["a"]))[:-9]),
        ("locked zip", lambda: locked_zip()),
    ],
)
def test_attack_what_cannot_be_opened_is_refused(
    name: str, damage: Callable[[], bytes], tmp_path: Path
) -> None:
    """A container that cannot be read is a finding, not a pass."""
    path = tmp_path / name
    path.write_bytes(damage())
    assert [item.rule for item in canary.scan_paths([path], NEEDLES)] == ["scan-unreadable"]
    assert canary.scan_paths([tmp_path / "absent"], NEEDLES)


def locked_zip() -> bytes:
    """A zip file whose member says that it is encrypted."""
    data = bytearray(zipped("x"))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_attack_nesting_without_end_is_refused(tmp_path: Path) -> None:
    """Containers nested deeper than the scan goes are a finding."""
    data = b"text"
    for _ in range(canary.MAX_DEPTH + 2):
        data = gzip.compress(data)
    (tmp_path / "deep").write_bytes(data)
    assert canary.scan_paths([tmp_path], NEEDLES)
    (tmp_path / "deep").write_bytes(gzip.compress(gzip.compress(b"text")))
    assert canary.scan_paths([tmp_path], NEEDLES) == []


DATABASE_LEAKS = {
    "text": "create table t as select '{n}' as a",
    "integer": "create table t as select {n}::bigint as a",
    "huge integer": "create table t as select {n}::hugeint as a",
    "decimal": "create table t as select {n}::decimal(20, 2) as a",
    "float": "create table t as select {n}::double as a",
    "list": "create table t as select ['x', '{n}'] as a",
    "struct": "create table t as select {{'b': {{'c': '{n}'}}}} as a",
    "map": "create table t as select map {{'{n}': 1}} as a",
    "blob": "create table t as select '{n}'::blob as a",
    "reversed": "create table t as select reverse('{n}') as a",
    "base64": "create table t as select base64(('x' || '{n}')::blob) as a",
    "hex": "create table t as select hex('{n}') as a",
    "json": """create table t as select '{{"a": "{n}"}}'::json as a""",
    "uuid": "create table t as select lpad('{n}', 32, '0')::uuid as a",
    "enum": "create type e as enum ('x', '{n}'); create table t as select 'x'::e as a",
    "column name": 'create table t as select 1 as "c{n}"',
    "table name": 'create table "t{n}" as select 1 as a',
    "comment": "create table t as select 1 as a; comment on column t.a is '{n}'",
    "view": "create view t as select '{n}' as a",
    "default": "create table t (a varchar default '{n}')",
    "macro": "create macro m() as '{n}'",
    "deep in a schema": "create schema s; create table s.t as select 1 as a, '{n}' as b",
}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection for all leaks: each attaches databases of its own."""
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize("leak", DATABASE_LEAKS)
def test_attack_every_place_in_a_database_is_read(
    leak: str, database: duckdb.DuckDBPyConnection
) -> None:
    """Any type, nested or not, and the catalogue: found when planted, clean when not."""
    for number, name in ((NUMBER, f"planted {leak}"), (HARMLESS, f"clean {leak}")):
        database.execute(f'attach \':memory:\' as "{name}"; use "{name}"')
        database.execute(DATABASE_LEAKS[leak].format(n=number))
    assert canary.scan_connection(database, [f"planted {leak}"], NEEDLES)
    assert canary.scan_connection(database, [f"clean {leak}"], NEEDLES) == []


def test_attack_a_database_file_is_opened(tmp_path: Path) -> None:
    """A DuckDB file that needs no key is opened, and its compressed values are read."""
    for number, name in ((NUMBER, "planted"), (HARMLESS, "clean")):
        with duckdb.connect(tmp_path / f"{name}.duckdb") as connection:
            connection.execute(
                "create table t as select ? || i as a from range(9000) r(i)", [f"A{number}"]
            )
    assert canary.scan_paths([tmp_path / "planted.duckdb"], NEEDLES)
    assert canary.scan_paths([tmp_path / "clean.duckdb"], NEEDLES) == []
    assert canary.is_open_database(tmp_path / "clean.duckdb")


def identifiable(connection: duckdb.DuckDBPyConnection) -> None:
    """A small identifiable zone with one canary and one ordinary person."""
    connection.execute("attach ':memory:' as identifiable")
    connection.execute("create schema identifiable.staging")
    connection.execute(
        "create table identifiable.staging.stg_person (nhs_number varchar, family_name varchar, "
        "given_name varchar, postcode varchar, date_of_birth date, "
        "superseded_by_nhs_number varchar)"
    )
    people = [
        (NUMBER, "CANARYBIRD07", "TWEETY07", "ZX7 9ZZ", "1959-07-23", OTHER),
        (synthetic_numbers(1)[0], "SMITH", "JOAN", "LS1 4AP", "1960-01-02", None),
    ]
    connection.executemany(
        "insert into identifiable.staging.stg_person values (?, ?, ?, ?, ?, ?)", people
    )
    connection.execute(
        "create table identifiable.staging.stg_apc_episode as "
        f"select '{NUMBER}' as nhs_number, 'S1959072377' as hospital_spell_number"
    )


def test_needles_are_all_numbers_and_the_canaries_other_values() -> None:
    """Every NHS number, old ones too; names, postcodes and local ids of canaries alone."""
    with duckdb.connect() as connection:
        identifiable(connection)
        needles = canary.needles(connection)
    assert {NUMBER, OTHER, synthetic_numbers(1)[0]} <= set(needles)
    assert {"CANARYBIRD07", "TWEETY07", "ZX7 9ZZ", "ZX79ZZ", "S1959072377"} <= set(needles)
    assert "1959-07-23" in needles
    assert not {"SMITH", "JOAN", "LS1 4AP", "1960-01-02"} & set(needles)


def test_a_filler_is_no_number() -> None:
    """Ten noughts would be found in every file that holds a nought."""
    with duckdb.connect() as connection:
        identifiable(connection)
        connection.execute(
            "insert into identifiable.staging.stg_apc_episode values ('0000000000', '')"
        )
        assert "0000000000" not in canary.needles(connection)


def test_findings_never_say_the_value(tmp_path: Path) -> None:
    """A finding names the place and the form, so that a log of it is no leak."""
    (tmp_path / "a.csv").write_text(f"x,{NUMBER}\ny,CANARYBIRD07\n")
    text = str(canary.scan_paths([tmp_path], NEEDLES))
    assert "a.csv" in text
    assert NUMBER not in text and "CANARYBIRD07" not in text


def test_random_digits_are_no_findings() -> None:
    """UUIDs, hashes, floats and sums of hashes give no false alarm, against 20,000 numbers."""
    draw = np.random.default_rng(7)
    rows = []
    for index in range(40_000):
        raw = draw.bytes(32)
        rows.append(
            f"{uuid.UUID(bytes=raw[:16])},{hashlib.sha256(raw).hexdigest()},{draw.random()},"
            f"{int.from_bytes(raw[:16], 'big')},{index},2024-04-{index % 30 + 1:02d}"
        )
    search = canary.searcher(synthetic_numbers(20_000))
    assert list(search("\n".join(rows).encode())) == []
    assert list(search(draw.bytes(5_000_000))) == []


def test_attack_digits_in_noise_still_count_where_they_are_no_noise() -> None:
    """The rules for noise excuse a number in the middle of a hash, and only there."""
    numbers = Numbers([NUMBER])
    head, tail = "a1b2c3d4e5", "f6a7b8c9d0e1"
    assert not list(numbers.search(f"{head}{NUMBER}{tail}".encode()))
    assert list(numbers.search(f"{head[:5]}{NUMBER}{tail[:5]}".encode()))
    assert not list(numbers.search(f"0.12345{NUMBER}".encode()))
    assert list(numbers.search(f"{NUMBER}{'7' * 28}".encode()))
    assert not list(numbers.search(f"{'7' * 14}{NUMBER}{'7' * 14}".encode()))


def test_a_large_scan_is_fast(tmp_path: Path) -> None:
    """20 MB against 20,000 numbers in well under 3 s of processor time: 200 MB in under 30 s."""
    line = "QOP,RX1,EL,2024-25 Q1,2024-04,1234567,shown,0a1b2c3d-1111-2222-3333-444455556666\n"
    (tmp_path / "mart.csv").write_text(line * (20_000_000 // len(line)))
    begun = time.process_time()
    assert canary.scan_paths([tmp_path], synthetic_numbers(20_000)) == []
    assert time.process_time() - begun < 3


def test_a_code_of_the_projects_own_seeds_is_excused_in_the_seeds_alone() -> None:
    """A sender cannot stop the build with a patient called by the digits of an approved code."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as pseudonymised")
        for schema in ("seeds", "handover"):
            connection.execute(f"create schema pseudonymised.{schema}")
            connection.execute(
                f"create table pseudonymised.{schema}.a as select '{NUMBER}101' as code"
            )
        found = canary.scan_connection(
            connection, ["pseudonymised"], NEEDLES, seeds_may_hold=[NUMBER]
        )
        # Control: not excused, it is found in both.
        both = canary.scan_connection(connection, ["pseudonymised"], NEEDLES)
    assert [finding.node for finding in found] == ["pseudonymised.handover.a.code"]
    assert len(both) == 2
