"""Ask the live database for an aggregate of 2.5 million rows, with row-level security and without.

    .venv/bin/python benchmarks/live_query.py

Prints the ratio of the medians of interleaved runs, in processor time of the session (without
parallel workers), which must not be above 2. "Without" is the administrator, to whom no policy
applies: the same table, the same rows.
"""

from __future__ import annotations

import datetime
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa

from safe_haven.paths import State
from safe_haven.release.render import Field, Table
from safe_haven.serve import load, roles, server
from safe_haven.serve.packs import Agreement
from safe_haven.serve.passwords import password

ROWS = 2_500_000
ROUNDS = 9
MOST = 2.0
QUESTION = (
    "select provider_code, month, count(*), sum(records) from recipient_qaa.activity group by 1, 2"
)


def agreement(name: str, rows: int, expires_at: datetime.datetime | None = None) -> Agreement:
    """An invented agreement with one table."""
    draw = np.random.default_rng(1)
    codes = {
        "provider_code": [f"R{at:02}" for at in range(40)],
        "month": [f"{m}" for m in range(24)],
    }
    columns = {
        key: pa.array(np.array(values)[draw.integers(0, len(values), rows)])
        for key, values in codes.items()
    } | {"records": pa.array(draw.integers(0, 500, rows))}
    fields = tuple(Field(key, "integer" if key == "records" else "string", "") for key in columns)
    table = Table("activity", fields, pa.table(columns))
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return Agreement("QAA", name, "", begin, expires_at, [table])


def processor_seconds(connection: psycopg.Connection[Any]) -> float:
    """What the session's process has used so far."""
    stat = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def seconds(connection: psycopg.Connection[Any]) -> float:
    """What one answer takes."""
    before = processor_seconds(connection)
    connection.execute(QUESTION).fetchall()
    return processor_seconds(connection) - before


def measure(state: State, own: server.Server, agreements: list[Agreement]) -> float:
    """Load, ask in turns, print, and return the ratio."""
    with server.connect(state, own) as admin:
        load.load(admin, agreements, lambda role: password(state, role))
    role = roles.role_of("QAA")
    secret = password(state, role)
    with (
        server.connect(state, own) as admin,
        psycopg.connect(own.dsn(role), password=secret, autocommit=True) as recipient,
    ):
        for connection in (admin, recipient):
            connection.execute("set max_parallel_workers_per_gather = 0")
            connection.execute(f"set work_mem = '{roles.WORK_MEMORY}'")
        pairs = [(seconds(admin), seconds(recipient)) for _ in range(ROUNDS)]
    without, secured = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(
        f"{ROWS:,} rows, {len(agreements)} agreements: {1000 * without:.0f} ms without row-level "
        f"security, {1000 * secured:.0f} ms with it, ratio {secured / without:.2f}"
    )
    return secured / without


def main() -> None:
    """Measure one agreement with an end, and four that share the rows."""
    end = datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder))
        state.make_folders()
        with server.started(state) as own:
            ratios = [
                measure(state, own, [agreement(str(at), ROWS // many, end) for at in range(many)])
                for many in (1, 4)
            ]
    sys.exit(0 if max(ratios) <= MOST else f"The ratio is above {MOST}.")


if __name__ == "__main__":
    main()
