"""Records that try every box of the Commissioner Assignment Method, and the key that says so.

`commissioner_case.csv` is one row per case: what is written into a simulated record, and what must
come of it. Each case changes one record that nothing else was planted in; a small world has fewer
records than cases, a short one has no months of the later version. The key is written into the
landing folder, because it names records; beside the feeds, because it is no submission.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from safe_haven.simulate.world import read_sql, run_sql, set_variable

CASES = Path(__file__).with_name("commissioner_case.csv")
KEY_FILE = "commissioner_case_key.parquet"
FEEDS = ("apc_episode", "outpatient_appointment", "emergency_attendance")


def spread_cases(conn: duckdb.DuckDBPyConnection, months: Sequence[tuple[int, date]]) -> None:
    """Spread the cases over `months` (index and first day) of their version, and open the key."""
    conn.read_csv(str(CASES), header=True, all_varchar=True).create("case_file")
    conn.execute("create table case_month (month_index integer, month_start date)")
    for month in months:
        conn.execute("insert into case_month values (?, ?)", month)
    run_sql(conn, "case_month")


def plant_cases(
    conn: duckdb.DuckDBPyConnection, feed: str, month_index: int, submission_id: str
) -> None:
    """Change records of `file_row`, the rows about to be written, and add them to the key.

    `feed` is one of FEEDS.
    """
    set_variable(conn, "case_feed", feed)
    set_variable(conn, "case_month_index", month_index)
    set_variable(conn, "case_submission", submission_id)
    run_sql(conn, f"case_{feed}")
    run_sql(conn, "case_key")


def write_key(conn: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the key into `folder`."""
    path = folder / KEY_FILE
    conn.sql(read_sql("case_key_rows")).write_parquet(str(path), compression="zstd")
    path.chmod(0o600)
