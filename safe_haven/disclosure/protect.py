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
    attacker,
    believed_caps,
    published_bounds,
    stays_large,
)
from safe_haven.disclosure.causes import Causes, Relatives
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

TOLERANCE = 1e-5


class ProtectionError(SafeHavenError):
    """The release could not be proved safe; nothing may be published."""


@dataclass(frozen=True)
class Protection:
    """Result for one block: cells withheld, and those of them withheld by the rule alone."""

    block: Block
    withheld: np.ndarray
    primary: np.ndarray


def protect(
    cells: pa.Table,
    relations: pa.Table,
    rule: Rule,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """Return cell_id, status ('shown' or 'withheld') for every cell, in order of cell_id.

    cells, relations: see `system.build_system`. The same input gives the same answer, whatever the
    order of its rows. Errors: ReleaseSystemError for a system that contradicts itself,
    ProtectionError or UndecidedError where no safe pattern was proved.
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


def protect_block(published: Block, rule: Rule) -> Protection:
    """Withhold more until nothing that could be small is narrow.

    Errors: ProtectionError, and UndecidedError where the solver finds no table.
    """
    block, place = published.without_aliases()
    primary = rule.is_small(block.people) | rule.is_small(block.records)
    withheld = primary.copy()
    search = Search(published, block, place, rule)
    while True:
        met, impossible = search.meet_attacker(withheld, primary)
        more = large_company(block, met, impossible)
        if not more.any():
            narrow = search.narrow_cells(met)
            if not narrow.any():
                return Protection(published, withheld[place], primary[place])
            more = company(block, met, narrow)
            if not more.any():
                raise ProtectionError(
                    f"block {block.name}: some withheld counts stay too narrow whatever else is "
                    "withheld, so nothing is released. Publish coarser tables."
                )
        withheld |= more


# What an attacker can tell ------------------------------------------------------------------------


class Search:
    """The search for tables that agree with what is published; keeps those it finds."""

    def __init__(self, published: Block, block: Block, place: np.ndarray, rule: Rule) -> None:
        """Start with the one table that is known: the true one.

        block, place: the published block without aliases, and where its cells went.
        """
        self.published, self.block, self.place, self.rule = published, block, place, rule
        self.matrix = build_matrix(block)
        self.found = [np.concatenate([block.records, block.people]).astype(float)]
        self.whole = block.size <= EXACT_CELLS

    def meet_attacker(
        self, withheld: np.ndarray, primary: np.ndarray
    ) -> tuple[Attacker, np.ndarray]:
        """The attacker of a pattern, and cells with impossible caps that it has dropped.

        Where true caps alone make a count narrow, the attacker who believes just those will do.
        """
        caps, none = self._caps(withheld), np.zeros(self.block.size, dtype=bool)
        met = self._attacker(withheld, caps & primary)
        if met.narrow().any():
            return met, none
        believer = self._vouched_for(withheld, caps)
        if believer is not None:
            return believer, none
        impossible = self._impossible(withheld, primary, caps)
        return self._attacker(withheld, caps & ~impossible), impossible

    def narrow_cells(self, met: Attacker) -> np.ndarray:
        """Cells of which an attacker can tell people or records (boolean per cell)."""
        told = met.narrow()
        if not told.any():
            tables = [table for table in self.found if met.allows(table)]
            known = len(tables)
            told = told_by_search(self.matrix, met, tables, self.whole)
            self.found += tables[known:]
        records, people = np.split(told, 2)
        return records | people

    def _caps(self, withheld: np.ndarray) -> np.ndarray:
        """Cells some reader may take for small ones, under any of their names."""
        names = believed_caps(self.published, self.rule, withheld[self.place])
        return np.bincount(self.place, weights=names, minlength=self.block.size) > 0

    def _impossible(
        self, withheld: np.ndarray, primary: np.ndarray, caps: np.ndarray
    ) -> np.ndarray:
        """Cells whose caps contradict what is published; the true ones never do."""
        untrue = np.flatnonzero(caps & ~primary)
        low, high = published_bounds(self.block, self.rule, withheld, caps & primary)
        programme = Programme(self.matrix, low.astype(float), high.astype(float), self.whole)
        table, above = programme.least_above(self.block.size + untrue, self.rule.suppress_hi)
        self.found.append(table)
        impossible = np.zeros(self.block.size, dtype=bool)
        impossible[above - self.block.size] = True
        return impossible

    def _attacker(self, withheld: np.ndarray, caps: np.ndarray) -> Attacker:
        met = self._vouched_for(withheld, caps)
        if met is None:
            raise ProtectionError(
                f"block {self.block.name}: no table fits what would be published, so nothing is "
                "released. Publish coarser tables."
            )
        return met

    def _vouched_for(self, withheld: np.ndarray, caps: np.ndarray) -> Attacker | None:
        """Who believes these caps; None where no table that was found fits them."""
        met = attacker(self.block, self.rule, withheld, caps)
        fits = met is not None and any(met.allows(table) for table in self.found)
        return met if fits else None


def told_by_search(
    matrix: Matrix, met: Attacker, tables: list[np.ndarray], whole: bool
) -> np.ndarray:
    """Counts for which no tables are found that lie far enough apart (boolean per count).

    Adds the tables found to `tables`, of which at least one is given.
    """
    near = np.minimum(met.high.astype(float), np.max(tables, axis=0) + REACH)
    programme = Programme(matrix, met.low.astype(float), near, whole)
    width = met.rule.required_width
    random = np.random.default_rng(SEED)
    sides = np.ones(len(near) // 2)
    slow = turn = 0
    in_doubt = met.suspects & (candidates_apart(tables) < width)
    while in_doubt.sum() > FEW and slow < PATIENCE:
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
        in_doubt = told_one_by_one(matrix, met, tables, in_doubt, whole)
    return in_doubt


def told_one_by_one(
    matrix: Matrix,
    met: Attacker,
    tables: list[np.ndarray],
    in_doubt: np.ndarray,
    whole: bool,
) -> np.ndarray:
    """Push each count that is still in doubt to both its ends by itself.

    Other counts may move as far as all that was found adds up to, not only REACH, so that a count
    that stays large is large for certain.
    """
    far = np.minimum(met.high.astype(float), np.max(tables, axis=0).sum() + REACH)
    programme = Programme(matrix, met.low.astype(float), far, whole)
    width, told = met.rule.required_width, np.zeros(len(in_doubt), dtype=bool)
    for count in np.flatnonzero(in_doubt):
        answered = True
        for side in (1.0, -1.0):
            if candidates_apart(tables)[count] < width:
                aim = np.zeros(len(in_doubt))
                aim[count] = side
                pushed = programme.furthest(aim)
                tables += pushed
                answered &= bool(pushed)
        least = np.min(tables, axis=0)[count]
        surely_large = answered and least > met.rule.suppress_hi + TOLERANCE
        told[count] = candidates_apart(tables)[count] < width and not surely_large
    return told


def candidates_apart(tables: list[np.ndarray]) -> np.ndarray:
    """Distance from the smallest to the largest whole candidate of every count."""
    lowest, highest = np.min(tables, axis=0), np.max(tables, axis=0)
    return np.floor(highest + TOLERANCE) - np.ceil(lowest - TOLERANCE)


# What is withheld as well -------------------------------------------------------------------------


def company(block: Block, met: Attacker, narrow: np.ndarray) -> np.ndarray:
    """Shown cells to withhold as well, one for each narrow cell: a cause of it, or the nearest.

    Prefers cells that every reader can tell to be large, for nobody mistakes them for small ones;
    then those with few people; then the order of the ids.
    """
    rank = ranked(block.people, ~stays_large(block, met.rule, met.withheld))
    candidate = ~met.withheld & (block.people > 0)
    relatives = Relatives(block)
    causes = Causes(block, met, relatives)
    chosen = np.zeros(block.size, dtype=bool)
    for cell in np.flatnonzero(narrow).tolist():
        found = {cause for cause in causes.of(cell) if candidate[cause]}
        choose_one(found or relatives.nearest(cell, candidate), rank, chosen)
    return chosen


def large_company(block: Block, met: Attacker, impossible: np.ndarray) -> np.ndarray:
    """Shown cells, certainly large, that share a relation with each cell of an impossible cap.

    Beside them no reader believes the cap, nor one who holds too little to see that it cannot be.
    """
    candidate = ~met.withheld & stays_large(block, met.rule, met.withheld)
    relatives, chosen = Relatives(block.of_one_reader()), np.zeros(block.size, dtype=bool)
    rank = ranked(block.people)
    for cell in np.flatnonzero(impossible).tolist():
        choose_one({near for near in relatives.around({cell}) if candidate[near]}, rank, chosen)
    return chosen


def ranked(*keys: np.ndarray) -> np.ndarray:
    """Place of every cell in the order of the last key, then those before it, then the ids."""
    return np.argsort(np.lexsort(keys))


def choose_one(found: set[int], rank: np.ndarray, chosen: np.ndarray) -> None:
    """Mark the first of some cells by rank, unless one of them is marked already."""
    if found and not any(chosen[near] for near in found):
        chosen[min(found, key=lambda near: rank[near])] = True
