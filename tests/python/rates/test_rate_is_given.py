"""When a rate is given, and Byar's limits against a printed table."""

from __future__ import annotations

import duckdb
import pytest
from rate_macros import NORMAL_95, macros, rates

ESTABLISHED = [("area", 6, 100, 1.0), ("area", 4, 100, 2.0)]


@pytest.mark.parametrize(
    ("events", "lower", "upper"), [(10, 4.79, 18.39), (20, 12.21, 30.89), (100, 81.36, 121.63)]
)
def test_byars_limits_are_those_of_the_method(events: int, lower: float, upper: float) -> None:
    """To two decimals, worked out from the formula by hand."""
    limits = ", ".join(
        macros().byars_limit(str(events), limit, NORMAL_95) for limit in ("lower", "upper")
    )
    with duckdb.connect() as connection:
        found = connection.execute(f"select {limits}").fetchone()
    assert found == pytest.approx((lower, upper), abs=0.005)


def test_ten_events_give_a_rate() -> None:
    """The control of the tests below: (1 x 6/100 + 2 x 4/100) / 3."""
    assert rates(ESTABLISHED, 1000)["area"][0] == pytest.approx(1000 * 0.14 / 3)


def test_nine_events_give_none() -> None:
    """One event fewer."""
    assert rates([*ESTABLISHED[:1], ("area", 3, 100, 2.0)], 1000)["area"] == (None,) * 5


def test_a_band_without_people_gives_none() -> None:
    """A rate over a band that nobody lives in would be of nothing."""
    assert rates([*ESTABLISHED, ("area", 0, 0, 1.0)], 1000)["area"] == (None,) * 5
