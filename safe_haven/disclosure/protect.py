"""Decide which cells of a release are withheld, and prove that what is published keeps them.

Rounded regime: every published value is rounded on its own, so relations hold on true values and an
attacker sees intervals. Protection starts from the primary cells alone (people or records in the
suppressed range), finds withheld counts that the attacker of `attacker.py` can tell to within less
than the required width, withholds company for them, and stops only when every withheld count that
could be small is vouched for by tables that agree with all that is published.

Counts that plain interval arithmetic already makes narrow need no solver; they are nearly all.
For the rest, solutions of the attacker's own programme, pushed towards random sides of everything
still in doubt, each vouch for every count they move. Blocks of up to EXACT_CELLS are proved with
whole tables, larger ones with tables of real numbers, of which only the whole candidates between
the ends count.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from safe_haven.disclosure.attacker import (
    Attacker,
    believing_attacker,
    least_people_if_withheld,
)
from safe_haven.disclosure.programme import Matrix, Programme, build_matrix
from safe_haven.disclosure.system import Block, Rule, build_system
from safe_haven.errors import SafeHavenError

SHOWN, WITHHELD = "shown", "withheld"
STATUS_SCHEMA = pa.schema([("cell_id", pa.string()), ("status", pa.string())])

EXACT_CELLS = 400
"""Blocks up to this size are proved with whole tables."""

SEED = 20180901
PATIENCE = 4
"""Solutions in a row that vouch for little before each count is tried by itself."""

LITTLE = 0.06
"""Share of what is in doubt that a solution must vouch for to be worth another."""

FEW = 8
"""Counts that are tried one by one; where more are left in doubt, all of them get company."""

REACH = 60.0
"""A count is followed at most this far above the first table; further is not needed."""

MOST_ROUNDS = 200
TOLERANCE = 1e-5


class ProtectionError(SafeHavenError):
    """The release could not be proved safe; nothing may be published."""


@dataclass(frozen=True)
class Protection:
    """Result for one block: cells withheld, those withheld by the rule alone, rounds it took."""

    block: Block
    withheld: np.ndarray
    primary: np.ndarray
    rounds: int


def protect(
    cells: pa.Table,
    relations: pa.Table,
    rule: Rule,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """Return cell_id, status ('shown' or 'withheld') for every cell, in order of cell_id.

    cells, relations: see `system.build_system`. The same input gives the same answer, whatever the
    order of its rows. Errors: ReleaseSystemError for a system that contradicts itself,
    ProtectionError where no safe pattern was proved.
    """

    def one(block: Block) -> Protection:
        result = protect_block(block, rule)
        if progress:
            progress(
                f"{block.name}: {block.size} cells, {int(result.primary.sum())} primary, "
                f"{int((result.withheld & ~result.primary).sum())} more withheld"
            )
        return result

    # The solver works outside Python's lock.
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(one, build_system(cells, relations).blocks))
    status = {
        cell_id: WITHHELD if hidden else SHOWN
        for result in results
        for cell_id, hidden in zip(result.block.cell_ids, result.withheld.tolist(), strict=True)
    }
    ordered = sorted(status)
    return pa.table(
        {"cell_id": ordered, "status": [status[cell_id] for cell_id in ordered]},
        schema=STATUS_SCHEMA,
    )


def protect_block(block: Block, rule: Rule) -> Protection:
    """Withhold more until nothing that could be small is narrow. Errors: ProtectionError."""
    primary = rule.is_small(block.people) | rule.is_small(block.records)
    withheld = primary.copy()
    matrix = build_matrix(block)
    tables: list[np.ndarray] = []
    for rounds in range(1, MOST_ROUNDS + 1):
        narrow = narrow_cells(block, rule, matrix, primary, withheld, tables)
        if not narrow.any():
            return Protection(block, withheld, primary, rounds)
        more = company(block, rule, withheld, narrow)
        if not more.any():
            break
        withheld |= more
    raise ProtectionError(
        f"block {block.name}: {int(narrow.sum())} withheld counts stay too narrow after {rounds} "
        "rounds, so nothing is released. Publish coarser tables."
    )


# What an attacker can tell ------------------------------------------------------------------------


def narrow_cells(
    block: Block,
    rule: Rule,
    matrix: Matrix,
    primary: np.ndarray,
    withheld: np.ndarray,
    tables: list[np.ndarray],
) -> np.ndarray:
    """Cells of which the attacker can tell people or records (boolean per cell).

    `tables` holds all tables found so far; those that still fit are used again.
    """
    whole = block.size <= EXACT_CELLS

    def possible(low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        return Programme(matrix, low, high, whole).any_table()

    attacker, table = believing_attacker(block, rule, withheld, primary, possible)
    told = attacker.narrow()
    if not told.any():
        tables[:] = [table, *(kept for kept in tables if attacker.allows(kept))]
        told = told_by_search(matrix, attacker, tables, whole)
    records, people = np.split(told, 2)
    return records | people


def told_by_search(
    matrix: Matrix, attacker: Attacker, tables: list[np.ndarray], whole: bool
) -> np.ndarray:
    """Counts for which no tables are found that lie far enough apart (boolean per count).

    Adds the tables found to `tables`, of which the first is given.
    """
    near = np.minimum(attacker.high.astype(float), np.max(tables, axis=0) + REACH)
    programme = Programme(matrix, attacker.low.astype(float), near, whole)
    width = attacker.rule.required_width
    random = np.random.default_rng(SEED)
    sides = np.ones(len(near) // 2)
    slow = turn = 0
    in_doubt = attacker.suspects & (candidates_apart(tables) < width)
    while in_doubt.any() and slow < PATIENCE:
        # Records and people of a cell mostly move together, so each cell has one side. Each draw
        # is followed by its opposite: the two ends of the same line.
        sides = -sides if turn % 2 else random.choice([-1.0, 1.0], len(sides))
        turn += 1
        weights = np.tile(sides, 2) * random.uniform(0.5, 1.5, len(near))
        tables += programme.furthest(np.where(in_doubt, weights, 0.0))
        left = in_doubt & (candidates_apart(tables) < width)
        slow = slow + 1 if left.sum() > (1 - LITTLE) * in_doubt.sum() else 0
        in_doubt = left
    if whole or in_doubt.sum() <= FEW:
        in_doubt = told_one_by_one(programme, attacker, tables, in_doubt)
    return in_doubt


def told_one_by_one(
    programme: Programme, attacker: Attacker, tables: list[np.ndarray], in_doubt: np.ndarray
) -> np.ndarray:
    """Push each count that is still in doubt to both its ends by itself."""
    width, told = attacker.rule.required_width, np.zeros(len(in_doubt), dtype=bool)
    for count in np.flatnonzero(in_doubt):
        for side in (1.0, -1.0):
            if candidates_apart(tables)[count] < width:
                aim = np.zeros(len(in_doubt))
                aim[count] = side
                tables += programme.furthest(aim)
        surely_large = np.min(tables, axis=0)[count] > attacker.rule.suppress_hi + TOLERANCE
        told[count] = candidates_apart(tables)[count] < width and not surely_large
    return told


def candidates_apart(tables: list[np.ndarray]) -> np.ndarray:
    """Distance from the smallest to the largest whole candidate of every count."""
    lowest, highest = np.min(tables, axis=0), np.max(tables, axis=0)
    return np.floor(highest + TOLERANCE) - np.ceil(lowest - TOLERANCE)


# What is withheld as well -------------------------------------------------------------------------


def company(block: Block, rule: Rule, withheld: np.ndarray, narrow: np.ndarray) -> np.ndarray:
    """Shown cells to withhold as well: one that shares a relation with each narrow cell.

    Prefers cells that everyone can tell to be large, for nobody can mistake them for small ones;
    then those that serve many narrow cells at the price of few people; then the order of the ids.
    """
    candidate = ~withheld & (block.people > 0)
    member = np.concatenate([block.total, block.part])
    owner = np.concatenate([np.arange(block.relations), block.owner])
    narrow_in = np.bincount(owner[narrow[member]], minlength=block.relations)
    serves = np.bincount(member, weights=narrow_in[owner], minlength=block.size)
    price = (1.0 + block.people) / (1.0 + serves) ** 1.5
    could_seem_small = least_people_if_withheld(block, rule, withheld) <= rule.suppress_hi
    order = np.lexsort((np.arange(block.size), price, could_seem_small))
    rank = np.empty(block.size, dtype=np.int64)
    rank[order] = np.arange(block.size)
    neighbours = Neighbours(block.size, block.relations, member, owner)
    chosen = np.zeros(block.size, dtype=bool)
    served = np.zeros(block.size, dtype=bool)
    for cell in np.flatnonzero(narrow):
        if served[cell]:
            continue
        near = neighbours.nearest(cell, candidate)
        if len(near):
            pick = near[np.argmin(rank[near])]
            chosen[pick] = True
            served[neighbours.around(np.array([pick]))] = True
    return chosen


class Neighbours:
    """Cells that share a relation, as total or part."""

    def __init__(self, cells: int, relations: int, member: np.ndarray, owner: np.ndarray) -> None:
        """Index (relation `owner`, cell `member`) pairs by both."""
        self._members = member[np.argsort(owner, kind="stable")]
        self._owners = owner[np.argsort(member, kind="stable")]
        self._of_relation = np.concatenate(
            [[0], np.cumsum(np.bincount(owner, minlength=relations))]
        )
        self._of_cell = np.concatenate([[0], np.cumsum(np.bincount(member, minlength=cells))])

    def around(self, cells: np.ndarray) -> np.ndarray:
        """Cells in a relation with any of these, themselves included, in order."""
        of_cell, of_relation = self._of_cell, self._of_relation
        relations = {r for c in cells for r in self._owners[of_cell[c] : of_cell[c + 1]].tolist()}
        found = [self._members[of_relation[r] : of_relation[r + 1]] for r in sorted(relations)]
        return np.unique(np.concatenate([cells, *found]))

    def nearest(self, cell: int, candidate: np.ndarray) -> np.ndarray:
        """Candidates at the smallest distance from a cell that has any."""
        known = np.array([cell])
        while True:
            wider = self.around(known)
            found = wider[candidate[wider]]
            if len(found) or len(wider) == len(known):
                return found
            known = wider
