"""Part of a system in which cells are moved, all others staying: where alternatives are found.

An alternative table that differs from a true one in a few cells only, and agrees with all that is
published there, agrees with it everywhere. In the exact regime a section is a whole connected set
of withheld cells, in the rounded regime the cells near to one that is to be moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from safe_haven.suppression.programme import Alterations
from safe_haven.suppression.protection import Alternative
from safe_haven.suppression.system import Rows, System, rows_of

SEED = 20180901
PATIENCE = 3
"""Solutions in a row that vouch for nothing new before each cell is tried by itself."""

MANY = 150
"""Targets that are pushed at once by another method, whose first solution is there sooner."""

REACH = 50
"""A cell is moved at most this many times the required width."""

ROUNDING = 1e-6
"""A solver's numbers may be off by so much."""


class Section:
    """Cells that may be moved, and the whole alternatives that were found.

    cells: numbers in the system, ascending. rows: what must hold, a column per cell. lowest,
    highest: how far each cell may be moved from where it is (<= 0, >= 0). target: cells to be
    proved wide. to_small: how far a target is from being small (> 0: above where it is, < 0:
    below); one that cannot come so far is exempt.
    """

    def __init__(
        self,
        cells: np.ndarray,
        rows: Rows,
        bounds: tuple[np.ndarray, np.ndarray],
        target: np.ndarray,
        to_small: np.ndarray,
        width: int,
    ) -> None:
        """Nothing is proved yet: only the table that is there is known."""
        self.cells, self.rows = cells, rows
        self.lowest, self.highest = bounds
        self.target, self.to_small, self.width = target, to_small, width
        self.exempt = np.zeros(len(cells), dtype=bool)
        self.spared = np.zeros(len(cells), dtype=bool)
        self.found = np.zeros((1, len(cells)), dtype=np.int64)
        self._columns = rows.rows.tocsc()
        self._programmes: dict[tuple[int, bool], Alterations] = {}

    def prove(self) -> None:
        """Look for alternatives until every target is wide, or cannot be made so."""
        self.push_together()
        for place in np.flatnonzero(self.in_doubt(self.found)).tolist():
            self.push(place)

    def narrow(self) -> dict[int, tuple[int, int]]:
        """Cells that stay in doubt, and how far down and up they were moved."""
        places = np.flatnonzero(self.in_doubt(self.found)).tolist()
        down, up = self.found.min(axis=0).tolist(), self.found.max(axis=0).tolist()
        return {int(self.cells[place]): (down[place], up[place]) for place in places}

    def alternatives(self) -> Iterator[Alternative]:
        """The alternatives that were found, by the cells that they move."""
        for moved in self.found[1:]:
            yield Alternative(self.cells[moved != 0], moved[moved != 0])

    def push_together(self, *, mend: bool = False, few: int = 0) -> None:
        """Push all targets in doubt to random sides at once, then to the opposite ones.

        mend: take whole numbers near to a solution that is not whole. few: end with so many left.
        """
        random = np.random.default_rng(SEED)
        doubt = self.in_doubt(self.found)
        only_up = (self.lowest > -self.width) & (self.highest >= self.width)
        only_down = (self.highest < self.width) & (self.lowest <= -self.width)
        side = np.ones(len(doubt))
        turn = slow = 0
        while doubt.sum() > few and slow < PATIENCE:
            side = -side if turn % 2 else random.choice([-1.0, 1.0], len(doubt))
            side = np.where(only_up, 1.0, np.where(only_down, -1.0, side))
            turn += 1
            programme = self._programme(self.width)
            programme.take_many(mend and doubt.sum() > MANY)
            tried = doubt & (random.random(len(doubt)) < 0.5) if slow else doubt
            programme.furthest(np.where(tried, side, 0.0), 0)
            self.found = _with_solution(self.found, programme, mend=mend)
            left = self.in_doubt(self.found)
            slow = slow + 1 if left.sum() == doubt.sum() else 0
            doubt = left

    def push(self, place: int) -> None:
        """Push one cell by itself, to both sides."""
        self.found = self._push(self.found, place)

    def in_doubt(self, found: np.ndarray) -> np.ndarray:
        """Targets that the alternatives `found` do not prove (boolean per cell)."""
        reached = found.max(axis=0) - found.min(axis=0)
        return self.target & ~self.exempt & ~self.spared & (reached < self.width)

    def spare(self, order: Iterable[int]) -> list[int]:
        """Show again what the proof can do without; the places of the cells that are shown.

        order: places to try, in this order; all targets are proved.
        """
        return [
            place for place in order if not self._is_needed(place) and self._try_to_spare(place)
        ]

    def _is_needed(self, place: int) -> bool:
        """Whether without this cell one relation alone would tell a target."""
        self.spared[place] = True
        told = any(self._tells(row) for row in self._rows_of(place))
        self.spared[place] = False
        return told

    def _rows_of(self, place: int) -> list[int]:
        start = self._columns.indptr
        return self._columns.indices[start[place] : start[place + 1]].tolist()

    def _tells(self, row: int) -> bool:
        if not self.rows.equal[row]:
            return False
        matrix = self.rows.rows
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        cells, sign = matrix.indices[entries], matrix.data[entries]
        left = ~self.spared[cells]
        cells, sign = cells[left], sign[left]
        if not self.target[cells].any():
            return False
        return len(cells) == 1 or bool(
            (sign == sign[0]).all() and -self.lowest[cells].sum() < self.width
        )

    def _try_to_spare(self, place: int) -> bool:
        found, exempt = self.found[self.found[:, place] == 0], self.exempt.copy()
        self._spare_one(place, True)
        doubt = self.in_doubt(found)
        while doubt.any():
            found = self._push(found, int(np.argmax(doubt)))
            left = self.in_doubt(found)
            if left[np.argmax(doubt)]:
                # A cell that could not become small without this one can do so with it.
                self.exempt = exempt
                self._spare_one(place, False)
                return False
            doubt = left
        self.found = found
        return True

    def _spare_one(self, place: int, spared: bool) -> None:
        self.spared[place] = spared
        for (reach, _), programme in self._programmes.items():
            low, high = self._bounds(reach)
            programme.bound(place, int(low[place]), int(high[place]))

    def _bounds(self, reach: int) -> tuple[np.ndarray, np.ndarray]:
        low = np.where(self.spared, 0, np.maximum(self.lowest, -reach))
        return low, np.where(self.spared, 0, np.minimum(self.highest, reach))

    def _programme(self, reach: int, whole: bool = False) -> Alterations:
        if (reach, whole) not in self._programmes:
            self._programmes[reach, whole] = Alterations(
                self.rows, *self._bounds(reach), whole=whole
            )
        return self._programmes[reach, whole]

    def _push(self, found: np.ndarray, place: int) -> np.ndarray:
        """Push one cell to both sides: nearby, far, and among whole tables only if that helps."""
        aim = np.zeros(len(self.cells))
        for reach, whole in self._attempts():
            ends = []
            for side in (-1.0, 1.0):
                if not self.in_doubt(found)[place]:
                    return found
                aim[place] = side
                programme = self._programme(reach, whole)
                ends.append(abs(programme.furthest(aim, place)))
                found = _with_solution(found, programme)
            if reach > self.width and sum(ends) < self.width:
                self.exempt[place] |= self._stays_outside(place, *ends)
                return found
        return found

    def _stays_outside(self, place: int, down: float, up: float) -> bool:
        """Whether a cell that is not small cannot be, as far as a linear programme tells."""
        distance = self.to_small[place]
        return bool(up < distance - ROUNDING or down < -distance - ROUNDING)

    def _attempts(self) -> Iterator[tuple[int, bool]]:
        yield self.width, False
        yield self.width * REACH, False
        yield self.width * REACH, True


def _with_solution(found: np.ndarray, programme: Alterations, *, mend: bool = False) -> np.ndarray:
    alternative = programme.alternative()
    if alternative is None and mend:
        alternative = programme.mended()
    return found if alternative is None else np.vstack([found, alternative])


def cut(
    system: System,
    cells: np.ndarray,
    base: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    target: np.ndarray,
) -> Section:
    """The section of some cells. base: the table that is there; bounds: least and most."""
    lowest, highest = bounds[0][cells] - base[cells], bounds[1][cells] - base[cells]
    rule, here = system.rule, base[cells]
    to_small = np.where(
        system.primary[cells],
        0,
        np.maximum(rule.suppress_lo - here, 0) + np.minimum(rule.suppress_hi - here, 0),
    )
    return Section(
        *(cells, rows_of(system, cells, base), (lowest, highest), target[cells], to_small),
        system.required_width,
    )


def around(system: System, cells: np.ndarray, steps: int, movable: np.ndarray) -> np.ndarray:
    """Movable cells that are reached in so many steps, each through the relations of a cell."""
    reached, seen = np.zeros(system.size, dtype=bool), np.zeros(system.rows.shape[0], dtype=bool)
    reached[cells] = True
    edge = cells
    for _ in range(steps):
        near = np.unique(system.columns[:, edge].indices)
        near = near[~seen[near]]
        seen[near] = True
        edge = np.unique(system.rows[near].indices)
        edge = edge[~reached[edge] & movable[edge]]
        reached[edge] = True
        if not len(edge):
            break
    return np.flatnonzero(reached)


def connected(system: System, movable: np.ndarray) -> list[np.ndarray]:
    """Sets of movable cells that share relations; in the order of their first cells."""
    cells = np.flatnonzero(movable)
    rows = system.rows[:, cells]
    links = sparse.bmat([[None, rows.T], [rows, None]])
    _, label = csgraph.connected_components(links, directed=False)
    label = label[: len(cells)]
    order = np.argsort(label, kind="stable")
    ends = np.flatnonzero(np.diff(label[order])) + 1
    sets = np.split(cells[order], ends)
    return sorted((some for some in sets if len(some)), key=lambda some: int(some[0]))
