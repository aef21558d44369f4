"""The models against a naive reading of the protocol, file after file, on generated submissions.

The compiled SQL of stg_bulk_day and stg_outpatient_appointment_version runs over made-up envelopes
and rows. The oracle below applies the same files one by one to a dictionary, as the text of the
protocol says. Both must agree on every day on which somebody could have looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pytest
from conftest import World
from haven import FEED
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

BULK_DAY = "stg_bulk_day"
DAYS = 4
RECORD = tuple[str, int]


@dataclass(frozen=True)
class Row:
    """One row of a file: which record, on which day of activity; `applies` None = as the file."""

    record: int
    day: int
    applies: int | None
    is_delete: bool
    is_rejected: bool


@dataclass(frozen=True)
class File:
    """One file: net, or bulk over the days `window`."""

    sender: str
    is_bulk: bool
    window: tuple[int, int]
    extracted: int
    received: int
    recipient: str | None
    rows: tuple[Row, ...]


def rows() -> st.SearchStrategy[Row]:
    return st.builds(
        Row,
        record=st.integers(1, 3),
        day=st.integers(1, DAYS),
        applies=st.none() | st.integers(1, 5),
        is_delete=st.sampled_from([False, False, True]),
        is_rejected=st.sampled_from([False, False, False, True]),
    )


def files() -> st.SearchStrategy[File]:
    days = st.integers(1, DAYS)
    return st.builds(
        File,
        sender=st.sampled_from(["RXX", "RXX", "RYY"]),
        is_bulk=st.booleans(),
        window=st.tuples(days, days).map(lambda pair: (min(pair), max(pair))),
        extracted=st.integers(1, 5),
        received=st.integers(1, 9),
        recipient=st.sampled_from([None, None, "QOP", "QHM"]),
        rows=st.lists(rows(), max_size=5).map(tuple),
    )


def in_use(sent: list[File], on_day: int) -> set[RECORD]:
    """The oracle: apply every change of the files received by then, in its order, to a dictionary.

    A change's order is its time, its file's name, its line; a bulk file first clears its window.
    """
    changes: list[tuple[tuple[int, str, int], File, int | None]] = []
    for number, file in enumerate(sent):
        if file.received > on_day:
            continue
        name = f"s{number}"
        if file.is_bulk:
            changes.append(((file.extracted, name, 0), file, None))
        for line, row in enumerate(file.rows, start=2):
            at = file.extracted if file.is_bulk or row.applies is None else row.applies
            changes.append(((at, name, line), file, line))
    standing: dict[tuple[str, int], tuple[RECORD, Row, File]] = {}
    for (_, name, _), file, line in sorted(changes, key=lambda change: change[0]):
        if line is None:
            standing = {
                key: held for key, held in standing.items() if not _is_cleared(file, *held[1:])
            }
            continue
        row = file.rows[line - 2]
        key = (file.sender, row.record)
        if _is_refused(file, row):
            continue
        if row.is_delete:
            standing.pop(key, None)
        else:
            standing[key] = ((name, line), row, file)
    return {place for place, _, _ in standing.values()}


def _is_cleared(bulk: File, row: Row, sent_in: File) -> bool:
    return (
        bulk.sender == sent_in.sender
        and bulk.window[0] <= row.day <= bulk.window[1]
        and bulk.recipient in (None, sent_in.recipient)
    )


def _is_refused(file: File, row: Row) -> bool:
    """As stg_outpatient_appointment_checked says: by the contract, or outside its bulk file."""
    outside = not file.window[0] <= row.day <= file.window[1]
    return row.is_rejected or (file.is_bulk and (row.is_delete or outside))


def compiled(world: World) -> dict[str, str]:
    """The compiled SQL of the two models by name, in the order in which they read each other."""
    staging = world.haven.state.var / "target/compiled/safe_haven/models/staging"
    return {
        name: (staging / folder / f"{name}.sql").read_text(encoding="utf-8")
        for folder, name in (("submission", BULK_DAY), (FEED, f"stg_{FEED}_version"))
    }


@contextmanager
def engine(models: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The models over empty tables of their own, under the names they read."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as identifiable")
        connection.execute("create schema identifiable.staging")
        connection.execute(
            """
            create table identifiable.staging.stg_submission (
                submission_id varchar, feed varchar, sender_organisation_code varchar,
                prime_recipient_code varchar, protocol varchar, bulk_replacement_group varchar,
                received_on date, extract_at timestamp, applicable_at timestamp,
                period_start date, period_end date, is_test boolean, is_known boolean,
                protocol_errors varchar[]
            );
            create table identifiable.staging.stg_outpatient_appointment_checked (
                submission_id varchar, source_row bigint, cds_unique_identifier varchar,
                update_type varchar, applicable_at timestamp, appointment_date date,
                errors struct(
                    column_name varchar, rule varchar, severity varchar, what_to_do varchar
                )[]
            );
            """
        )
        for name, select in models.items():
            connection.execute(f"create view identifiable.staging.{name} as {select}")
        yield connection


def load(connection: duckdb.DuckDBPyConnection, sent: list[File]) -> None:
    """Put generated files into the tables that the models read."""
    connection.execute("delete from identifiable.staging.stg_submission")
    connection.execute("delete from identifiable.staging.stg_outpatient_appointment_checked")
    for number, file in enumerate(sent):
        connection.execute(
            "insert into identifiable.staging.stg_submission values ("
            "$id, 'outpatient_appointment', $sender, $recipient, if($bulk, 'bulk', 'net'), "
            "if($bulk, '060', null), date '2025-01-01' + $received, "
            "timestamp '2025-01-01' + to_days($extracted), null, "
            "date '2024-01-01' + $first, date '2024-01-01' + $last, false, true, [])",
            {
                "id": f"s{number}",
                "sender": file.sender,
                "recipient": file.recipient,
                "bulk": file.is_bulk,
                "received": file.received,
                "extracted": file.extracted,
                "first": file.window[0],
                "last": file.window[1],
            },
        )
        for line, row in enumerate(file.rows, start=2):
            connection.execute(
                "insert into identifiable.staging.stg_outpatient_appointment_checked values ("
                "$id, $line, $record, if($delete, '1', null), "
                "timestamp '2025-01-01' + to_days($applies), "
                "if($delete, null, date '2024-01-01' + $day), if($refused, "
                "[{column_name: 'a', rule: 'b', severity: 'reject', what_to_do: 'c'}], []))",
                {
                    "id": f"s{number}",
                    "line": line,
                    "record": str(row.record),
                    "delete": row.is_delete,
                    "applies": row.applies,
                    "day": row.day,
                    "refused": _is_refused(file, row),
                },
            )


def agree(connection: duckdb.DuckDBPyConnection, sent: list[File]) -> None:
    """What stands on every day is what the oracle holds; nothing is lost from the count."""
    load(connection, sent)
    found = connection.execute(
        "select submission_id, source_row, known_from - date '2025-01-01', "
        "known_until - date '2025-01-01', fate "
        "from identifiable.staging.stg_outpatient_appointment_version"
    ).fetchall()
    assert len(found) == sum(len(file.rows) for file in sent)
    for day in range(10):
        known = {
            (submission, line)
            for submission, line, since, until, fate in found
            if fate not in ("rejected", "delete_request")
            and since <= day
            and (until is None or until > day)
        }
        assert known == in_use(sent, day), day
    accepted = {(s, line) for s, line, _, _, fate in found if fate == "accepted"}
    assert accepted == in_use(sent, 9)


def examine(models: dict[str, str], phases: tuple[Phase, ...] = tuple(Phase)) -> None:
    """Generated submissions, the same ones each time."""
    with engine(models) as connection:

        @settings(max_examples=150, deadline=None, derandomize=True, database=None, phases=phases)
        @given(st.lists(files(), max_size=6))
        def examined(sent: list[File]) -> None:
            agree(connection, sent)

        examined()


def test_the_models_agree_with_the_protocol_read_file_by_file(session_world: World) -> None:
    examine(compiled(session_world))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bulk_file.extract_at > versioned.version_at", "true"),
        ("bulk_file.submission_id > versioned.submission_id", "true"),
        ("order by version_at desc", "order by version_at asc"),
        ("min(received_on) over later", "max(received_on) over later"),
    ],
)
def test_control_a_broken_rule_is_told(session_world: World, old: str, new: str) -> None:
    """The generated submissions reach each rule: a model that breaks it disagrees."""
    models = compiled(session_world)
    version = models[f"stg_{FEED}_version"]
    assert version.count(old) == 1
    with pytest.raises(AssertionError):
        broken = models | {f"stg_{FEED}_version": version.replace(old, new)}
        examine(broken, phases=(Phase.generate,))
