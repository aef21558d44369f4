"""Linear programmes over alterations of a table: what else could be, given what is shown.

A variable is how far a cell is moved from where it is. The table as it is, with no cell moved,
satisfies everything, so every solution is an alternative table. Only whole solutions count, and
each is checked in whole numbers. The solver's word is taken only for what cannot be.
"""

from __future__ import annotations

import highspy
import numpy as np

from safe_haven.suppression.system import Rows

MAX_NODES = 2000
"""Branches of a search among whole tables; without an answer by then a cell stays in doubt."""

MENDING_NODES = 200
"""Any whole table near a solution will do, so the search for one ends early."""

WHOLE = 1e-6
"""A number this near to a whole one is taken for it."""

PRIMAL = 4
"""What HiGHS calls the primal simplex method: where one aim follows another, it goes on from the
last solution, which still fits."""


class Alterations:
    """Tables that differ from one that is there in some cells only.

    rows: what must hold. low, high: bounds of each moved cell, whole numbers with low <= 0 <= high.
    """

    def __init__(
        self,
        rows: Rows,
        low: np.ndarray,
        high: np.ndarray,
        *,
        whole: bool = False,
    ) -> None:
        """whole: search among whole numbers only, which takes longer."""
        self.rows, self.low, self.high = rows, low, high
        self.solver = new_solver(rows, (low, high), np.zeros(len(low)), whole=whole)
        self.solver.setOptionValue("simplex_strategy", PRIMAL)

    def bound(self, cell: int, low: int, high: int) -> None:
        """Change the bounds of a moved cell."""
        self.low[cell], self.high[cell] = low, high
        self.solver.changeColBounds(cell, float(low), float(high))

    def take_many(self, many: bool) -> None:
        """Choose the method: of interior points for many aims, else the simplex method."""
        self.solver.setOptionValue("solver", "ipm" if many else "simplex")

    def furthest(self, aim: np.ndarray, cell: int) -> float:
        """Solve for the greatest aim @ moved; how far `cell` can be moved, 0 without a solution."""
        self.aim = aim
        columns = np.arange(len(aim), dtype=np.int32)
        self.solver.changeColsCost(len(aim), columns, -aim)
        self.solver.run()
        solution = self.solver.getSolution().col_value
        return float(solution[cell]) if len(solution) == len(aim) else 0.0

    def alternative(self) -> np.ndarray | None:
        """The last solution in whole numbers, or None if it is not one."""
        solution = np.array(self.solver.getSolution().col_value)
        if len(solution) != len(self.low):
            return None
        return self._checked(solution)

    def mended(self) -> np.ndarray | None:
        """Whole numbers near to the last solution, or None if none were found."""
        solution = np.array(self.solver.getSolution().col_value)
        if len(solution) != len(self.low):
            return None
        rows = self.rows.rows
        broken = np.flatnonzero(np.abs(solution - np.rint(solution)) > WHOLE)
        beside = np.unique(rows[np.unique(rows[:, broken].nonzero()[0])].indices)
        moved = np.flatnonzero(np.abs(solution) > WHOLE)
        for cells in sorted((beside, moved), key=len):
            mended = self._with_whole(solution, cells)
            if mended is not None:
                return mended
        return None

    def _with_whole(self, solution: np.ndarray, cells: np.ndarray) -> np.ndarray | None:
        """The last solution with some cells, all that are not whole among them, moved a little."""
        own = self.rows.rows[:, cells].tocsr()
        used = np.flatnonzero(np.diff(own.indptr))
        moved = np.rint(solution)
        fixed = moved.copy()
        fixed[cells] = 0
        solver = new_solver(
            Rows(
                own[used],
                self.rows.least[used] - self.rows.rows[used] @ fixed,
                self.rows.equal[used],
            ),
            (
                np.maximum(self.low[cells], np.floor(solution[cells]) - 1),
                np.minimum(self.high[cells], np.ceil(solution[cells]) + 1),
            ),
            -self.aim[cells],
            whole=True,
        )
        solver.setOptionValue("mip_max_nodes", MENDING_NODES)
        solver.setOptionValue("mip_max_improving_sols", 1)
        solver.run()
        mended = np.array(solver.getSolution().col_value)
        if len(mended) != len(cells):
            return None
        moved[cells] = mended
        return self._checked(moved)

    def _checked(self, solution: np.ndarray) -> np.ndarray | None:
        moved = np.clip(np.rint(solution).astype(np.int64), self.low, self.high)
        sums = self.rows.rows @ moved
        broken = np.where(self.rows.equal, sums != self.rows.least, sums < self.rows.least)
        return None if broken.any() else moved


def new_solver(
    rows: Rows,
    bounds: tuple[np.ndarray, np.ndarray],
    price: np.ndarray,
    *,
    whole: bool = False,
) -> highspy.Highs:
    """A solver that finds the cheapest solution, in the same way every time."""
    columns = rows.rows.tocsc()
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = columns.shape
    model.col_cost_ = price.astype(float)
    model.col_lower_, model.col_upper_ = (bound.astype(float) for bound in bounds)
    model.row_lower_ = rows.least.astype(float)
    model.row_upper_ = np.where(rows.equal, rows.least, highspy.kHighsInf).astype(float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = columns.indptr.astype(np.int32)
    model.a_matrix_.index_ = columns.indices.astype(np.int32)
    model.a_matrix_.value_ = columns.data.astype(float)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * columns.shape[1]
    solver = highspy.Highs()
    for name, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("presolve", "on" if whole else "off"),
        ("mip_max_nodes", MAX_NODES),
        ("mip_abs_gap", 0.5),
    ):
        solver.setOptionValue(name, setting)
    solver.passModel(model)
    return solver
