"""Linear and integer programmes over rows, by HiGHS: one thread, fixed seed, limits by nodes."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from safe_haven.audit.protected import INFINITE
from safe_haven.audit.rows import Rows

MOST_NODES = 5_000
"""Nodes of a search for whole numbers before it is given up as undecided."""

SIMPLEX_SIZE = 5_000
"""Columns above which interior points, with crossover to a corner, take half the time."""

TOLERANCE = 1e-5
"""A bound of a linear programme this close to a whole number is taken to be it."""

FRACTION = 1e-6
"""A count of a linear programme further than this from a whole number is a fraction."""

DECIDED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


class UndecidedError(Exception):
    """The solver could not say; that is read neither as "infeasible" nor as "safe"."""


@dataclass(frozen=True)
class Answer:
    """A table the solver found, and a proved bound of the objective over all tables."""

    table: np.ndarray
    bound: float


class Programme:
    """Tables of real or whole numbers within bounds, to be pushed towards an aim.

    origin: a table of whole numbers from which distances are measured, so that the solver sees
    small numbers only. Bounds of INFINITE are replaced by one no published number can force.
    """

    def __init__(
        self,
        rows: Rows,
        low: np.ndarray,
        high: np.ndarray,
        whole: bool = False,
        origin: np.ndarray | None = None,
    ) -> None:
        """Set the solver up; nothing is solved yet."""
        self.origin = np.zeros(rows.columns, np.int64) if origin is None else origin
        self.size, self.whole = rows.columns, whole
        moved = rows.sums(self.origin)
        row_low = np.where(rows.low > -INFINITE, rows.low - moved, -INFINITE)
        row_high = np.where(rows.high < INFINITE, rows.high - moved, INFINITE)
        column_low, column_high = (
            low - self.origin,
            np.where(high < INFINITE, high - self.origin, INFINITE),
        )
        plenty = _plenty(row_low, row_high, column_low, column_high)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = rows.columns, rows.size
        lp.col_cost_ = np.zeros(rows.columns)
        lp.col_lower_ = column_low.astype(float)
        lp.col_upper_ = np.where(high < INFINITE, column_high, column_low + plenty).astype(float)
        lp.row_lower_ = np.where(rows.low > -INFINITE, row_low.astype(float), -highspy.kHighsInf)
        lp.row_upper_ = np.where(rows.high < INFINITE, row_high.astype(float), highspy.kHighsInf)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = rows.start.astype(np.int32)
        lp.a_matrix_.index_ = rows.column.astype(np.int32)
        lp.a_matrix_.value_ = rows.factor.astype(float)
        if whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * rows.columns
        self.solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, setting in _settings(whole, rows.columns).items():
            self.solver.setOptionValue(name, setting)
        self.solver.passModel(lp)
        self.aimed = np.zeros(0, np.int32)

    def push(self, columns: np.ndarray, weights: np.ndarray) -> Answer | None:
        """The table in which the weighted sum of some columns is greatest.

        None where it is proved that no table fits. Errors: UndecidedError.
        """
        if len(self.aimed):
            self.solver.changeColsCost(len(self.aimed), self.aimed, np.zeros(len(self.aimed)))
        self.aimed = np.asarray(columns, dtype=np.int32)
        if len(self.aimed):
            self.solver.changeColsCost(len(self.aimed), self.aimed, np.asarray(weights, float))
        self.solver.run()
        status = self.solver.getModelStatus()
        if status not in DECIDED and not self.whole:
            # From scratch, not from the last table, and by the method that always says.
            self.solver.clearSolver()
            self.solver.setOptionValue("solver", "simplex")
            self.solver.run()
            status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise UndecidedError
        moved = np.array(self.solver.getSolution().col_value)
        info = self.solver.getInfo()
        bound = info.mip_dual_bound if self.whole else info.objective_function_value
        shift = float(np.dot(weights, self.origin[columns])) if len(self.aimed) else 0.0
        return Answer(moved + self.origin, bound + shift)

    def extreme(self, column: int, sign: int) -> Answer | None:
        """The table in which one count is greatest (sign 1) or least (-1)."""
        return self.push(np.array([column]), np.array([float(sign)]))


def _settings(whole: bool, columns: int) -> dict[str, bool | int | float | str]:
    settings: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
    }
    if whole:
        settings |= {"mip_rel_gap": 0.0, "mip_abs_gap": 0.5, "mip_max_nodes": MOST_NODES}
    else:
        settings |= {"solver": "simplex" if columns <= SIMPLEX_SIZE else "ipm"}
    return settings


def _plenty(*bounds: np.ndarray) -> int:
    """A count that stands for "no upper bound": beyond the sum of all that bounds anything."""
    total = 1000
    for bound in bounds:
        size = np.abs(bound)
        total += 2 * int(size[size < INFINITE // 2].sum())
    return min(total, 10**9)


def whole(table: np.ndarray) -> np.ndarray:
    """The whole numbers nearest to a table of the solver."""
    rounded: np.ndarray = np.rint(table).astype(np.int64)
    return rounded


def broken(table: np.ndarray) -> np.ndarray:
    """Columns in which a table of the solver is not a whole number."""
    return np.flatnonzero(np.abs(table - np.rint(table)) > FRACTION)
