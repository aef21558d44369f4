"""Make the submissions of a world, month by month, each as one Parquet file and its envelope.

Outpatients come in bulk: each file replaces its month, corrections of earlier months come as net
files beside it, one early extract arrives after the full one, and a few records of the same week
come as net changes before it. Everything else is net change:
one file arrives weeks late, and a few records are sent in error and deleted a month later, or
deleted a month before they are sent. Two files come from a sender that may not send them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from safe_haven.load.contract import contracts
from safe_haven.load.landing import Submission, file_sha256
from safe_haven.simulate import commissioner_cases, fault_key
from safe_haven.simulate.feeds import ONCE_FEEDS, STRANDS, SimulatedFeed
from safe_haven.simulate.world import (
    World,
    add_rows,
    open_world,
    read_sql,
    run_sql,
    second_connection,
    set_range,
    set_variable,
    slices_of_people,
)

LAYOUT = "simulated"
EXTRACT_DAYS = 15
"""Days from the end of a period to the extract that the sender makes of it."""
PERSON_MONTHS_AT_ONCE = 600_000
"""Months are made in batches of about this many people times months, which bounds memory; a month
of more people in slices of them. What happens does not depend on the size of a batch."""
SIDE_BY_SIDE = 2
"""Strands that are made at the same time."""
FAULT_MONTH = 2
"""Month (0 = first) whose files hold the planted faults; the last month of a shorter world."""
EARLY_FEED, EARLY_MONTH = "outpatient_appointment", 1
"""Month of which the first week was extracted early, in a file that arrives after the full one."""
EARLY_DAYS, DAYS_AFTER_THE_FULL_FILE = 5, 3
EARLY_CHANGES = 3
"""Net changes that the sender of that week sends beside it."""
LATE_FEED, LATE_MONTH, LATE_DAYS = "emergency_attendance", 1, 60
"""The file that arrives late: days from its extract to its receipt."""
ERROR_FEED, ERROR_MONTH = "emergency_attendance", 0
"""Where records are sent that never happened; the next month's file deletes them. Of the last it is
the other way round."""
OTHER_SENDER = "RXX"
"""A trust that there is not: it sends records of others, and a register that it does not keep."""


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

    Also writes the keys of the planted cases and faults into `folder`.

    `received_on` defaults to the day of each extract. `progress` is told what is being made.
    """
    spill = folder / "spill"
    spill.mkdir(mode=0o700, parents=True)
    progress(f"{world.persons:,} people")
    conn = open_world(world, spill)
    try:
        conn.execute("create table in_hospital (person_id bigint, until date)")
        fault_month = min(FAULT_MONTH, world.months - 1)
        fault_key.open_key(conn)
        commissioner_cases.spread_cases(
            conn,
            [(i, world.month_start(i)) for i in range(world.months) if i != fault_month],
        )
        first = _Maker(world, folder, received_on, conn)
        parts = [*(first.once(feed) for feed in ONCE_FEEDS), first.objections_of_another()]
        makers = [
            (replace(first, conn=second_connection(conn, world)), feeds)
            for feeds in STRANDS.values()
        ]
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            for months in _batches(world):
                progress(f"month {months[0] + 1} of {world.months}")
                first.open_months(months)
                for people in slices_of_people(world):
                    first.open_people(people)
                    made = [pool.submit(maker.people, feeds) for maker, feeds in makers]
                    for strand in made:
                        strand.result()
                sent = [pool.submit(maker.files, feeds, months) for maker, feeds in makers]
                parts.extend(part for strand in sent for part in strand.result())
        commissioner_cases.write_key(conn, folder)
        fault_key.write_key(conn, folder)
    finally:
        conn.close()
        shutil.rmtree(spill)
    return parts


def _batches(world: World) -> Iterator[range]:
    """The months of a world, so many at a time that activity of everyone may be made at once."""
    size = max(1, PERSON_MONTHS_AT_ONCE // world.persons)
    for start in range(0, world.months, size):
        yield range(start, min(start + size, world.months))


@dataclass(frozen=True)
class _File:
    """What is said about one file: `order` is a total order of its rows.

    `sender` is empty for the organisation that the contract names first.
    """

    feed: str
    label: str
    order: str
    start: date
    end: date
    test: str = "0"
    bulk_group: str = ""
    extract_days: int = EXTRACT_DAYS
    days_on_the_way: int = 0
    sender: str = ""

    @property
    def submission_id(self) -> str:
        return f"{LAYOUT}-{self.feed}-{self.label}"


@dataclass(frozen=True)
class _Maker:
    world: World
    folder: Path
    received_on: date | None
    conn: duckdb.DuckDBPyConnection

    def once(self, feed: str) -> Part:
        """A feed that is sent once, for the whole period."""
        return self._write(f"({read_sql(f'feed_{feed}')})", self._file_of_the_period(feed, "all"))

    def objections_of_another(self) -> Part:
        """Objections ended by somebody who does not keep their register."""
        file = self._file_of_the_period("objection", "other-sender")
        rows = f"({read_sql('other_sender_objection')})"
        return self._sent_by_another(file, rows, "submission")

    def _file_of_the_period(self, feed: str, label: str) -> _File:
        keys = ", ".join(contracts()[feed].record_key)
        return _File(feed, label, keys, self.world.first_day, self.world.last_day)

    def open_months(self, months: range) -> None:
        """Make the months of a batch, which every feed reads."""
        starts = [self.world.month_start(index) for index in months]
        days = [
            (self.world.month_end(index) - self.world.month_start(index)).days + 1
            for index in months
        ]
        set_variable(self.conn, "month_indices", list(months))
        set_variable(self.conn, "month_starts", starts)
        set_variable(self.conn, "month_days", days)
        run_sql(self.conn, "month")

    def open_people(self, people: range) -> None:
        """Make what every feed of care reads of a slice of people: who is alive in which month."""
        set_range(self.conn, "person", people)
        run_sql(self.conn, "active")

    def people(self, feeds: tuple[SimulatedFeed, ...]) -> None:
        """Add what a strand sends about a slice of people, in this batch of months or later."""
        for feed in feeds:
            if feed.kind == "care":
                run_sql(self.conn, feed.name)
                run_sql(self.conn, "identified")
                add_rows(self.conn, f"pending_{feed.name}", read_sql(f"row_{feed.name}"))

    def files(self, feeds: tuple[SimulatedFeed, ...], months: range) -> list[Part]:
        """A strand of feeds in a few months: what ended in each, and what is sent again in it."""
        parts: list[Part] = []
        for feed in feeds:
            if feed.kind == "practice":
                add_rows(self.conn, f"pending_{feed.name}", read_sql(f"row_{feed.name}"))
            due = self._months_due(feed)
            for index in months:
                if feed.bulk_group or index in due:
                    parts.extend(self._month_files(feed, index))
        # a later feed reads what an earlier one sends: invoices are of the activity that is charged
        for feed in feeds:
            self._forget(feed, months[-1])
        return parts

    def _months_due(self, feed: SimulatedFeed) -> set[int]:
        """Months after which there is something to send. A net file of nothing is not sent."""
        pending = self.conn.table(f"pending_{feed.name}")
        return {index for (index,) in pending.unique("report_index").fetchall()}

    def _month_files(self, feed: SimulatedFeed, index: int) -> Iterator[Part]:
        """The file of one feed that is sent after a month, and what comes beside it."""
        first = feed.first_month_of_file(index, self.world.months)
        if first is None:
            return
        rows = f"(from pending_{feed.name} where report_index = {index:d})"
        file = self._month_file(feed, first, index)
        if feed.bulk_group:
            yield from self._corrections(f"(from {rows} where sending = 1)", file)
            rows = f"(from {rows} where sending = 0)"
            if feed.name == EARLY_FEED and index == min(EARLY_MONTH, self.world.months - 1):
                yield self._early_extract(rows, file)
                yield self._early_changes(rows, file)
        is_fault_month = index == min(FAULT_MONTH, self.world.months - 1)
        has_cases = feed.name in commissioner_cases.FEEDS
        if has_cases or fault_key.fault_files(feed.name, is_fault_month):
            self.conn.execute(f"create or replace temp table file_row as from {rows}")
            rows = "file_row"
            fault_key.plant_faults(self.conn, feed.name, file.submission_id, is_fault_month)
        if has_cases and not is_fault_month:
            commissioner_cases.plant_cases(self.conn, feed.name, index, file.submission_id)
        if feed.name == ERROR_FEED and self.world.months > 1:
            self._send_in_error(index)
        if file.days_on_the_way == LATE_DAYS and not self.received_on:
            known = f"known from {file.end + timedelta(days=EXTRACT_DAYS + LATE_DAYS)}"
            fate = (f"stg_{LATE_FEED}_version", known)
            self._plant(file, rows, "a record that arrived late", *fate)
        yield self._write(rows, file)
        if feed.name == "apc_episode" and is_fault_month:
            yield self._test_file(replace(file, label=f"{file.label}-test", test="1"))
            other = replace(file, label=f"{file.label}-other-sender")
            yield self._sent_by_another(
                other, f"({read_sql('other_sender_apc_episode')})", "provider_code"
            )

    def _month_file(self, feed: SimulatedFeed, first: int, index: int) -> _File:
        """The file of one feed, from its first month to its last."""
        world = self.world
        if feed.held_from:
            world = replace(world, first_month=feed.held_from)
        start, end = world.month_start(first), world.month_end(index)
        is_late = feed.name == LATE_FEED and index == min(LATE_MONTH, self.world.months - 1)
        return _File(
            feed=feed.name,
            label=f"{start:%Y-%m}",
            order=", ".join(contracts()[feed.name].record_key),
            start=start,
            end=end,
            bulk_group=feed.bulk_group,
            days_on_the_way=LATE_DAYS if is_late else 0,
        )

    def _corrections(self, rows: str, file: _File) -> Iterator[Part]:
        """What is sent again of earlier months: a net file, and none where nothing is."""
        if not self.conn.execute(f"from {rows} limit 1").fetchall():
            return
        months = self.conn.execute(
            "select distinct date_trunc('month', appointment_date::date)::date "  # noqa: S608
            f"from {rows} order by all"
        ).fetchall()
        for (month,) in months:
            same = f"(from {rows} where starts_with(appointment_date, '{month:%Y-%m}'))"
            first = replace(file, label=f"{month:%Y-%m}")
            fate = (f"stg_{file.feed}_version", "superseded")
            self._plant(first, same, "a bulk record that a net change replaces", *fate)
        yield self._write(rows, replace(file, label=f"{file.label}-net", bulk_group=""))

    def _test_file(self, file: _File) -> Part:
        """A file that its sender marked as a test."""
        rows = f"({read_sql('test_apc_episode')})"
        self._plant(file, rows, "a row of a test file", "stg_submission_count", "test_dropped")
        return self._write(rows, file)

    def _sent_by_another(self, file: _File, rows: str, column: str) -> Part:
        """A file from a sender that may not send it; `column` is the one that says so."""
        fate = ("stg_error_report", f"{column} sender_not_allowed")
        self._plant(file, rows, "a record from a sender that may not send it", *fate)
        return self._write(rows, replace(file, sender=OTHER_SENDER))

    def _plant(self, file: _File, rows: str, fault: str, caught_by: str, caught_as: str) -> None:
        """Add every row to the key."""
        fault_key.name_file(self.conn, file.feed, file.submission_id)
        key = ", ".join(contracts()[file.feed].record_key)
        self.conn.execute(
            "insert into fault_key select "  # noqa: S608 - our own names
            f"unnest(planted($fault, concat_ws('|', {key}), $caught_by, $caught_as)) from {rows}",
            {"fault": fault, "caught_by": caught_by, "caught_as": caught_as},
        )

    def _early_extract(self, rows: str, file: _File) -> Part:
        """The first week of the month, extracted before the full file and received after it."""
        week = f"(from {rows} where appointment_date < '{file.start + timedelta(days=7)}')"
        early = replace(
            file,
            label=f"{file.label}-early",
            extract_days=EARLY_DAYS,
            days_on_the_way=EXTRACT_DAYS - EARLY_DAYS + DAYS_AFTER_THE_FULL_FILE,
        )
        fate = (f"stg_{EARLY_FEED}_version", "replaced_by_bulk")
        self._plant(early, week, "a bulk window that overlaps a later one", *fate)
        return self._write(week, early)

    def _early_changes(self, rows: str, file: _File) -> Part:
        """A few records of that week, sent as net changes by the sender of the bulk file."""
        key = contracts()[file.feed].record_key[0]
        few = (
            f"(from {rows} where is_plain and appointment_date < "
            f"'{file.start + timedelta(days=7)}' order by {key} limit {EARLY_CHANGES})"
        )
        early = replace(
            file, label=f"{file.label}-net-early", bulk_group="", extract_days=EARLY_DAYS
        )
        fate = (f"stg_{EARLY_FEED}_version", "replaced_by_bulk")
        self._plant(early, few, "a net change that a bulk file replaces", *fate)
        return self._write(few, early)

    def _send_in_error(self, index: int) -> None:
        """Add records that never happened to one file, and their deletion to the next."""
        if index == ERROR_MONTH:
            run_sql(self.conn, "sent_in_error")
        if index in (ERROR_MONTH, ERROR_MONTH + 1):
            set_variable(self.conn, "is_first_sending", index == ERROR_MONTH)
            run_sql(self.conn, "send_in_error")

    def _forget(self, feed: SimulatedFeed, index: int) -> None:
        """Drop what has been sent, so that memory holds only what is still due."""
        table = f"pending_{feed.name}"
        self.conn.execute(
            f"create or replace table {table} as from {table} where report_index > {index:d}"
        )

    def _write(self, rows: str, file: _File) -> Part:
        """Write rows (a table or a query in brackets) in a total order.

        source_row counts as in a CSV with one header line.
        """
        path = self.folder / file.feed / f"{file.submission_id}.parquet"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        columns = ", ".join(contracts()[file.feed].column_names)
        self.conn.execute(
            "copy ("  # noqa: S608 - our own names
            f"select {columns}, $submission_id as submission_id, "
            "row_number() over () + 1 as source_row "
            f"from (select {columns} from {rows} order by {file.order})"
            ") to $path (format parquet, compression zstd)",
            {"submission_id": file.submission_id, "path": str(path)},
        )
        path.chmod(0o600)
        extract_on = file.end + timedelta(days=file.extract_days)
        received_on = self.received_on or extract_on + timedelta(days=file.days_on_the_way)
        sha256 = file_sha256(path)
        return Part(
            path=path,
            submission=Submission(
                submission_id=file.submission_id,
                feed=file.feed,
                layout=LAYOUT,
                sender_organisation_code=file.sender or contracts()[file.feed].senders[0],
                file_name=f"{file.submission_id}.parquet",
                file_sha256=sha256,
                landed_sha256=sha256,
                rows_received=str(pq.read_metadata(path).num_rows),
                received_on=received_on.isoformat(),
                # a file is extracted on the day of its receipt at the latest
                extract_at=f"{min(extract_on, received_on).isoformat()}T02:00:00",
                test_indicator=file.test,
                protocol="bulk" if file.bulk_group else "net",
                period_start=file.start.isoformat(),
                period_end=file.end.isoformat(),
                bulk_replacement_group=file.bulk_group,
            ),
        )
