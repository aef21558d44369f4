"""First company for the cells that the rule withholds, in the exact regime: no line tells one.

A line is a relation whose parts add up to its total. If the total is shown, the withheld parts can
be told to within what they have, together, above the attacker's lower bound. Where that is less
than the required width the line is narrow, and a cell of it is withheld: again and again the one
that costs least for the narrow lines it mends, and opens few lines in which it would stand alone.
What several lines tell together is left to the proof.
"""

from __future__ import annotations

import heapq

import numpy as np

from safe_haven.suppression.system import System

MENDED_WEIGHT = 2.0
"""Power of the number of mended lines in the score; 2 withholds least on shared test systems."""


def first_company(system: System, withheld: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """`withheld` and company for it, as far as there are cells to withhold.

    withheld: boolean per cell. cost: price of withholding each cell.
    """
    lines = Lines(system, withheld | system.hidden)
    free = (system.may_be_withheld & ~lines.secret_cells).tolist()
    price = cost.tolist()
    waiting = [
        (score, cell)
        for cell in lines.around_narrow()
        if free[cell] and (score := lines.score(cell, price[cell])) is not None
    ]
    heapq.heapify(waiting)
    while waiting:
        score, cell = heapq.heappop(waiting)
        now = lines.score(cell, price[cell]) if free[cell] else None
        if now is None:
            continue
        if now > score:
            heapq.heappush(waiting, (now, cell))
            continue
        free[cell] = False
        for near in lines.withhold(cell):
            if free[near] and (new := lines.score(near, price[near])) is not None:
                heapq.heappush(waiting, (new, near))
    company = ~np.array(free) & system.may_be_withheld & ~lines.secret_cells
    return withheld | company


class Lines:
    """The lines of a system, and how many of their cells are withheld so far."""

    def __init__(self, system: System, secret: np.ndarray) -> None:
        """secret: cells that are withheld or hidden (boolean per cell)."""
        self.secret_cells = secret
        self.width = max(system.required_width, 1)
        least = np.where(system.hidden, 0, system.attacker_lower_bound)
        above = np.maximum(system.value - least, 0)
        line_of = np.cumsum(system.adds) - 1
        kept = system.adds[system.owner]
        line = np.concatenate([line_of[system.owner[kept]], line_of[system.adds]])
        cell = np.concatenate([system.part[kept], system.total[system.adds]])
        is_part = np.arange(len(line)) < kept.sum()
        count = int(system.adds.sum())
        inside = secret[cell] & is_part
        self.parts = np.bincount(line[inside], minlength=count).tolist()
        slack = np.bincount(line[inside], weights=above[cell[inside]], minlength=count)
        self.slack = slack.astype(np.int64).tolist()
        self.total = system.total[system.adds].tolist()
        self.open_above = secret[system.total[system.adds]].tolist()
        self.above = above.tolist()
        by_line, by_cell = np.lexsort((cell, line)), np.lexsort((line, cell))
        self.cell = cell[by_line].tolist()
        self.start = _starts(line, count)
        self.line = line[by_cell].tolist()
        self.line_start = _starts(cell, system.size)

    def is_narrow(self, line: int) -> bool:
        """Whether the line alone tells some withheld cell."""
        if self.open_above[line]:
            return self.parts[line] == 0
        return self.parts[line] == 1 or (self.parts[line] > 0 and self.slack[line] < self.width)

    def members(self, line: int) -> list[int]:
        """Total and parts."""
        return self.cell[self.start[line] : self.start[line + 1]]

    def lines_of(self, cell: int) -> list[int]:
        """Lines that a cell is in."""
        return self.line[self.line_start[cell] : self.line_start[cell + 1]]

    def around_narrow(self) -> list[int]:
        """Cells of narrow lines."""
        narrow = filter(self.is_narrow, range(len(self.total)))
        return sorted({cell for line in narrow for cell in self.members(line)})

    def score(self, cell: int, price: float) -> float | None:
        """Price of withholding a cell, by what it mends and opens; None if it mends nothing."""
        mended = opened = 0
        for line in self.lines_of(cell):
            if self.parts[line] == 0 and not self.open_above[line]:
                opened += 1
            elif self.is_narrow(line):
                mended += (
                    self.total[line] == cell
                    or self.open_above[line]
                    or self.slack[line] + self.above[cell] >= self.width
                )
        return price * (1 + opened) / mended**MENDED_WEIGHT if mended else None

    def withhold(self, cell: int) -> list[int]:
        """Withhold a cell; returns the cells of its lines that are narrow now."""
        for line in self.lines_of(cell):
            if self.total[line] == cell:
                self.open_above[line] = True
            else:
                self.parts[line] += 1
                self.slack[line] += self.above[cell]
        narrow = filter(self.is_narrow, self.lines_of(cell))
        return [member for line in narrow for member in self.members(line)]


def _starts(owner: np.ndarray, count: int) -> list[int]:
    return [0, *np.cumsum(np.bincount(owner, minlength=count)).tolist()]
