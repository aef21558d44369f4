"""Every fault is planted as often as its rate says: exactly, or within what chance allows."""

from __future__ import annotations

import csv
import math

import duckdb
import pytest
from simulated_world import WORLD

from safe_haven.simulate.fault_key import RATES

PLAIN = 0.6
"""At least this share of the records of a feed can be chosen: not sent again, no canary's, not at
fault already."""
UNLIKELY = 1e-4
"""A count further out is taken for a wrong rate. Worlds are repeatable: so is the answer."""


def rates() -> dict[tuple[str, str], tuple[str, float]]:
    with RATES.open(encoding="utf-8") as file:
        return {
            (row["feed"], row["fault"]): (row["rate_of"], float(row["rate"]))
            for row in csv.DictReader(file)
        }


def planted(feeds: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict[str, int]]:
    """Records at fault, by feed and fault, then by submission."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for feed, fault, submission_id, records in feeds.execute(
        "select feed, fault, submission_id, count(distinct record_identifier) "
        "from fault_key group by all"
    ).fetchall():
        counts.setdefault((feed, fault), {})[submission_id] = records
    return counts


def at_most(count: int, trials: int, rate: float) -> float:
    """How likely `trials` draws give `count` or fewer."""
    return sum(
        math.exp(
            math.lgamma(trials + 1)
            - math.lgamma(k + 1)
            - math.lgamma(trials - k + 1)
            + k * math.log(rate)
            + (trials - k) * math.log1p(-rate)
        )
        for k in range(min(count, trials) + 1)
    )


def is_likely(count: int, fewest: int, most: int, rate: float) -> bool:
    """Whether `count` of between `fewest` and `most` records may come of `rate`."""
    too_few = at_most(count, fewest, rate) < UNLIKELY
    too_many = count > 0 and 1 - at_most(count - 1, most, rate) < UNLIKELY
    return not (too_few or too_many)


def test_every_fault_has_a_rate_and_every_rate_a_fault(feeds) -> None:
    assert set(planted(feeds)) == set(rates())
    said = feeds.execute("select distinct feed, fault, rate_of, rate from fault_key").fetchall()
    assert {(feed, fault): (unit, rate) for feed, fault, unit, rate in said} == rates()


def test_faults_of_a_fixed_number_are_that_many(feeds) -> None:
    counts = planted(feeds)
    wrong = []
    for (feed, fault), (unit, rate) in rates().items():
        files = counts[feed, fault]
        if unit == "world":
            records = feeds.execute(
                "select count(distinct record_identifier) from fault_key "
                "where feed = ? and fault = ?",
                [feed, fault],
            ).fetchone()
            if records != (rate,):
                wrong.append((feed, fault, records))
        elif unit == "file":
            wrong += [(feed, fault, file) for file, number in files.items() if number != rate]
        elif unit == "whole file":
            for file, number in files.items():
                (rows,) = feeds.execute(
                    f"select count(*) from {feed} where submission_id = ?", [file]
                ).fetchone() or (0,)
                if (number, len(files)) != (rows, 1):
                    wrong.append((feed, fault, file))
    assert wrong == []


def test_faults_at_a_share_are_as_many_as_chance_allows(feeds) -> None:
    wrong = []
    judged = 0
    for (feed, fault), (unit, rate) in rates().items():
        if unit not in ("record", "objector"):
            continue
        (trials,) = feeds.execute(
            f"select count(*) from {feed} inner join submission using (submission_id) "
            "where test_indicator = '0'"
        ).fetchone() or (0,)
        if unit == "objector":
            # as many records to leave out as other people have
            (objectors,) = feeds.execute(
                "select count(distinct nhs_number) from objection where kind = 'type_1'"
            ).fetchone() or (0,)
            trials = round(trials * objectors / (WORLD.persons - objectors))
        count = sum(planted(feeds)[feed, fault].values())
        judged += 1
        if not is_likely(count, int(trials * PLAIN), trials, rate):
            wrong.append((feed, fault, count, trials, rate))
    assert wrong == []
    assert judged == 5


@pytest.mark.parametrize(
    ("count", "records", "likely"),
    # a tenth of the rate, the rate, and five times the rate
    [(5, 5_000, False), (50, 5_000, True), (250, 5_000, False)],
)
def test_control_another_rate_is_found(count: int, records: int, likely: bool) -> None:
    assert is_likely(count, round(records * PLAIN), records, 0.01) == likely
