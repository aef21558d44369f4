"""Protect a large block: widths shown by interior-point solutions of the whole block.

Integer witnesses (protect.py) are exact and take minutes on thousands of linked cells. Here each
solution of the attacker's linear programme, pushed towards a random side of everything still in
doubt, vouches for every value that it moves: truth and all solutions are tables the attacker must
believe possible. Whatever no solution moves far enough counts as narrow and gets more company, so
what is uncertain is withheld, never shown. Widths are those of real-valued tables.

The attacker is a strong one: who knows which withheld cells are small (their people are at most
`suppress_hi`), and for the others only that they are not zero.
"""

from __future__ import annotations

import highspy
import numpy as np

from safe_haven.disclosure.attacker import published_bounds
from safe_haven.disclosure.linear import Matrix, build_matrix
from safe_haven.disclosure.system import Block, ReleaseSystemError, Rule

SEED = 20180901
REACH = 60.0
"""A withheld value is followed at most this far above the truth; further is not needed."""

PATIENCE = 3
"""Solutions in a row that vouch for little before the rest counts as narrow."""

LITTLE = 0.06
"""Share of what is in doubt that a solution must vouch for to be worth another."""

MOST_REPAIRS = 60
FEASIBLE = 1e-6
TOLERANCE = 1e-5


def protect_large(block: Block, rule: Rule) -> tuple[np.ndarray, int]:
    """Cells to withhold (boolean per cell) and the number of repairs it took.

    Errors: ReleaseSystemError when no proved pattern is found; nothing may be released.
    """
    small = rule.is_small(block.people) | rule.is_small(block.records)
    withheld = small.copy()
    truth = np.concatenate([block.records, block.people]).astype(float)
    # A count further above the suppressed range cannot be mistaken for a small one.
    could_seem_small = truth <= rule.suppress_hi + rule.required_width - 1
    lowest, highest = truth.copy(), truth.copy()
    matrix = build_matrix(block)
    random = np.random.default_rng(SEED)
    for repairs in range(MOST_REPAIRS):
        in_need = np.concatenate([withheld, withheld]) & could_seem_small
        solver = attacker_programme(block, rule, matrix, withheld, small, truth)
        in_doubt = push_until_slow(solver, random, in_need, lowest, highest, rule.required_width)
        if not in_doubt.any():
            return withheld, repairs
        narrow = in_doubt[: block.size] | in_doubt[block.size :]
        withheld |= company(block, withheld, narrow)
    raise ReleaseSystemError(
        f"block {block.name}: no pattern could be proved in {MOST_REPAIRS} repairs, so nothing is "
        "released. Publish coarser tables."
    )


def attacker_programme(
    block: Block,
    rule: Rule,
    matrix: Matrix,
    withheld: np.ndarray,
    small: np.ndarray,
    truth: np.ndarray,
) -> highspy.Highs:
    """The linear programme of everything the attacker must believe possible."""
    low, high = published_bounds(block, rule, withheld, small)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.columns, matrix.rows
    model.col_cost_ = np.zeros(matrix.columns)
    model.col_lower_ = low.astype(float)
    model.col_upper_ = np.minimum(high.astype(float), truth + REACH)
    far = 1 << 30
    model.row_lower_ = np.where(matrix.row_low < -far, -highspy.kHighsInf, matrix.row_low)
    model.row_upper_ = np.where(matrix.row_high > far, highspy.kHighsInf, matrix.row_high)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.start.astype(np.int32)
    model.a_matrix_.index_ = matrix.row.astype(np.int32)
    model.a_matrix_.value_ = matrix.value.astype(float)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(model)
    return solver


def push_until_slow(
    solver: highspy.Highs,
    random: np.random.Generator,
    in_need: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    width: int,
) -> np.ndarray:
    """Solve towards random sides, widening `lowest` and `highest` in place; return what is left."""
    slow = 0
    columns = np.arange(len(in_need), dtype=np.int32)
    in_doubt = in_need & (candidates_apart(lowest, highest) < width)
    signs = np.ones(len(in_need))
    turn = 0
    while in_doubt.any() and slow < PATIENCE:
        # Each draw is followed by its opposite: the two ends of the same line.
        signs = -signs if turn % 2 else random.choice([-1.0, 1.0], len(in_need))
        turn += 1
        weights = signs * random.uniform(0.5, 1.5, len(in_need))
        solver.changeColsCost(len(columns), columns, np.where(in_doubt, weights, 0.0))
        solver.run()
        # Any table that fits will do; it need not be the furthest one.
        if solver.getInfo().max_primal_infeasibility <= FEASIBLE:
            values = np.array(solver.getSolution().col_value)
            np.minimum(lowest, values, out=lowest)
            np.maximum(highest, values, out=highest)
        left = in_need & (candidates_apart(lowest, highest) < width)
        slow = slow + 1 if left.sum() > (1 - LITTLE) * in_doubt.sum() else 0
        in_doubt = left
    return in_doubt


def candidates_apart(lowest: np.ndarray, highest: np.ndarray) -> np.ndarray:
    """Distance of the largest from the smallest whole number between the bounds."""
    return np.floor(highest + TOLERANCE) - np.ceil(lowest - TOLERANCE)


def company(block: Block, withheld: np.ndarray, narrow: np.ndarray) -> np.ndarray:
    """Shown cells to withhold as well: for each narrow cell one that shares a relation with it.

    Prefers a cell that serves many narrow ones, then a small one, then the order of the ids.
    """
    owner = np.concatenate([np.arange(block.relations), block.owner])
    member = np.concatenate([block.total, block.part])
    narrow_in = np.bincount(owner[narrow[member]], minlength=block.relations)
    serves = np.bincount(member, weights=narrow_in[owner], minlength=block.size)
    cost = (1.0 + block.people) / (1.0 + serves) ** 1.5
    candidate = ~withheld & (serves > 0)
    chosen = np.zeros(block.size, dtype=bool)
    served = np.zeros(block.relations, dtype=bool)
    by_relation = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[by_relation], np.arange(block.relations + 1))
    of_cell = np.argsort(member, kind="stable")
    cell_starts = np.searchsorted(member[of_cell], np.arange(block.size + 1))
    for cell in np.flatnonzero(narrow):
        relations = owner[of_cell[cell_starts[cell] : cell_starts[cell + 1]]]
        if served[relations].any():
            continue
        near = [member[by_relation[starts[r] : starts[r + 1]]] for r in relations]
        options = np.unique(np.concatenate(near)) if near else np.empty(0, dtype=np.int64)
        options = options[candidate[options]]
        if len(options):
            pick = options[np.argmin(cost[options])]
            chosen[pick] = True
            served[owner[of_cell[cell_starts[pick] : cell_starts[pick + 1]]]] = True
    if not chosen.any():
        around = np.isin(owner, owner[np.isin(member, member[narrow_in[owner] > 0])])
        wider = np.unique(member[around])
        wider = wider[~withheld[wider]]
        if len(wider):
            chosen[wider[np.argmin(block.people[wider])]] = True
    return chosen
