"""Each kind of client that the README names reads what its recipient is owed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
from live_world import Live

from safe_haven.serve.packs import Agreement

ROLE = "recipient_qaa"
QUESTION = "select count(*), sum(records) from mart_activity_by_month"


def run(command: list[str], question: str, live: Live) -> str:
    """What a program prints; its password is in the environment, as in the README."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed: apt.txt has its package")
    environment = os.environ | {"PGPASSWORD": live.password(ROLE)}
    done = subprocess.run(
        command, input=question, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def psql(live: Live) -> list[str]:
    """psql."""
    command = ["psql", live.server.dsn(ROLE), "--no-align", "--tuples-only", "--field-separator=,"]
    return run(command, QUESTION, live).strip().split(",")


def odbc(live: Live) -> list[str]:
    """unixODBC with PostgreSQL's driver: what Power BI and Excel use."""
    connection = (
        f"Driver=PostgreSQL Unicode;Server=127.0.0.1;Port={live.server.port};"
        f"Database=safe_haven;Uid={ROLE};Pwd={live.password(ROLE)}"
    )
    return run(["isql", "-b", "-d,", "-k", connection], QUESTION, live).strip().split(",")


def r(live: Live) -> list[str]:
    """R."""
    program = f"""
        library(RPostgreSQL)
        connection <- dbConnect(
            PostgreSQL(), host = "127.0.0.1", port = {live.server.port}, dbname = "safe_haven",
            user = "{ROLE}", password = Sys.getenv("PGPASSWORD")
        )
        found <- dbGetQuery(connection, "{QUESTION}")
        cat(found[[1]], found[[2]], sep = ",")
    """
    return run(["Rscript", "--vanilla", "-"], program, live).strip().split(",")


def python(live: Live) -> list[str]:
    """Python."""
    with psycopg.connect(live.server.dsn(ROLE), password=live.password(ROLE)) as connection:
        return [str(value) for value in connection.execute(QUESTION).fetchone() or ()]


def duckdb_extension(live: Live) -> list[str]:
    """DuckDB's postgres extension, which copies the rows of a table on several connections."""
    import duckdb_extension_postgres_scanner

    folder = Path(duckdb_extension_postgres_scanner.__file__).parent
    (extension,) = folder.rglob("postgres_scanner.duckdb_extension")
    with pytest.MonkeyPatch.context() as patch, duckdb.connect() as connection:
        patch.setenv("PGPASSWORD", live.password(ROLE))
        connection.execute(f"load '{extension}'")
        connection.execute(f"attach '{live.server.dsn(ROLE)}' as live (type postgres, read_only)")
        tables = connection.execute("show tables from live.recipient_qaa").fetchall()
        assert len(tables) == 3
        question = QUESTION.replace("mart_", f"live.{ROLE}.mart_")
        return [str(value) for value in connection.execute(question).fetchone() or ()]


@pytest.mark.parametrize(
    "client", [psql, odbc, r, python, duckdb_extension], ids=lambda client: client.__name__
)
def test_a_client_reads_what_its_recipient_is_owed(
    live: Live, current: list[Agreement], client: Callable[[Live], list[str]]
) -> None:
    rows = next(item for item in current if item.agreement == "AGG-A").tables[0].rows
    records = [count for count in rows["records"].to_pylist() if count is not None]
    assert [float(value) for value in client(live)] == [rows.num_rows, sum(records)]
