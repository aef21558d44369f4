"""The relations of a block as a sparse matrix, and tables of counts that satisfy them."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from safe_haven.disclosure.system import Block
from safe_haven.errors import SafeHavenError

FAR = 1 << 50
"""Row bound that means "none"."""

UNBOUNDED = 1 << 36
"""Bounds from here on are given to the solver as infinite."""

FEASIBLE = 1e-6
"""A table whose rows are broken by no more than this fits what is published."""

INTERIOR_COLUMNS = 800
"""From this size on the interior-point method is faster than the simplex method."""


class UndecidedError(SafeHavenError):
    """The solver could not say whether a table exists; nothing may be released."""


@dataclass(frozen=True)
class Matrix:
    """Rows row_low <= A x <= row_high over the 2n variables, by column (CSC)."""

    columns: int
    row_low: np.ndarray
    row_high: np.ndarray
    start: np.ndarray
    row: np.ndarray
    value: np.ndarray

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.row_low)

    def fits(self, table: np.ndarray) -> bool:
        """Say whether a table satisfies every row, to within FEASIBLE."""
        column = np.repeat(np.arange(self.columns), np.diff(self.start))
        sums = np.bincount(self.row, weights=self.value * table[column], minlength=self.rows)
        low, high = self.row_low - FEASIBLE, self.row_high + FEASIBLE
        return bool(((sums >= low) & (sums <= high)).all())


def build_matrix(block: Block) -> Matrix:
    """Write every relation of a block as rows: records add, people add or unite, people <= records.

    Row order: records sums, people sums (or total <= sum of parts), one total >= part row per part
    of a relation where people do not add, one records >= people row per cell.
    """
    n, m = block.size, block.relations
    loose = np.flatnonzero(~block.people_adds[block.owner])
    pieces = [
        (np.arange(m), block.total, np.ones(m)),
        (block.owner, block.part, -np.ones(len(block.part))),
        (m + np.arange(m), n + block.total, np.ones(m)),
        (m + block.owner, n + block.part, -np.ones(len(block.part))),
        (2 * m + np.arange(len(loose)), n + block.total[block.owner[loose]], np.ones(len(loose))),
        (2 * m + np.arange(len(loose)), n + block.part[loose], -np.ones(len(loose))),
        (2 * m + len(loose) + np.arange(n), np.arange(n), np.ones(n)),
        (2 * m + len(loose) + np.arange(n), n + np.arange(n), -np.ones(n)),
    ]
    row = np.concatenate([piece[0] for piece in pieces]).astype(np.int64)
    column = np.concatenate([piece[1] for piece in pieces]).astype(np.int64)
    value = np.concatenate([piece[2] for piece in pieces]).astype(np.int64)
    order = np.lexsort((row, column))
    row, column, value = row[order], column[order], value[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=2 * n))])
    zero, none = np.zeros(1, dtype=np.int64), np.full(1, FAR, dtype=np.int64)
    row_low = np.concatenate(
        [
            np.repeat(zero, m),
            np.where(block.people_adds, 0, -FAR),
            np.repeat(zero, len(loose) + n),
        ]
    )
    row_high = np.concatenate(
        [np.repeat(zero, 2 * m), np.repeat(none, len(loose) + n)],
    )
    return Matrix(2 * n, row_low, row_high, start.astype(np.int64), row, value)


class Programme:
    """All tables within bounds that satisfy every relation of a block."""

    def __init__(self, matrix: Matrix, low: np.ndarray, high: np.ndarray, whole: bool) -> None:
        """low, high: floats per variable; whole: tables of integers only."""
        self.matrix, self.low, self.high, self.whole = matrix, low, high, whole
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.columns, matrix.rows
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.zeros(matrix.columns)
        model.col_lower_ = low
        model.col_upper_ = np.where(high >= UNBOUNDED, highspy.kHighsInf, high)
        model.row_lower_ = np.where(matrix.row_low <= -FAR, -highspy.kHighsInf, matrix.row_low)
        model.row_upper_ = np.where(matrix.row_high >= FAR, highspy.kHighsInf, matrix.row_high)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.start.astype(np.int32)
        model.a_matrix_.index_ = matrix.row.astype(np.int32)
        model.a_matrix_.value_ = matrix.value.astype(float)
        if whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * matrix.columns
        self.solver = highspy.Highs()
        for name, setting in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_abs_gap", 0.5),
        ):
            self.solver.setOptionValue(name, setting)
        if not whole and matrix.columns >= INTERIOR_COLUMNS:
            self.solver.setOptionValue("solver", "ipm")
            self.solver.setOptionValue("run_crossover", "off")
        self.solver.passModel(model)

    def any_table(self) -> np.ndarray | None:
        """Some table, or None where there is none. Errors: UndecidedError."""
        tables = self.furthest(np.zeros(self.matrix.columns))
        if not tables and self.solver.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
            raise UndecidedError(
                "The solver could not tell whether a table fits what would be published, so "
                "nothing is released. Publish coarser tables."
            )
        return tables[0] if tables else None

    def furthest(self, aim: np.ndarray) -> list[np.ndarray]:
        """One table that makes the weighted sum large, or none where the solver gave none.

        Any table that fits is a witness, whether or not it was proved to be the furthest one, so
        what counts is the check of its rows and not the solver's word.
        """
        columns = np.arange(self.matrix.columns, dtype=np.int32)
        self.solver.changeColsCost(len(columns), columns, aim)
        self.solver.run()
        table = np.array(self.solver.getSolution().col_value)
        if len(table) != len(columns):
            return []
        table = np.clip(np.rint(table) if self.whole else table, self.low, self.high)
        return [table] if self.matrix.fits(table) else []
