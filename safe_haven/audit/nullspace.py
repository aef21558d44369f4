"""Counts that the equations alone give away, whatever their bounds: exact sparse elimination."""

from __future__ import annotations

from math import gcd

import numpy as np

from safe_haven.audit.rows import ContradictionError, Rows

MOST_WORK = 3_000_000
"""Entries touched in one component before the screen is left to the linear programmes."""

Equation = tuple[dict[int, int], int]
"""sum(factor * count) = constant, by column."""


def determined(rows: Rows) -> dict[int, int]:
    """Columns whose count follows from the equations among the rows, with that count.

    Empty where elimination would cost too much (the programmes that follow find the same).
    Errors: ContradictionError where the equations have no solution in whole numbers.
    """
    elimination = _Elimination()
    equal = np.flatnonzero(rows.low == rows.high)
    for row in sorted(equal.tolist(), key=lambda r: int(rows.start[r + 1] - rows.start[r])):
        entries = slice(int(rows.start[row]), int(rows.start[row + 1]))
        columns = rows.column[entries].tolist()
        factors = rows.factor[entries].tolist()
        elimination.add((dict(zip(columns, factors, strict=True)), int(rows.low[row])))
        if elimination.work > MOST_WORK:
            return {}
    return elimination.solved()


class _Elimination:
    """Equations in reduced form: each has a pivot column that no other one holds."""

    def __init__(self) -> None:
        self.by_pivot: dict[int, Equation] = {}
        self.holders: dict[int, set[int]] = {}
        self.work = 0

    def add(self, equation: Equation) -> None:
        for column in sorted(equation[0]):
            if column in self.by_pivot:
                equation = self._less(equation, column, self.by_pivot[column])
        factors, constant = equation
        if not factors:
            if constant:
                raise ContradictionError(np.array([], dtype=np.int64))
            return
        pivot = min(factors, key=lambda c: (len(self.holders.get(c, ())), c))
        for other in sorted(self.holders.get(pivot, ())):
            self._keep(other, self._less(self.by_pivot[other], pivot, equation))
        self._keep(pivot, equation)

    def _keep(self, pivot: int, equation: Equation) -> None:
        for column in self.by_pivot.get(pivot, ({}, 0))[0]:
            self.holders[column].discard(pivot)
        for column in equation[0]:
            self.holders.setdefault(column, set()).add(pivot)
        self.by_pivot[pivot] = equation

    def _less(self, equation: Equation, column: int, by: Equation) -> Equation:
        """The equation without `column`, by means of another one that holds it."""
        mine, theirs = equation[0][column], by[0][column]
        result = {c: f * theirs for c, f in equation[0].items()}
        for other, factor in by[0].items():
            result[other] = result.get(other, 0) - factor * mine
        result = {c: f for c, f in result.items() if f}
        constant = equation[1] * theirs - by[1] * mine
        common = gcd(constant, *result.values()) or 1
        self.work += len(result) + len(by[0])
        return {c: f // common for c, f in result.items()}, constant // common

    def solved(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for pivot, (factors, constant) in sorted(self.by_pivot.items()):
            if len(factors) == 1:
                if constant % factors[pivot]:
                    raise ContradictionError(np.array([pivot]))
                found[pivot] = constant // factors[pivot]
        return found
