"""Make the submissions of a world, month by month, each as one Parquet file and its envelope."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from safe_haven.load.contract import contracts
from safe_haven.load.landing import Submission, file_sha256
from safe_haven.simulate.commissioner_cases import plant_cases, spread_cases, write_key
from safe_haven.simulate.world import World, open_world, read_sql, run_sql, set_variable

LAYOUT = "simulated"
SENDER = "X24"
"""The files come through NHS England's collection service, which holds the code X24."""

ONCE_FEEDS = ("person", "gp_registration", "postcode_directory", "objection")
EVENT_FEEDS = ("apc_episode", "outpatient_appointment", "emergency_attendance")
EXTRACT_DAYS = 15
"""Days from the end of a period to the extract that the sender makes of it."""
PERSON_MONTHS_AT_ONCE = 250_000
"""Months are made in batches of about this many people times months, which bounds memory. What
happens does not depend on the size of a batch."""
FAULT_MONTH = 2
"""Month (0 = first) whose files hold the planted faults; the last month of a shorter world."""


@dataclass(frozen=True)
class Part:
    """A submission that is written but not yet in place: its file and its envelope."""

    path: Path
    submission: Submission


def make_submissions(
    world: World,
    folder: Path,
    received_on: date | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Part]:
    """Write every submission of `world` into `folder`/<feed>/ and return them in order.

    Also writes the key of the planted cases into `folder`.

    `received_on` defaults to the day of each extract. `progress` is told what is being made.
    """
    spill = folder / "spill"
    spill.mkdir(mode=0o700, parents=True)
    progress(f"{world.persons:,} people")
    conn = open_world(world, spill)
    try:
        conn.execute("create table in_hospital (person_id bigint, until date)")
        maker = _Maker(world, folder, received_on, conn)
        fault_month = min(FAULT_MONTH, world.months - 1)
        spread_cases(
            conn,
            [(i, world.month_start(i)) for i in range(world.months) if i != fault_month],
        )
        parts = [maker.once(feed) for feed in ONCE_FEEDS]
        size = max(1, PERSON_MONTHS_AT_ONCE // world.persons)
        for first in range(0, world.months, size):
            months = range(first, min(first + size, world.months))
            progress(f"month {months[0] + 1} of {world.months}")
            parts.extend(maker.batch(months))
        write_key(conn, folder)
    finally:
        conn.close()
        shutil.rmtree(spill)
    return parts


def _submission_id(feed: str, label: str) -> str:
    return f"{LAYOUT}-{feed}-{label}"


@dataclass(frozen=True)
class _Maker:
    world: World
    folder: Path
    received_on: date | None
    conn: duckdb.DuckDBPyConnection

    def once(self, feed: str) -> Part:
        """A feed that is sent once, for the whole period."""
        rows = self.conn.sql(read_sql(f"feed_{feed}"))
        keys = ", ".join(contracts()[feed].record_key)
        return self._write(rows, feed, "all", keys, self.world.first_day, self.world.last_day)

    def batch(self, months: range) -> Iterator[Part]:
        """The event feeds of a few months: what ended in each, and what is sent again in it."""
        starts = [self.world.month_start(index) for index in months]
        days = [
            (self.world.month_end(index) - self.world.month_start(index)).days + 1
            for index in months
        ]
        set_variable(self.conn, "month_indices", list(months))
        set_variable(self.conn, "month_starts", starts)
        set_variable(self.conn, "month_days", days)
        run_sql(self.conn, "month")
        run_sql(self.conn, "active")
        for feed in EVENT_FEEDS:
            run_sql(self.conn, feed)
            run_sql(self.conn, "identified")
            self._keep(f"pending_{feed}", self.conn.sql(read_sql(f"row_{feed}")))
            for index in months:
                yield from self._event_files(feed, index)
            self._forget(f"pending_{feed}", months[-1])

    def _event_files(self, feed: str, index: int) -> Iterator[Part]:
        """The file of one feed and month; in one month a second one, marked as a test."""
        rows = self.conn.table(f"pending_{feed}").filter(f"report_index = {index:d}")
        period = (self.world.month_start(index), self.world.month_end(index))
        label = f"{period[0]:%Y-%m}"
        self._replace("file_row", rows)
        if index != min(FAULT_MONTH, self.world.months - 1):
            plant_cases(self.conn, feed, index, _submission_id(feed, label))
            changed = self.conn.table("file_row")
            yield self._write(changed, feed, label, "cds_unique_identifier", *period)
            return
        run_sql(self.conn, f"fault_{feed}")
        faulty = self.conn.table("file_row")
        yield self._write(faulty, feed, label, "cds_unique_identifier", *period)
        if feed == "apc_episode":
            test = self.conn.sql(read_sql(f"test_{feed}"))
            label = f"{label}-test"
            yield self._write(test, feed, label, "cds_unique_identifier", *period, test="1")

    def _keep(self, table: str, rows: duckdb.DuckDBPyRelation) -> None:
        """Add rows that are due in this file or a later one."""
        if self.conn.execute(
            "select count(*) from duckdb_tables() where table_name = $name", {"name": table}
        ).fetchone() == (0,):
            rows.create(table)
        else:
            rows.insert_into(table)

    def _forget(self, table: str, index: int) -> None:
        """Drop what has been sent, so that memory holds only what is still due."""
        self._replace(table, self.conn.table(table).filter(f"report_index > {index:d}"))

    def _replace(self, table: str, rows: duckdb.DuckDBPyRelation) -> None:
        rows.create("replacement")
        self.conn.execute(f"drop table if exists {table}")
        self.conn.execute(f"alter table replacement rename to {table}")

    def _write(
        self,
        rows: duckdb.DuckDBPyRelation,
        feed: str,
        label: str,
        order: str,
        start: date,
        end: date,
        test: str = "0",
    ) -> Part:
        """Write rows in a total order; source_row counts as in a CSV with one header line."""
        submission_id = _submission_id(feed, label)
        path = self.folder / feed / f"{submission_id}.parquet"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        columns = ", ".join(contracts()[feed].column_names)
        numbered = rows.project(
            f"{columns}, '{submission_id}' as submission_id, "
            f"row_number() over (order by {order}) + 1 as source_row"
        )
        numbered.order("source_row").write_parquet(str(path), compression="zstd")
        path.chmod(0o600)
        extract_on = end + timedelta(days=EXTRACT_DAYS)
        sha256 = file_sha256(path)
        return Part(
            path=path,
            submission=Submission(
                submission_id=submission_id,
                feed=feed,
                layout=LAYOUT,
                sender_organisation_code=SENDER,
                file_name=f"{submission_id}.parquet",
                file_sha256=sha256,
                landed_sha256=sha256,
                rows_received=str(pq.read_metadata(path).num_rows),
                received_on=(self.received_on or extract_on).isoformat(),
                extract_at=f"{extract_on.isoformat()}T02:00:00",
                test_indicator=test,
                period_start=start.isoformat(),
                period_end=end.isoformat(),
            ),
        )
