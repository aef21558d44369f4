"""The pattern of the rounded regime: nearly only what the rule withholds, and the proof of it.

What is shown is rounded, so every cell can be moved a little and no set of cells stands alone.
Where records and people are counted, all is moved at once first; else, and for what that leaves,
alternatives are looked for near each cell, and all others stay where they are.
"""

from __future__ import annotations

import highspy
import numpy as np

from safe_haven.suppression.attacker import OPEN, Belief, belief, narrowed
from safe_haven.suppression.programme import new_solver
from safe_haven.suppression.protection import (
    Alternative,
    Protection,
    UnprotectableError,
    cannot_tell,
    check,
    must_be_wide,
    price,
)
from safe_haven.suppression.repair import (
    Surroundings,
    buy_company,
    lifting_company,
    nearest_company,
)
from safe_haven.suppression.section import ROUNDING, Section, around, cut
from safe_haven.suppression.system import System, rows_of

STEPS = (2, 3)
"""How far around a cell alternatives are looked for, in relations."""

COMPANY_STEPS = (3, 4, 6)
"""How far around a narrow cell company is looked for."""

CAP_STEPS = (3, 5, 1000)
"""How far around a cell a table is looked for in which it is small."""

FAILURES = 6
"""Sections in a row that vouch for nothing before larger ones are taken."""

SWEPT_CELLS = 20_000
"""Systems of records and people, of up to so many movable cells, are pushed as a whole first."""

FEW = 30
"""With so many cells left in doubt the whole is pushed anew from its table, so that less moves."""

MAX_TURNS = 100

LARGER_COSTS = 1.0
"""How much more larger counts cost."""

STAYS_SMALL = 4.0
"""Company that may be taken for small costs so many times as much as what is known to be large."""

FURTHEST = 10**6
"""A cell is moved at most so far while a table is looked for that agrees with the caps."""


class Search:
    """A table that agrees with what is believed, and alternatives to it."""

    def __init__(
        self, system: System, given: Belief, base: np.ndarray, alternatives: list[Alternative]
    ) -> None:
        """alternatives: to a table that was the base before; those that still fit are kept."""
        self.system, self.given, self.base = system, given, base
        self.sums = system.rows @ base
        self.must_be_wide = must_be_wide(system, given, base)
        low, high = narrowed(system, given)
        self.is_told = high - low < system.required_width
        self.alternatives: list[Alternative] = []
        self.down = np.zeros(system.size, dtype=np.int64)
        self.up = np.zeros(system.size, dtype=np.int64)
        for alternative in alternatives:
            self.add(alternative)

    def add(self, alternative: Alternative) -> None:
        """Count an alternative, unless it leaves the bounds or breaks a relation."""
        if not alternative.fits(self.given, self.base):
            return
        if not alternative.adds_up(self.system, self.sums):
            return
        cells, moved = alternative.cells, alternative.moved
        self.alternatives.append(alternative)
        self.down[cells] = np.minimum(self.down[cells], moved)
        self.up[cells] = np.maximum(self.up[cells], moved)

    def add_all(self, section: Section) -> None:
        """Count the alternatives that were found in a section."""
        for alternative in section.alternatives():
            self.add(alternative)

    def doubt(self) -> np.ndarray:
        """Cells that could be small and are not proved wide (boolean per cell)."""
        return self.must_be_wide & (self.up - self.down < self.system.required_width)

    def prove(self) -> np.ndarray:
        """Look for alternatives for every cell in doubt; those that stay in doubt."""
        movable = np.flatnonzero(self.given.movable())
        if len(self.system.records) and len(movable) <= SWEPT_CELLS and self.doubt().any():
            self._push_together(movable, mend=True, few=FEW)
            self._push_together(movable, mend=True)
        for steps in STEPS:
            failures = 0
            for cell in np.flatnonzero(self.doubt()).tolist():
                if failures >= FAILURES and steps < STEPS[-1]:
                    break
                if self.doubt()[cell] and not self.is_told[cell]:
                    failures = 0 if self._prove_around(cell, steps) else failures + 1
        return np.flatnonzero(self.doubt())

    def _prove_around(self, cell: int, steps: int) -> bool:
        """Push what is in doubt next to a cell; whether anything was proved."""
        middle, movable = np.array([cell]), self.given.movable()
        target = np.zeros(self.system.size, dtype=bool)
        target[around(self.system, middle, 1, movable)] = True
        return self._push_together(around(self.system, middle, steps, movable), target)

    def _push_together(
        self,
        cells: np.ndarray,
        only: np.ndarray | None = None,
        *,
        mend: bool = False,
        few: int = 0,
    ) -> bool:
        """Push what is in doubt among some cells, moving just these; whether anything was proved.

        only: flags of the cells to push, else all. mend, few: as in `Section.push_together`.
        """
        doubt = self.doubt() & ~self.is_told
        section = self._cut(cells, doubt if only is None else doubt & only)
        section.push_together(mend=mend, few=few)
        self.add_all(section)
        return bool((doubt & ~self.doubt()).any())

    def push_alone(self, cell: int, cells: np.ndarray) -> None:
        """Push one cell by itself, in a section of some cells."""
        cells = cells[self.given.movable()[cells]]
        target = np.zeros(self.system.size, dtype=bool)
        target[cell] = True
        section = self._cut(cells, target)
        section.push(int(np.searchsorted(cells, cell)))
        self.add_all(section)

    def _cut(self, cells: np.ndarray, target: np.ndarray) -> Section:
        return cut(self.system, cells, self.base, (self.given.low, self.given.high), target)


def protect_rounded(system: System) -> Protection:
    """The pattern and its proof. The same system gives the same answer.

    Errors: UnprotectableError.
    """
    withheld = system.with_family(system.primary & ~system.hidden)
    given, base, more = settle_caps(system, withheld, system.value.copy())
    search = Search(system, given, base, [])
    for _ in range(MAX_TURNS):
        if not more:
            doubt = search.prove()
            if not len(doubt):
                break
            more = _company(search, doubt)
        if more:
            withheld[sorted(more)] = True
            withheld = system.with_family(withheld)
            given, base, more = settle_caps(system, withheld, search.base)
            search = Search(system, given, base, search.alternatives)
    else:
        raise UnprotectableError("the search for a proof did not end, so nothing is published.")
    protection = Protection(system, search.given, search.base, search.alternatives)
    check(protection, np.zeros(system.size, dtype=bool))
    return protection


def _company(search: Search, doubt: np.ndarray) -> set[int]:
    """Cells to withhold for those in doubt, as far as they cannot be moved without."""
    system, given, width = search.system, search.given, search.system.required_width
    cost = price(system, LARGER_COSTS) * np.where(stays_large(system, given), 1.0, STAYS_SMALL)
    chosen: set[int] = set()
    for cell in doubt.tolist():
        for steps in COMPANY_STEPS:
            if search.up[cell] - search.down[cell] >= width:
                break
            near = Surroundings(system, search.base, given, np.array([cell]), cost, steps)
            if chosen & set(near.cells.tolist()):
                break
            narrow = {cell: (int(search.down[cell]), int(search.up[cell]))}
            more, helpless = buy_company(system, near, search.base, given, narrow)
            if not more and not helpless:
                search.push_alone(cell, near.cells)
                if search.doubt()[cell]:
                    more = nearest_company(system, given, cost, {cell})
            chosen |= more
            if more:
                break
        else:
            if search.doubt()[cell]:
                chosen |= _lifting(search, cell, cost)
    return chosen


def _lifting(search: Search, cell: int, cost: np.ndarray) -> set[int]:
    """Cells to withhold so that others, which hold a cell in its place, are not taken for small.

    Errors: UnprotectableError where that does not help either.
    """
    system, given = search.system, search.given
    large = stays_large(system, given)
    company = {
        int(capped): other
        for capped in np.flatnonzero(given.capped)
        for other in lifting_company(system, given, large, cost, np.array([capped]))
    }
    liftable, own = np.zeros(system.size, dtype=bool), cost.copy()
    liftable[list(company)] = True
    own[list(company)] = cost[list(company.values())]
    narrow = {cell: (int(search.down[cell]), int(search.up[cell]))}
    for steps in COMPANY_STEPS:
        near = Surroundings(system, search.base, given, np.array([cell]), own, steps, liftable)
        bought, _ = buy_company(system, near, search.base, given, narrow)
        if bought:
            return {company.get(one, one) for one in bought}
    raise cannot_tell(system, cell)


def stays_large(system: System, given: Belief) -> np.ndarray:
    """Cells whose relations prove them large to all, even once they are withheld themselves."""
    low, high = given.low, np.where(given.withheld, OPEN, given.high)
    part, owner, total, at = system.part, system.owner, system.total, system.start[:-1]
    used = system.is_held_by_all
    least = np.zeros(system.size, dtype=np.int64)
    if len(total):
        together, largest = np.add.reduceat(low[part], at), np.maximum.reduceat(low[part], at)
        np.maximum.at(least, total[used], np.where(system.adds, together, largest)[used])
        rest = np.minimum(np.add.reduceat(high[part], at), OPEN)[owner] - high[part]
        own = used[owner]
        np.maximum.at(least, part[own], (low[total[owner]] - rest)[own])
    return least > system.rule.suppress_hi


# Who is taken for small ------------------------------------------------------------------------


def settle_caps(
    system: System, withheld: np.ndarray, base: np.ndarray
) -> tuple[Belief, np.ndarray, set[int]]:
    """What is believed when everything withheld is taken for small, and a table that agrees.

    A cap that contradicts what is shown is dropped, with those of the cells that share a relation.
    Where some readers hold too little to see the contradiction, large cells are named as well,
    beside which they do not believe the cap: nothing is settled before those are withheld.
    base: a table that agreed with less. Errors: UnprotectableError where that stays undecided.
    """
    nobody = np.zeros(system.size, dtype=bool)
    of_nobody = belief(system, withheld, nobody)
    low, _ = narrowed(system, of_nobody, system.is_held_by_all)
    can_be_capped = withheld & system.can_be_capped
    uncapped = _with_relatives(system, can_be_capped & (low > system.rule.suppress_hi))
    company: set[int] = set()
    while True:
        given = belief(system, withheld, can_be_capped & ~uncapped)
        over = np.flatnonzero(base > given.high)
        if not len(over):
            return given, base, company
        lowered = _with_small(system, given, base, int(over[0]))
        if lowered is None:
            uncapped[over[0]] = True
            uncapped = _with_relatives(system, uncapped)
            if not system.is_held_by_all.all():
                large = stays_large(system, given)
                company |= lifting_company(
                    system, given, large, price(system, LARGER_COSTS), over[:1]
                )
        else:
            base = lowered


def _with_relatives(system: System, cells: np.ndarray) -> np.ndarray:
    """Flags of some cells and of all that share a relation with one, as every reader can see."""
    rows = np.unique(system.columns[:, np.flatnonzero(cells)].indices)
    near = cells.copy()
    near[np.unique(system.rows[rows[system.is_row_of_all[rows]]].indices)] = True
    return near


def _with_small(system: System, given: Belief, base: np.ndarray, cell: int) -> np.ndarray | None:
    """A table in which a cell is under its cap and all else within its bounds; None: there is none.

    Other cells that are above their caps may stay there.
    Errors: UnprotectableError where neither was found.
    """
    low, high = np.minimum(given.low, base), np.maximum(given.high, base)
    cap = given.high[cell]
    for steps in CAP_STEPS:
        inside = around(system, np.array([cell]), steps, high > low)
        moved = _lowest(system, inside, base, (low, high), cell, whole=True)
        if moved is not None and base[cell] + moved[np.searchsorted(inside, cell)] <= cap:
            return _moved(system, base, inside, moved)
        rows = np.unique(system.columns[:, inside].indices)
        outer = np.unique(system.rows[rows].indices)
        least = _lowest(system, outer, base, (low, high), cell, rows=rows)
        if least is not None and base[cell] + least[np.searchsorted(outer, cell)] > cap + ROUNDING:
            return None
    raise UnprotectableError(
        f"whether cell {system.ids[cell]!r} can be taken for small stayed undecided, so nothing "
        "is published. Publish coarser tables."
    )


def _moved(system: System, base: np.ndarray, cells: np.ndarray, moved: np.ndarray) -> np.ndarray:
    table = base.copy()
    table[cells] += np.rint(moved).astype(np.int64)
    sums = system.rows @ table
    if np.where(system.is_equal, sums != 0, sums < 0).any():
        raise UnprotectableError("the solver's table does not add up, so nothing is published.")
    return table


def _lowest(
    system: System,
    cells: np.ndarray,
    base: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    cell: int,
    *,
    whole: bool = False,
    rows: np.ndarray | None = None,
) -> np.ndarray | None:
    """How far some cells are moved so that one of them is as low as can be.

    rows: only these must hold, else all that the cells are in.
    """
    low = np.maximum(bounds[0][cells] - base[cells], -FURTHEST)
    high = np.minimum(bounds[1][cells] - base[cells], FURTHEST)
    aim = (cells == cell).astype(float)
    solver = new_solver(rows_of(system, cells, base, rows), (low, high), aim, whole=whole)
    solver.run()
    solution = np.array(solver.getSolution().col_value)
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solution if len(solution) == len(cells) and (whole or optimal) else None
