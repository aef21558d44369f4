"""Faults that are planted on purpose, and the key that says what must come of each.

`sql/fault_<feed>.sql` runs over the rows of each file (`file_row`) before they are written, and
adds to `fault_key` one row per faulty record: the fault, the record's id, the relation that catches
it, and what it says there (idn_trace: worth of the number and step; stg_<feed>_version: what became
of the row; the others: column and rule). A record whose key has several columns is named by all of
them with | between, a charge by provider, commissioner and month. Faults at a rate are in every
file; the others are in the file of one month, told by the variable `is_fault_month`; faults of the
way records are sent are in the files that `submissions` names. The key is written into the landing
folder, because it names records; beside the feeds, because it is no submission.

Of a file that arrives late every record is in the key, caught as the day from which it is known.

`fault_rate.csv` says how often each fault is planted: `rate` of its records

    world      in the whole world, exactly
    file       in each file that has one, exactly
    whole file of one file all its records, rate 1
    record     a share of the records of the feed
    objector   a share of the records of people with a Type 1 objection

and the key repeats it beside each record, as `rate_of` and `rate` (`test_fault_rates.py`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from safe_haven.simulate.world import SQL, run_sql, set_variable

KEY_FILE = "fault_key.parquet"
RATES = Path(__file__).with_name("fault_rate.csv")
MORE_FAULTS = {
    "apc_episode": ("birth", "apc_quality", "apc_code", "apc_end"),
    "outpatient_appointment": ("identity", "outpatient_quality", "outpatient_code"),
    "emergency_attendance": ("emergency_quality", "emergency_end"),
}
"""Files of faults that are about people or several records, not about one column of a contract."""
IN_EVERY_FILE = frozenset(
    {
        "apc_end",
        "apc_episode",
        "birth",
        "care_home_vaccination",
        "civil_registration_death",
        "contract_plan",
        "emergency_end",
        "gp_extract_observation",
        "gp_list_size",
        "gp_payment",
        "maternity_birth",
        "maternity_labour",
        "quality_outcomes_indicator",
    }
)
"""The files of faults that are planted in other months too; the others are not even asked there."""


def open_key(conn: duckdb.DuckDBPyConnection) -> None:
    """Make the empty key."""
    run_sql(conn, "fault_key")


def fault_files(feed: str, is_fault_month: bool) -> tuple[str, ...]:
    """The files of faults that may change a file of `feed`."""
    return tuple(
        name
        for name in (feed, *MORE_FAULTS.get(feed, ()))
        if (is_fault_month or name in IN_EVERY_FILE) and (SQL / f"fault_{name}.sql").exists()
    )


def plant_faults(
    conn: duckdb.DuckDBPyConnection, feed: str, submission_id: str, is_fault_month: bool
) -> None:
    """Change rows of `file_row`, the rows about to be written, if the feed has faults."""
    name_file(conn, feed, submission_id)
    set_variable(conn, "is_fault_month", is_fault_month)
    for name in fault_files(feed, is_fault_month):
        run_sql(conn, f"fault_{name}")


def name_file(conn: duckdb.DuckDBPyConnection, feed: str, submission_id: str) -> None:
    """Say which file the next rows of the key are of."""
    set_variable(conn, "fault_feed", feed)
    set_variable(conn, "fault_submission", submission_id)


def write_key(conn: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the key, with the rate of each fault, into `folder`."""
    path = folder / KEY_FILE
    rates = conn.read_csv(str(RATES), header=True, all_varchar=True).set_alias("planned")
    key = conn.table("fault_key").set_alias("planted")
    rows = key.join(
        rates, "planted.fault = planned.fault and planted.feed = planned.feed", how="left"
    ).project("planted.*, planned.rate_of, planned.rate::double as rate")
    rows = rows.order("fault, feed, submission_id, record_identifier, caught_by, caught_as")
    rows.write_parquet(str(path), compression="zstd")
    path.chmod(0o600)
