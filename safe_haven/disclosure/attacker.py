"""What an attacker knows about every cell of a block once a pattern of withheld cells is published.

Variables are numbered 0..n-1 for records and n..2n-1 for people of the n cells. The attacker knows
the rounding interval of every shown value, that a withheld cell has at least one person and, since
nearly every withheld cell is a primary one, at most `suppress_hi` people (its *cap*).
A withheld cell that must have more than `suppress_hi` people by interval arithmetic alone is
certainly not small, so its cap goes, and those of the cells that share a relation with it.

What is certain depends on what a reader holds: one who lacks some parts of a total is less sure and
caps more. So certainty counts here only where every reader of a cell has it, and the attacker is at
least as strong as the auditor, who sees one or several readers' packs. Where the caps contradict
what is published, those are dropped that exceed it in the table with the least excess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from safe_haven.disclosure.programme import FEASIBLE
from safe_haven.disclosure.system import Block, Rule

OPEN = 1 << 40
"""Stands for "no upper bound"; far above any sum of counts in a block."""

MAX_ROUNDS = 1000
"""Interval propagation stops here; every intermediate state is already a valid bound."""


@dataclass(frozen=True)
class Attacker:
    """Bounds of all 2n variables as an attacker knows them, tightened through every relation."""

    rule: Rule
    withheld: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def suspects(self) -> np.ndarray:
        """Withheld counts that could be small, as far as the bounds tell."""
        return np.tile(self.withheld, 2) & (self.low <= self.rule.suppress_hi)

    def allows(self, table: np.ndarray) -> bool:
        """Say whether a table that satisfies all relations also lies within the bounds."""
        low, high = self.low - FEASIBLE, self.high + FEASIBLE
        return bool(((table >= low) & (table <= high)).all())

    def narrow(self) -> np.ndarray:
        """Suspects that the bounds alone tell to within less than the required width."""
        return self.suspects & (self.high - self.low < self.rule.required_width)


def believed_caps(block: Block, rule: Rule, withheld: np.ndarray) -> np.ndarray:
    """Withheld cells that some reader may take for small ones."""
    return withheld & ~certainly_large(block.of_one_reader(), rule, withheld)


def attacker(block: Block, rule: Rule, withheld: np.ndarray, capped: np.ndarray) -> Attacker | None:
    """Who believes these caps; None where interval arithmetic shows them to be impossible."""
    low, high = published_bounds(block, rule, withheld, capped)
    return Attacker(rule, withheld, low, high) if propagate(block, low, high) else None


def certainly_large(block: Block, rule: Rule, withheld: np.ndarray) -> np.ndarray:
    """Cells that must have more than `suppress_hi` people, and all that share a relation."""
    low, _ = uncapped_bounds(block, rule, withheld)
    large = withheld & (low[block.size :] > rule.suppress_hi)
    in_relation = large[block.total] | (
        np.bincount(block.owner, weights=large[block.part], minlength=block.relations) > 0
    )
    around = large.copy()
    around[block.total[in_relation]] = True
    around[block.part[in_relation[block.owner]]] = True
    return around


def stays_large(block: Block, rule: Rule, withheld: np.ndarray) -> np.ndarray:
    """Cells whose relations alone prove them large to every reader, even once they are withheld."""
    block = block.of_one_reader()
    low, high = (bound[block.size :] for bound in uncapped_bounds(block, rule, withheld))
    part, owner, total = block.part, block.owner, block.total
    least = np.zeros(block.size, dtype=np.int64)
    if not block.relations:
        return least > rule.suppress_hi
    at = block.start[:-1]
    union = np.maximum.reduceat(low[part], at)
    np.maximum.at(least, total, np.where(block.people_adds, np.add.reduceat(low[part], at), union))
    rest = np.add.reduceat(high[part], at)[owner] - high[part]
    np.maximum.at(least, part, low[total[owner]] - rest)
    return least > rule.suppress_hi


def uncapped_bounds(
    block: Block, rule: Rule, withheld: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds that follow from what is published alone."""
    low, high = published_bounds(block, rule, withheld, np.zeros(block.size, dtype=bool))
    propagate(block, low, high)
    return low, high


def published_bounds(
    block: Block, rule: Rule, withheld: np.ndarray, capped: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (low, high) of all 2n variables before any relation is used.

    withheld, capped: boolean per cell; the cap holds for the people of cells that are both.
    """
    low = np.empty(2 * block.size, dtype=np.int64)
    high = np.empty(2 * block.size, dtype=np.int64)
    for offset, counts in ((0, block.records), (block.size, block.people)):
        shown_low, shown_high = rule.shown_interval(counts)
        cap = np.where(capped, rule.suppress_hi, OPEN) if offset else OPEN
        low[offset : offset + block.size] = np.where(withheld, 1, shown_low)
        high[offset : offset + block.size] = np.where(withheld, cap, shown_high)
    return low, high


def propagate(block: Block, low: np.ndarray, high: np.ndarray) -> bool:
    """Tighten bounds in place through every relation until nothing moves.

    Returns False where an interval becomes empty: the bounds contradict the relations.
    """
    n = block.size
    at = block.start[:-1]
    for _ in range(MAX_ROUNDS):
        before_low, before_high = low.copy(), high.copy()
        if block.relations:
            everything = np.ones(block.relations, dtype=bool)
            _through_sums(block, at, low[:n], high[:n], everything)
            _through_sums(block, at, low[n:], high[n:], block.people_adds)
            _through_unions(block, at, low[n:], high[n:])
        np.maximum(low[:n], low[n:], out=low[:n])
        np.minimum(high[n:], high[:n], out=high[n:])
        if (low > high).any():
            return False
        if np.array_equal(low, before_low) and np.array_equal(high, before_high):
            return True
    return True


def _through_sums(
    block: Block, at: np.ndarray, low: np.ndarray, high: np.ndarray, adds: np.ndarray
) -> None:
    """total = sum of parts, for the relations flagged in `adds`."""
    part, owner, total = block.part, block.owner, block.total
    sum_low = np.add.reduceat(low[part], at)
    sum_high = np.minimum(np.add.reduceat(high[part], at), OPEN)
    np.maximum.at(low, total[adds], sum_low[adds])
    np.minimum.at(high, total[adds], sum_high[adds])
    sum_high = np.add.reduceat(high[part], at)
    some = adds[owner]
    rest_high = sum_high[owner] - high[part]
    rest_low = sum_low[owner] - low[part]
    least = low[total[owner]] - rest_high
    most = np.where(high[total[owner]] >= OPEN, OPEN, high[total[owner]] - rest_low)
    np.maximum.at(low, part[some], least[some])
    np.minimum.at(high, part[some], most[some])


def _through_unions(block: Block, at: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """max(parts) <= total <= sum of parts, for distinct people in every relation."""
    part, owner, total = block.part, block.owner, block.total
    sum_high = np.add.reduceat(high[part], at)
    np.maximum.at(low, total, np.maximum.reduceat(low[part], at))
    np.minimum.at(high, total, np.minimum(sum_high, OPEN))
    np.minimum.at(high, part, high[total[owner]])
    np.maximum.at(low, part, low[total[owner]] - (sum_high[owner] - high[part]))
