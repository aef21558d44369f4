"""What anybody can believe about each cell before a single relation is used.

Exact regime: what is shown is known, what is withheld is at least the attacker's lower bound.
Rounded regime: what is shown is known to lie where it would be rounded as it is. Since nearly all
that is withheld there is small, everybody takes what is withheld to be small (its cap), except in
connected sets of withheld cells of which that cannot be true.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safe_haven.suppression.system import System

OPEN = 1 << 50
"""Stands for no upper bound."""

MAX_ROUNDS = 1000
"""Interval arithmetic stops here; the bounds of any round are true."""


@dataclass(frozen=True)
class Belief:
    """Bounds of every cell, whole numbers. withheld, capped: boolean per cell."""

    withheld: np.ndarray
    capped: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def movable(self) -> np.ndarray:
        """Cells that are not known exactly."""
        return self.high > self.low


def belief(system: System, withheld: np.ndarray, capped: np.ndarray) -> Belief:
    """What the attacker believes who caps these cells."""
    low, high = system.rule.shown_interval(system.value)
    least = system.attacker_lower_bound
    small = system.rule.suppress_hi
    low = np.where(withheld, least, np.where(system.hidden, 0, low))
    high = np.where(withheld, np.where(capped, small, OPEN), np.where(system.hidden, OPEN, high))
    low = np.where(system.known, system.value, low)
    high = np.where(system.known, system.value, high)
    return Belief(withheld, capped, low, high)


def narrowed(
    system: System, given: Belief, relations: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The bounds that follow from the relations by interval arithmetic alone.

    relations: flags of those that are used, else all.
    """
    used = np.ones(len(system.total), dtype=bool) if relations is None else relations
    low, high = given.low.copy(), given.high.copy()
    for _ in range(MAX_ROUNDS):
        before = low.copy(), high.copy()
        _tighten(system, low, high, used)
        if np.array_equal(low, before[0]) and np.array_equal(high, before[1]):
            break
    return low, high


def _tighten(system: System, low: np.ndarray, high: np.ndarray, used: np.ndarray) -> None:
    """Narrow bounds in place, once through every relation that is used."""
    records, people = system.records, system.people
    low[records] = np.maximum(low[records], low[people])
    high[people] = np.minimum(high[people], high[records])
    if not len(system.total):
        return
    part, owner, total, at = system.part, system.owner, system.total, system.start[:-1]
    least_sum = np.add.reduceat(low[part], at)
    most_sum = np.minimum(np.add.reduceat(high[part], at), OPEN)
    largest = np.maximum.reduceat(low[part], at)
    least_total = np.where(system.adds, least_sum, largest)
    np.maximum.at(low, total[used], least_total[used])
    np.minimum.at(high, total[used], most_sum[used])
    most_rest = np.add.reduceat(high[part], at)[owner] - high[part]
    own = used[owner]
    np.maximum.at(low, part[own], (low[total[owner]] - most_rest)[own])
    least_rest = np.where(system.adds[owner], least_sum[owner] - low[part], 0)
    top = high[total[owner]]
    most_part = np.where(top >= OPEN, OPEN, top - least_rest)
    np.minimum.at(high, part[own], most_part[own])
