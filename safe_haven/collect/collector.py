"""Collect: fetch, land, record, and only then acknowledge.

A run that is killed anywhere is put right by the next one. Landing happens once, because the
loader knows the file; a report may be sent twice, never not at all.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from safe_haven.collect.config import Config
from safe_haven.collect.delivery import (
    LANDED,
    NOTICE,
    REFUSED,
    SENT,
    UNDELIVERABLE,
    Delivery,
    Record,
    Records,
    RefusedError,
    Transport,
    UndeliverableError,
)
from safe_haven.errors import SafeHavenError, shown
from safe_haven.load.contract import ENVELOPE
from safe_haven.load.landing import Submission, landing_path
from safe_haven.load.loader import DuplicateFileError, load_file
from safe_haven.load.protocol import read_facts
from safe_haven.paths import State
from safe_haven.release.files import sync
from safe_haven.zones import open_read_only, writer_lock

REPORT_COLUMNS = (
    "delivery_id",
    "submission_id",
    "source_row",
    "column_name",
    "rule",
    "severity",
    "what_to_do",
)
BUILT_SUBMISSIONS = """
    select submission.submission_id
    from staging.stg_submission as submission
    where (
        select count(distinct build_id) = 1 and count(*) = 2
        from meta.build_register
        where relation in ('staging.stg_submission', 'staging.stg_error_report')
    )
"""
ROW_ERRORS = """
    select submission_id, source_row, column_name, rule, severity, what_to_do
    from staging.stg_error_report
    where submission_id = ?
    order by all
"""


@dataclass(frozen=True)
class Left:
    """A delivery or report for the next run: the fault is here or on the way, not in the file.

    `error` is the type alone: the text of an unforeseen error may hold a value of the file, and
    stands in `var/logs`, which is identifiable.
    """

    error: str


def left(state: State, name: str, error: Exception) -> Left:
    """Write the whole error to `var/logs/collect.log`, and keep its type."""
    with (state.logs / "collect.log").open("a", encoding="utf-8", errors="replace") as log:
        log.write("".join([name, "\n", *traceback.format_exception(error)]))
    return Left(type(error).__name__)


@dataclass(frozen=True)
class Collector:
    """One run over one transport.

    `received_on` is the ISO day of receipt of files whose transport does not know it; None is the
    release date, as for `load`.
    """

    state: State
    config: Config
    transport: Transport
    received_on: str | None = None

    def run(self) -> Iterator[tuple[str, Record | Left]]:
        """Deal with everything that waits, one delivery after the other, each with its name.

        One that cannot be dealt with is left for the next run and does not hold up the others.
        Holds the writer's lock: no build sees half of it.
        """
        with writer_lock(self.state):
            for key in self.transport.waiting():
                try:
                    with workspace(self.state) as folder:
                        record = self.deal_with(key, folder)
                except Exception as error:
                    yield shown(key), left(self.state, shown(key), error)
                else:
                    yield shown(key), record

    def deal_with(self, key: str, folder: Path) -> Record:
        """Land or refuse one delivery, record it, then let go of it."""
        delivery = self.transport.look(key)
        record = Records(self.state).get(delivery.delivery_id)
        if record is None or not self.still_landed(record):
            record = self.taken_or_refused(delivery, folder)
            Records(self.state).write(record)
        self.transport.finish(delivery, record.outcome)
        return record

    def still_landed(self, record: Record) -> bool:
        """Whether only the acknowledgement is missing."""
        envelope = landing_path(self.state, ENVELOPE, record.submission_id)
        return record.outcome == LANDED and envelope.exists()

    def taken_or_refused(self, delivery: Delivery, folder: Path) -> Record:
        """What becomes of a delivery; where it is refused its sender is told."""
        start = Record(
            delivery.delivery_id, self.transport.name, delivery.answer_to, NOTICE, delivery.notice
        )
        if delivery.notice:
            return start
        try:
            submission = self.land(delivery, folder)
        except RefusedError as refusal:
            record = replace(start, outcome=REFUSED, reason=refusal.reason)
            rows = [(delivery.delivery_id, "", "", "", refusal.reason, "refused", str(refusal))]
            sent = answer(self.transport, record, rows, folder)
            return replace(record, refusal_report=sent)
        for feed in (submission.feed, ENVELOPE):
            stored = landing_path(self.state, feed, submission.submission_id)
            sync(stored)
            sync(stored.parent)
        return replace(start, outcome=LANDED, submission_id=submission.submission_id)

    def land(self, delivery: Delivery, folder: Path) -> Submission:
        """The submission that this delivery is, or RefusedError."""
        layout, organisation = self.config.route(delivery.workflow, delivery.sender)
        path, envelope = self.transport.fetch(delivery, folder)
        day = delivery.received_on or self.received_on
        try:
            facts = read_facts({}, envelope)
            return load_file(
                self.state, layout, path, day, organisation, facts=facts, holds_lock=True
            ).submission
        except DuplicateFileError as duplicate:
            return self.its_own(duplicate.earlier, organisation)
        except SafeHavenError as error:
            raise RefusedError("file_refused", str(error)) from None

    def its_own(self, earlier: Submission, organisation: str) -> Submission:
        """The submission that this very delivery landed before a run was killed.

        It is one of the same organisation that no delivery is recorded to have landed.
        """
        landed = {record.submission_id for record in Records(self.state).all()}
        if earlier.sender_organisation_code != organisation:
            raise RefusedError(
                "duplicate_of_another_sender",
                "Another sender's file of the same content came first and is taken for theirs; "
                "nothing of this one was loaded. If the records are yours, say so to the safe "
                "haven: it removes the other file, and then yours can be sent again.",
            )
        if earlier.submission_id not in landed:
            return earlier
        raise RefusedError(
            "duplicate_file",
            "The same file was received before and nothing was loaded. If this was to be a "
            "correction, send the corrected file.",
        )


@contextmanager
def workspace(state: State) -> Iterator[Path]:
    """An empty folder inside the identifiable zone; a killed run's is cleared by the next."""
    for left in state.inbox.glob(".fetched-*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".fetched-", dir=state.inbox) as folder:
        yield Path(folder)


def send_row_reports(state: State, transport: Transport) -> Iterator[tuple[str, Record | Left]]:
    """One report for each landed submission that is built and was not reported on yet.

    A submission without a broken rule gets a report without rows.
    """
    records = Records(state)
    with writer_lock(state), open_read_only(state, ("identifiable",)) as connection:
        connection.execute("use identifiable")
        built = {row[0] for row in connection.execute(BUILT_SUBMISSIONS).fetchall()}
        for record in list(records.all()):
            due = record.transport == transport.name and record.submission_id in built
            if not due or record.row_report or not record.answer_to:
                continue
            result = connection.execute(ROW_ERRORS, [record.submission_id])
            rows = ((record.delivery_id, *row) for row in iter(result.fetchone, None))
            try:
                with workspace(state) as folder:
                    sent = answer(transport, record, rows, folder)
            except Exception as error:
                yield record.delivery_id, left(state, record.delivery_id, error)
                continue
            records.write(replace(record, row_report=sent))
            yield record.delivery_id, replace(record, row_report=sent)


def answer(
    transport: Transport, record: Record, rows: Iterable[Sequence[object]], folder: Path
) -> str:
    """Send rows as a CSV report; empty where the sender may not be answered."""
    if not record.answer_to:
        return ""
    report = folder / f"{record.delivery_id}-{record.outcome}.csv"
    with report.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(REPORT_COLUMNS)
        writer.writerows(rows)
    try:
        transport.reply(record, report)
    except UndeliverableError:
        return UNDELIVERABLE
    return SENT
