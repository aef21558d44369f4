"""Tables of whole numbers that fit: found from linear programmes, repaired where they break."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safe_haven.audit.rows import Rows
from safe_haven.audit.solver import Programme, UndecidedError, broken, whole

REPAIR_SIZES = (60, 250, 1000, 4000)
"""Columns freed to turn fractions into whole numbers, before all of the component are."""


@dataclass(frozen=True)
class Space:
    """One component: its rows, and what is proved of each count."""

    rows: Rows
    low: np.ndarray
    high: np.ndarray

    def holds(self, table: np.ndarray) -> bool:
        """Whether a table of whole numbers fits all that is published."""
        inside = np.all((table >= self.low) & (table <= self.high))
        return bool(inside) and self.rows.hold(table)

    def around(self, columns: np.ndarray, size: int) -> np.ndarray:
        """About `size` columns that rows connect with the given ones, nearest first."""
        inside = np.zeros(self.rows.columns, bool)
        inside[columns] = True
        owner = self.rows.owner
        while True:
            touched = np.zeros(self.rows.size, bool)
            touched[owner[inside[self.rows.column]]] = True
            wider = inside.copy()
            wider[self.rows.column[touched[owner]]] = True
            if wider.sum() == inside.sum():
                return np.flatnonzero(inside)
            if wider.sum() > size:
                new = np.flatnonzero(wider & ~inside)
                # Those in most of the touched rows close the most circles.
                links = np.bincount(self.rows.column[touched[owner]], minlength=self.rows.columns)
                best = new[np.argsort(-links[new], kind="stable")]
                inside[best[: max(size - int(inside.sum()), 0)]] = True
                return np.flatnonzero(inside)
            inside = wider

    def part(
        self, columns: np.ndarray, table: np.ndarray, reach: int | None, whole: bool
    ) -> Programme:
        """The programme over some columns, near to their counts in `table`; the others stay."""
        low, high = self.low[columns], self.high[columns]
        if reach is not None:
            low, high = (
                np.maximum(low, table[columns] - reach),
                np.minimum(high, table[columns] + reach),
            )
        return Programme(self.rows.restricted(columns, table), low, high, whole, table[columns])


def find_table(space: Space, small: int) -> np.ndarray | None:
    """A table of whole numbers that fits; None where it is proved that there is none.

    small: columns up to which the search for whole numbers is over all at once.
    Errors: UndecidedError.
    """
    answer = Programme(space.rows, space.low, space.high).push(*_nowhere())
    if answer is None:
        return None
    sizes = REPAIR_SIZES if space.rows.columns > small else ()
    found = mended(space, answer.table, sizes)
    if found is not None:
        return found
    last = Programme(space.rows, space.low, space.high, whole=True).push(*_nowhere())
    if last is None:
        return None
    table = whole(last.table)
    if not space.holds(table):
        raise UndecidedError
    return table


def mended(space: Space, answer: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray | None:
    """A table of whole numbers near to one of the solver's, or None where none was found.

    Frees the fractions and ever more columns around them; all others keep their counts.
    """
    table = np.clip(whole(answer), space.low, space.high)
    if space.holds(table):
        return table
    fractions = broken(answer)
    if len(fractions) == 0:
        return None
    for size in sizes:
        columns = space.around(fractions, max(size, 2 * len(fractions)))
        try:
            local = space.part(columns, table, None, whole=True).push(*_nowhere())
        except UndecidedError:
            return None
        if local is not None:
            new = table.copy()
            new[columns] = whole(local.table)
            if space.holds(new):
                return new
        if len(columns) == space.rows.columns:
            return None
    return None


def _nowhere() -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(0, np.int64), np.zeros(0)
