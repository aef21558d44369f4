"""More company for cells that stay narrow: the cheapest alteration of the table that moves them.

Around the cell, what is withheld moves for nothing and what is shown at a price, beyond what its
rounding leaves open. What the cheapest alteration moves at a price is withheld as well.
"""

from __future__ import annotations

from dataclasses import replace

import highspy
import numpy as np
from scipy import sparse

from safe_haven.suppression.attacker import Belief
from safe_haven.suppression.programme import new_solver
from safe_haven.suppression.section import REACH, around
from safe_haven.suppression.system import System, rows_of

MOVE = 2
"""A shown cell is moved at most this many times the required width beyond its rounding."""
TOUCHED = 1e-6


class Surroundings:
    """The cells around some others, to be moved at a price.

    Three variables move a cell: within what is believed (free), up beyond it, down beyond it.
    """

    def __init__(
        self,
        system: System,
        base: np.ndarray,
        given: Belief,
        cells: np.ndarray,
        price: np.ndarray,
        steps: int,
        liftable: np.ndarray | None = None,
    ) -> None:
        """cells: in the middle. base: the table that is there. price: per cell of the system.

        liftable: flags of withheld cells that, at their price, need not be taken for small.
        """
        for_sale = system.may_be_withheld & ~given.withheld
        if liftable is not None:
            for_sale |= liftable
        self.cells = around(system, cells, steps, given.movable() | for_sale)
        self.for_sale = for_sale[self.cells]
        count, reach = len(self.cells), REACH * max(system.required_width, 1)
        here = base[self.cells]
        free_low = np.maximum(given.low[self.cells] - here, -reach)
        free_high = np.minimum(given.high[self.cells] - here, reach)
        beyond = np.where(self.for_sale, MOVE * max(system.required_width, 1), 0)
        floor = np.maximum(here + free_low - system.attacker_lower_bound, 0)
        self.low = np.concatenate([free_low, np.zeros(2 * count)])
        self.high = np.concatenate([free_high, beyond, np.minimum(beyond, floor)])
        own = rows_of(system, self.cells, base)
        ones = np.where(self.for_sale, price[self.cells], 0.0)
        self.solver = new_solver(
            replace(own, rows=sparse.hstack([own.rows, own.rows, -own.rows]).tocsr()),
            (self.low, self.high),
            np.concatenate([np.zeros(count), ones, ones]),
        )

    def move(self, cell: int, by: int) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Price of moving a cell so far, flags of what is bought for it, and how far all is moved.

        None where it cannot be moved so far, whatever else is withheld here.
        """
        place = int(np.searchsorted(self.cells, cell))
        self.solver.changeColBounds(place, float(by), float(by))
        self.solver.run()
        solved = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solution = np.array(self.solver.getSolution().col_value)
        cost = self.solver.getInfo().objective_function_value
        self.solver.changeColBounds(place, self.low[place], self.high[place])
        if not solved:
            return None
        free, up, down = np.split(solution, 3)
        bought = (up > TOUCHED) | (down > TOUCHED)
        return cost, bought & self.for_sale, free + up - down

    def withhold(self, places: np.ndarray) -> None:
        """Let some cells be moved for nothing from now on."""
        self.for_sale[places] = False
        count = len(self.cells)
        columns = np.concatenate([count + places, 2 * count + places]).astype(np.int32)
        self.solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))


def buy_company(
    system: System,
    surroundings: Surroundings,
    base: np.ndarray,
    given: Belief,
    narrow: dict[int, tuple[int, int]],
) -> tuple[set[int], set[int]]:
    """Cells to withhold so that narrow ones can be moved, and narrow ones that nothing here helps.

    narrow: for each cell how far it was moved, down (<= 0) and up (>= 0).
    """
    chosen: set[int] = set()
    helpless: set[int] = set()
    width = system.required_width
    reached = dict(narrow)
    for cell in narrow:
        down, up = reached[cell]
        if up - down >= width:
            continue
        ends = [
            by
            for by in (down + width, up - width)
            if given.low[cell] <= base[cell] + by <= given.high[cell]
        ]
        moves = [move for by in ends if (move := surroundings.move(cell, by))]
        if not moves:
            helpless.add(cell)
            continue
        _, bought, moved = min(moves, key=lambda move: move[0])
        surroundings.withhold(np.flatnonzero(bought))
        chosen |= set(surroundings.cells[bought].tolist())
        for other, (low, high) in reached.items():
            by = moved[np.searchsorted(surroundings.cells, other)]
            reached[other] = min(low, round(by)), max(high, round(by))
    return chosen, helpless


def lifting_company(
    system: System, given: Belief, large: np.ndarray, price: np.ndarray, cells: np.ndarray
) -> set[int]:
    """For each cell, one that shares a relation with it and is known to be large, if there is any.

    Once that is withheld too, nobody takes the cell for small. large: flags of cells that stay
    known to be large.
    """
    free = large & system.may_be_withheld & ~given.withheld & system.can_be_capped
    chosen: set[int] = set()
    for cell in cells:
        near = around(system, np.array([cell]), 1, free)
        near = near[free[near]]
        if len(near):
            chosen.add(int(near[np.argmin(price[near])]))
    return chosen


def nearest_company(system: System, given: Belief, price: np.ndarray, cells: set[int]) -> set[int]:
    """For each cell the cheapest one that shares a relation with it and can be withheld."""
    free = system.may_be_withheld & ~given.withheld
    chosen: set[int] = set()
    for cell in sorted(cells):
        near = around(system, np.array([cell]), 1, free)
        near = near[free[near]]
        if len(near):
            chosen.add(int(near[np.argmin(price[near])]))
    return chosen
