"""The relations of a block as one sparse integer matrix, and small searches for other tables.

A *witness* is another integer table that agrees with everything published. It is found by a linear
programme over a small neighbourhood with everything outside held at the base table, but it counts
only after all rows it touches are checked in exact integer arithmetic: the solver proposes, the
check decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np

from safe_haven.disclosure.system import Block

FAR = 1 << 50
"""Row bound that means "none"."""

UNBOUNDED = 1 << 36
"""Bounds from here on are given to the solver as infinite."""

WARM_COLUMNS = 3000
"""Programmes up to this size keep their basis from one objective to the next."""


def _ranges(start: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Concatenate the index ranges start[w]:start[w + 1] for every w in `which`."""
    lengths = start[which + 1] - start[which]
    if not len(lengths):
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(lengths)
    shift = np.repeat(start[which] - (ends - lengths), lengths)
    return np.arange(int(ends[-1])) + shift


def _open_ended(bounds: np.ndarray) -> np.ndarray:
    """Bounds for the solver, with those too large to matter made infinite."""
    values = np.asarray(bounds, dtype=float)
    far = np.abs(values) >= UNBOUNDED
    return np.where(far, np.copysign(highspy.kHighsInf, values), values)


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

    def activity(self, x: np.ndarray) -> np.ndarray:
        """A x, exactly (int64)."""
        column = np.repeat(np.arange(self.columns), np.diff(self.start))
        # Sums stay far below 2**53, so floating-point addition of these integers is exact.
        sums = np.bincount(self.row, weights=self.value * x[column], minlength=self.rows)
        return np.rint(sums).astype(np.int64)

    def holds(self, x: np.ndarray) -> bool:
        """Say whether an integer table satisfies every row."""
        activity = self.activity(x)
        return bool(((activity >= self.row_low) & (activity <= self.row_high)).all())


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


@dataclass(frozen=True)
class Reach:
    """Answer of `Neighbourhood.cheapest`.

    move: the checked move or None; proved: None is certain (no table, real or whole, has that
    move here); moved, broken: variables that a move in real numbers changes at all, and by a
    fraction.
    """

    move: np.ndarray | None
    proved: bool
    moved: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    broken: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class Neighbourhood:
    """Moves d of some variables away from a feasible base, everything else held.

    chosen: variable numbers; base, low, high: all 2n values (int64); activity: A base;
    box: largest move of one variable considered.
    """

    def __init__(
        self,
        matrix: Matrix,
        chosen: np.ndarray,
        base: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        activity: np.ndarray,
        box: int,
    ) -> None:
        """Cut the rows that the chosen variables touch out of the block's matrix."""
        self.chosen = chosen
        self.low = np.maximum(low[chosen] - base[chosen], -box)
        self.high = np.minimum(high[chosen] - base[chosen], box)
        entries = _ranges(matrix.start, chosen)
        self.rows, self.row = np.unique(matrix.row[entries], return_inverse=True)
        self.value = matrix.value[entries]
        self.start = np.concatenate([[0], np.cumsum(np.diff(matrix.start)[chosen])])
        self.column = np.repeat(np.arange(len(chosen)), np.diff(matrix.start)[chosen])
        self.row_low = matrix.row_low[self.rows] - activity[self.rows]
        self.row_high = matrix.row_high[self.rows] - activity[self.rows]
        self._drop_idle_rows()
        self._continuous: highspy.Highs | None = None
        self._integer: highspy.Highs | None = None

    def _drop_idle_rows(self) -> None:
        """Leave out of the programme the rows that no move inside the box can break."""
        ends = (self.value * self.low[self.column], self.value * self.high[self.column])
        count = len(self.rows)
        least = np.bincount(self.row, weights=np.minimum(*ends), minlength=count)
        most = np.bincount(self.row, weights=np.maximum(*ends), minlength=count)
        self.busy = (least < self.row_low) | (most > self.row_high)

    def _model(self, integer: bool, split: bool = False) -> highspy.Highs:
        """Build the programme; `split` writes a move as (ups, downs), both >= 0."""
        number = np.cumsum(self.busy) - 1
        keep = self.busy[self.row]
        column, row, value = self.column[keep], number[self.row[keep]], self.value[keep]
        count = len(self.chosen)
        low, high = self.low, self.high
        if split:
            column = np.concatenate([column, count + column])
            row, value = np.concatenate([row, row]), np.concatenate([value, -value])
            low, high = np.zeros(2 * count), np.concatenate([np.maximum(high, 0), -low])
            count = 2 * count
        lp = highspy.HighsLp()
        lp.num_col_ = count
        lp.num_row_ = int(self.busy.sum())
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.zeros(count)
        lp.col_lower_ = _open_ended(low)
        lp.col_upper_ = _open_ended(high)
        row_low, row_high = self.row_low[self.busy], self.row_high[self.busy]
        lp.row_lower_ = np.where(row_low < -FAR // 2, -highspy.kHighsInf, row_low.astype(float))
        lp.row_upper_ = np.where(row_high > FAR // 2, highspy.kHighsInf, row_high.astype(float))
        per_column = np.bincount(column, minlength=count)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(per_column)]).astype(np.int32)
        lp.a_matrix_.index_ = row.astype(np.int32)
        lp.a_matrix_.value_ = value.astype(float)
        if integer:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * count
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", 0)
        if integer:
            solver.setOptionValue("mip_max_nodes", 100)
            solver.setOptionValue("mip_max_stall_nodes", 50)
            solver.setOptionValue("mip_rel_gap", 10.0 if split else 0.1)
        elif count <= WARM_COLUMNS and not split:
            # The base is feasible, so primal simplex starts at once and stays warm.
            solver.setOptionValue("simplex_strategy", 4)
            solver.setOptionValue("presolve", "off")
        solver.passModel(lp)
        return solver

    def solve(self, cost: np.ndarray, integer: bool) -> tuple[np.ndarray | None, float]:
        """Maximise cost . d. Returns the move as solved (or None) and the proved upper bound."""
        if integer:
            self._integer = self._integer or self._model(True)
            solver = self._integer
        else:
            self._continuous = self._continuous or self._model(False)
            solver = self._continuous
        index = np.arange(len(self.chosen), dtype=np.int32)
        solver.changeColsCost(len(index), index, cost.astype(float))
        if integer:
            start = highspy.HighsSolution()
            start.col_value = np.zeros(len(self.chosen))
            solver.setSolution(start)
        solver.run()
        info = solver.getInfo()
        if info.primal_solution_status != 2:
            return None, float("inf")
        bound = info.mip_dual_bound if integer else info.objective_function_value
        if not integer and solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            bound = float("inf")
        return np.array(solver.getSolution().col_value), float(bound)

    def move(self, cost: np.ndarray, integer: bool = True) -> np.ndarray | None:
        """Find a checked integer move that makes cost . d large, or None.

        Nearly all linear programmes here have integer answers; where one has not, the integer
        programme (slower) is solved if `integer` says so.
        """
        solved, _ = self.solve(cost, integer=False)
        if solved is None:
            return None
        whole = np.rint(solved)
        if np.abs(solved - whole).max(initial=0.0) > 1e-6:
            if not integer:
                return None
            solved, _ = self.solve(cost, integer=True)
            if solved is None:
                return None
            whole = np.rint(solved)
        move = whole.astype(np.int64)
        return move if self.holds(move) else None

    def cheapest(
        self, low: np.ndarray, high: np.ndarray, gain: np.ndarray, weight: np.ndarray, integer: bool
    ) -> Reach:
        """Find the checked move d that maximises gain . d - weight . |d| within low <= d <= high.

        Moves with few units are mostly whole; where the linear programme's is not, the variables
        it moves are handed back, for an integer programme over a few of them.
        """
        low, high = np.maximum(low, self.low), np.minimum(high, self.high)
        if (low > high).any():
            return Reach(None, True)
        count = len(self.chosen)
        solver = self._model(integer, split=True)
        index = np.arange(2 * count, dtype=np.int32)
        least = np.concatenate([np.maximum(low, 0), np.maximum(-high, 0)])
        most = np.concatenate([np.maximum(high, 0), np.maximum(-low, 0)])
        solver.changeColsBounds(len(index), index, _open_ended(least), _open_ended(most))
        solver.changeColsCost(len(index), index, np.concatenate([gain - weight, -gain - weight]))
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return Reach(None, True)
        if solver.getInfo().primal_solution_status != 2:
            return Reach(None, False)
        solved = np.array(solver.getSolution().col_value)
        solved = solved[:count] - solved[count:]
        whole = np.rint(solved)
        broken = np.abs(solved - whole) > 1e-6
        if broken.any():
            moved = np.abs(solved) > 1e-6
            return Reach(None, False, self.chosen[moved], self.chosen[broken])
        move = whole.astype(np.int64)
        return Reach(move, True) if self.holds(move) else Reach(None, False)

    def holds(self, move: np.ndarray) -> bool:
        """Check a move exactly: bounds and every row touched, not only those given the solver."""
        if ((move < self.low) | (move > self.high)).any():
            return False
        change = self._change(move)
        return bool(((change >= self.row_low) & (change <= self.row_high)).all())

    def _change(self, move: np.ndarray) -> np.ndarray:
        weights = self.value * move[self.column]
        change = np.bincount(self.row, weights=weights, minlength=len(self.rows))
        return np.rint(change).astype(np.int64)

    def apply(self, move: np.ndarray, activity: np.ndarray) -> None:
        """Add what a move changes to the row activities of the whole block, in place."""
        activity[self.rows] += self._change(move)
