"""Write record-level packs for 200 recipients of 10 data sets, 5 million rows in all.

    .venv/bin/python benchmarks/fan_out.py [--rows 5000000] [--recipients 200]

Each recipient gets one DuckDB file under a key of its own, blocks of 16 KiB, with a table per data
set, by the functions that a release uses: rows read from an encrypted warehouse file in their total
order. Compared with one partitioned Parquet write of the same rows, in the clear. The first must
take 90 seconds at most and three times as long as the second at most.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from safe_haven.release import records
from safe_haven.release.render import Field, Table, cast_list, total_order
from safe_haven.zones import load_httpfs, quoted

DATA_SETS = 10
MOST_SECONDS, MOST_RATIO = 90.0, 3.0
FIELDS = (
    Field("pseudonym", "string", ""),
    Field("record_id", "string", ""),
    *(Field(f"code_{letter}", "string", "") for letter in "abcdef"),
    *(Field(f"number_{letter}", "integer", "") for letter in "abcd"),
    Field("month", "string", ""),
)


def make_rows(folder: Path, rows: int, recipients: int) -> duckdb.DuckDBPyConnection:
    """An encrypted warehouse file with a table per data set, rows of all recipients mixed."""
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1})
    load_httpfs(connection)
    key = quoted(secrets.token_hex(32))
    connection.execute(f"attach {quoted(str(folder / 'w.duckdb'))} as w (ENCRYPTION_KEY {key})")
    codes = ", ".join(
        f"'C' || lpad((hash(n, '{field.name}') % 500)::varchar, 3, '0') as {field.name}"
        for field in FIELDS
        if field.name.startswith("code_")
    )
    numbers = ", ".join(
        f"(hash(n, '{field.name}') % 100)::bigint as {field.name}"
        for field in FIELDS
        if field.name.startswith("number_")
    )
    for number in range(DATA_SETS):
        connection.execute(
            f"create table w.set_{number} as select 'R' || (hash(n, 'r') % {recipients})::varchar "  # noqa: S608
            "as recipient_code, sha256((hash(n, 'p') % 1000000)::varchar) as pseudonym, "
            f"sha256(n::varchar) as record_id, {codes}, {numbers}, "
            "'2025-' || lpad((1 + hash(n, 'm') % 12)::varchar, 2, '0') as month "
            f"from range({number * rows // DATA_SETS}, {(number + 1) * rows // DATA_SETS}) as t(n)"
        )
    return connection


def write_packs(connection: duckdb.DuckDBPyConnection, folder: Path, recipients: int) -> None:
    """What a release does for each recipient: read in order, write the container."""
    for recipient in range(recipients):
        content = [
            Table(
                f"set_{number}",
                FIELDS,
                connection.execute(
                    f"select {cast_list(FIELDS)} from w.set_{number} where recipient_code = ? "  # noqa: S608
                    f"order by {total_order(FIELDS)}",
                    [f"R{recipient}"],
                ).to_arrow_table(),
            )
            for number in range(DATA_SETS)
        ]
        path = folder / f"R{recipient}" / "records.duckdb.enc"
        records.write_container(path, secrets.token_bytes(32), content)


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """One partitioned write of the same rows."""
    names = ", ".join(field.name for field in FIELDS)
    union = " union all ".join(
        f"select 'set_{number}' as data_set, recipient_code, {names} from w.set_{number}"  # noqa: S608
        for number in range(DATA_SETS)
    )
    connection.execute(
        f"copy ({union} order by all) to {quoted(str(folder))} "
        "(format parquet, partition_by (recipient_code, data_set))"
    )


def main() -> None:
    """Print seconds and the ratio; exit code 1 where a figure is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--recipients", type=int, default=200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        connection = make_rows(folder, given.rows, given.recipients)
        begin = time.monotonic()
        write_parquet(connection, folder / "parquet")
        parquet = time.monotonic() - begin
        begin = time.monotonic()
        write_packs(connection, folder / "packs", given.recipients)
        packs = time.monotonic() - begin
        size = sum(path.stat().st_size for path in (folder / "packs").rglob("*.enc"))
    ratio = packs / parquet
    print(f"{given.rows} rows, {given.recipients} recipients, {DATA_SETS} data sets each")
    print(f"packs    {packs:6.1f} s, {size / 1e6:.0f} MB")
    print(f"parquet  {parquet:6.1f} s; ratio {ratio:.2f}")
    sys.exit(0 if packs <= MOST_SECONDS and ratio <= MOST_RATIO else 1)


if __name__ == "__main__":
    main()
