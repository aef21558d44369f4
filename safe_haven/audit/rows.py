"""Linear rows over whole numbers, and what can be deduced from them by interval arithmetic.

The core that any publication can be put on: a count per column with a lower and an upper bound, and
rows low <= sum(factor * count) <= high in compressed form. All arithmetic here is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safe_haven.audit.protected import INFINITE, Published

MOST_SWEEPS = 400
"""Bounds that still creep after so many sweeps are left to the solver."""


class ContradictionError(Exception):
    """No table of counts fits. `cells`: columns of the place where that showed."""

    def __init__(self, cells: np.ndarray) -> None:
        """`cells` are column numbers."""
        super().__init__()
        self.cells = cells


@dataclass(frozen=True)
class Rows:
    """Row r holds factor[e] * count[column[e]] for e in start[r]..start[r + 1]-1.

    low, high: bounds of each row, INFINITE (negative for low) where there is none.
    """

    start: np.ndarray
    column: np.ndarray
    factor: np.ndarray
    low: np.ndarray
    high: np.ndarray
    columns: int

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.low)

    @property
    def owner(self) -> np.ndarray:
        """The row of every entry."""
        return np.repeat(np.arange(self.size), np.diff(self.start))

    def sums(self, table: np.ndarray) -> np.ndarray:
        """The value of every row for a table of whole numbers."""
        ends = np.concatenate([[0], np.cumsum(self.factor * table[self.column])])
        sums: np.ndarray = ends[self.start[1:]] - ends[self.start[:-1]]
        return sums

    def hold(self, table: np.ndarray) -> bool:
        """Whether every row holds for a table of whole numbers."""
        sums = self.sums(table)
        return bool(np.all((sums >= self.low) & (sums <= self.high)))

    def only(self, kept: np.ndarray) -> Rows:
        """The rows with these numbers, over the same columns."""
        entries, start = _slices(self.start, kept)
        return Rows(
            start, self.column[entries], self.factor[entries],
            self.low[kept], self.high[kept], self.columns,
        )  # fmt: skip

    def restricted(self, columns: np.ndarray, table: np.ndarray) -> Rows:
        """The rows as they are for some columns while all others stay as in `table`.

        Rows without any of the columns are dropped; the columns are renumbered in the order given.
        """
        place = np.full(self.columns, -1)
        place[columns] = np.arange(len(columns))
        free = place[self.column] >= 0
        owner = self.owner
        count = np.bincount(owner[free], minlength=self.size)
        still = np.where(free, 0, self.factor * table[self.column])
        ends = np.concatenate([[0], np.cumsum(still)])
        moved = ends[self.start[1:]] - ends[self.start[:-1]]
        kept = count > 0
        return Rows(
            start=np.concatenate([[0], np.cumsum(count[kept])]).astype(np.int64),
            column=place[self.column[free]],
            factor=self.factor[free],
            low=np.where(self.low > -INFINITE, self.low - moved, self.low)[kept],
            high=np.where(self.high < INFINITE, self.high - moved, self.high)[kept],
            columns=len(columns),
        )


def _slices(start: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entries of the kept rows one after another, and where each row starts among them."""
    sizes = (start[1:] - start[:-1])[kept]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entries = np.arange(first[-1]) + np.repeat(start[kept] - first[:-1], sizes)
    return entries, first


def rows_of(published: Published) -> Rows:
    """Relations as rows.

    One row is total - sum(parts): at least 0 where the parts add, at most 0 where none is missing.
    Where they do not add, there is a row total - part, at least 0, for each part.
    """
    lengths = np.diff(published.start)
    owner = np.repeat(np.arange(published.relations), lengths)
    loose = ~published.adds[owner]
    count, more = published.relations, int(loose.sum())
    single = count + np.arange(more)
    row = np.concatenate([np.arange(count), owner, single, single])
    column = np.concatenate(
        [published.total, published.part, published.total[owner[loose]], published.part[loose]]
    )
    factor = np.concatenate(
        [np.ones(count), -np.ones(len(owner)), np.ones(more), -np.ones(more)]
    ).astype(np.int64)
    order = np.argsort(row, kind="stable")
    sizes = np.concatenate([lengths + 1, np.full(more, 2)])
    return Rows(
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        column=column[order],
        factor=factor[order],
        low=np.concatenate([np.where(published.adds, 0, -INFINITE), np.zeros(more, np.int64)]),
        high=np.concatenate([np.where(published.complete, 0, INFINITE), np.full(more, INFINITE)]),
        columns=published.size,
    )


def propagate(rows: Rows, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bounds that follow from each row and the bounds of its other columns, until nothing moves.

    Every whole-number table that fits stays inside. Errors: ContradictionError where none can.
    """
    low, high = low.copy(), high.copy()
    by_column = np.argsort(rows.column, kind="stable")
    row_of = rows.owner[by_column]
    first = np.searchsorted(rows.column[by_column], np.arange(rows.columns + 1))
    active = np.arange(rows.size)
    for _ in range(MOST_SWEEPS):
        if len(active) == 0:
            break
        moved = _sweep(rows.only(active), low, high)
        entries, _ = _slices(first, moved)
        active = np.unique(row_of[entries])
    return low, high


def _sweep(rows: Rows, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Tighten bounds in place by every row once; the columns that moved."""
    least, most = ends(rows, low, high)
    owner, column = rows.owner, rows.column
    positive = rows.factor > 0
    down = np.where(positive, low[column], -high[column])
    up = np.where(positive, high[column], -low[column])
    # What the row leaves for an entry once all others are at their least (most).
    others_least, others_most = _without(least, down, owner), _without(most, -up, owner, -1)
    top, bottom = rows.high[owner], rows.low[owner]
    upper = np.where((top < INFINITE) & (others_least > -INFINITE), top - others_least, INFINITE)
    lower = np.where(
        (bottom > -INFINITE) & (others_most < INFINITE), bottom - others_most, -INFINITE
    )
    new_high = np.where(positive, upper, -lower)
    new_low = np.where(positive, lower, -upper)
    before_low, before_high = low[column], high[column]
    np.maximum.at(low, column, new_low)
    np.minimum.at(high, column, new_high)
    moved = np.unique(column[(low[column] > before_low) | (high[column] < before_high)])
    wrong = low[moved] > high[moved]
    if wrong.any():
        raise ContradictionError(moved[wrong])
    stuck = (least[0] > rows.high) & (least[1] == 0) | (most[0] < rows.low) & (most[1] == 0)
    if stuck.any():
        raise ContradictionError(column[stuck[owner]])
    return moved


def ends(
    rows: Rows, low: np.ndarray, high: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Least and greatest value of each row: the finite part, and how many entries have no bound."""
    positive = rows.factor > 0
    down = np.where(positive, low[rows.column], -high[rows.column])
    up = np.where(positive, high[rows.column], -low[rows.column])
    return _total(rows, down), _total(rows, up)


def _total(rows: Rows, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    unbounded = np.abs(value) >= INFINITE
    finite = np.concatenate([[0], np.cumsum(np.where(unbounded, 0, value))])
    many = np.concatenate([[0], np.cumsum(unbounded)])
    first, last = rows.start[:-1], rows.start[1:]
    return finite[last] - finite[first], many[last] - many[first]


def _without(
    total: tuple[np.ndarray, np.ndarray], value: np.ndarray, owner: np.ndarray, sign: int = 1
) -> np.ndarray:
    """The total of a row less one entry; infinite where another entry has no bound.

    `value` is the entry as it counts towards the least end; the most end is passed negated.
    """
    unbounded = np.abs(value) >= INFINITE
    finite = total[0][owner] - np.where(unbounded, 0, sign * value)
    many = total[1][owner] - unbounded
    return np.where(many > 0, -sign * INFINITE, finite)


def groups(rows: Rows) -> np.ndarray:
    """The component of every column: the least column that rows connect it with."""
    label = np.arange(rows.columns)
    owner = rows.owner
    while True:
        least = np.full(rows.size, rows.columns)
        np.minimum.at(least, owner, label[rows.column])
        new = label.copy()
        np.minimum.at(new, rows.column, least[owner])
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new
