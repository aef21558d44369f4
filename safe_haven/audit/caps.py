"""Who is believed to be small: the attacker of rounded tables knows that hardly any other count is
withheld, so he takes every withheld count to be at most suppress_hi wherever that can be.

Withheld cells that share a relation form one set. A set that cannot be small, all other sets left
free, is not believed to be. If the sets that can be small one at a time cannot be so all together,
those are let go whose counts exceed suppress_hi in the table of least total excess.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from safe_haven.audit.protected import INFINITE, Published
from safe_haven.audit.rows import ContradictionError, Rows, propagate
from safe_haven.audit.solver import FRACTION, Programme, UndecidedError
from safe_haven.audit.tables import Space, find_table

SMALL_SIZE = 400
"""Columns of a component up to which it is decided over whole numbers whether caps can hold."""


def connected_sets(published: Published, member: np.ndarray) -> np.ndarray:
    """The set of every cell that is a member, as the number of its first cell; -1 for others."""
    leader = list(range(published.size))

    def find(cell: int) -> int:
        while leader[cell] != cell:
            leader[cell] = leader[leader[cell]]
            cell = leader[cell]
        return cell

    for relation in range(published.relations):
        parts = published.part[published.start[relation] : published.start[relation + 1]]
        cells = [c for c in (int(published.total[relation]), *parts.tolist()) if member[c]]
        for cell in cells[1:]:
            pair = find(cells[0]), find(cell)
            leader[max(pair)] = min(pair)
    result = np.full(published.size, -1, dtype=np.int64)
    for cell in np.flatnonzero(member).tolist():
        result[cell] = find(cell)
    return result


def capped(space: Space, sets: list[np.ndarray], cap: int) -> tuple[Space, np.ndarray]:
    """The space with the caps an attacker believes in, and a table that fits it.

    sets: columns of each connected set. Errors: ContradictionError where nothing fits even
    without caps, UndecidedError.
    """
    together = _table_under(space, sets, cap)
    if together is not None:
        return together
    able = _able_alone(space, sets, cap)
    together = _table_under(space, able, cap)
    if together is None:
        excess = _least_excess(space, able, cap)
        together = _table_under(space, [s for s in able if not excess[s].any()], cap)
    if together is not None:
        return together
    if _table_under(space, [], cap) is None:
        raise ContradictionError(np.arange(1))
    raise UndecidedError


def _able_alone(space: Space, sets: list[np.ndarray], cap: int) -> list[np.ndarray]:
    """The sets that can be small while all others are free.

    Those without excess in one table are shown able by it, all at once; the others are tried.
    """
    possible = [s for s in sets if _bounds_under(space, [s], cap) is not None]
    excess = _least_excess(space, possible, cap)
    return [s for s in possible if not excess[s].any() or _table_under(space, [s], cap) is not None]


def _bounds_under(space: Space, sets: list[np.ndarray], cap: int) -> Space | None:
    high = space.high.copy()
    for columns in sets:
        high[columns] = np.minimum(high[columns], cap)
    try:
        if np.any(space.low > high):
            return None
        low, high = propagate(space.rows, space.low, high)
    except ContradictionError:
        return None
    return Space(space.rows, low, high)


def _table_under(space: Space, sets: list[np.ndarray], cap: int) -> tuple[Space, np.ndarray] | None:
    bounded = _bounds_under(space, sets, cap)
    if bounded is None:
        return None
    table = find_table(bounded, SMALL_SIZE)
    return None if table is None else (bounded, table)


def _least_excess(space: Space, sets: list[np.ndarray], cap: int) -> np.ndarray:
    """Columns above the cap in a table in which the sum of all that is above it is least.

    Errors: ContradictionError where no table fits whatever is above the cap.
    """
    result = np.zeros(space.rows.columns, bool)
    if not sets:
        return result
    columns = np.sort(np.concatenate(sets))
    wider = _with_excess(space, columns, cap)
    size = space.rows.columns
    programme = Programme(wider.rows, wider.low, wider.high, whole=space.rows.columns <= SMALL_SIZE)
    answer = programme.push(np.arange(size, size + len(columns)), -np.ones(len(columns)))
    if answer is None:
        raise ContradictionError(columns[:1])
    result[columns] = answer.table[columns] > cap + FRACTION
    return result


def _with_excess(space: Space, columns: np.ndarray, cap: int) -> Space:
    """A column of excess for each of some columns, and a row: count - excess <= cap."""
    rows, many = space.rows, len(columns)
    size = rows.columns
    pairs = np.stack([columns, size + np.arange(many)], axis=1).ravel()
    extended = Rows(
        start=np.concatenate([rows.start, rows.start[-1] + 2 * np.arange(1, many + 1)]),
        column=np.concatenate([rows.column, pairs]),
        factor=np.concatenate([rows.factor, np.tile([1, -1], many)]),
        low=np.concatenate([rows.low, np.full(many, -INFINITE)]),
        high=np.concatenate([rows.high, np.full(many, cap)]),
        columns=size + many,
    )
    return replace(
        space,
        rows=extended,
        low=np.concatenate([space.low, np.zeros(many, np.int64)]),
        high=np.concatenate([space.high, np.full(many, INFINITE)]),
    )
