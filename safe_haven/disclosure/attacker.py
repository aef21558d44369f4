"""What an attacker knows about every cell of a block once a pattern of withheld cells is published.

Variables are numbered 0..n-1 for records and n..2n-1 for people of the n cells. The attacker knows
the rounding interval of every shown value, that a withheld cell has at least one person and, since
nearly every withheld cell is a primary one, at most `suppress_hi` people (its *cap*).
Where what is published speaks against a cap, the attacker drops it:

1. a withheld cell that must have more than `suppress_hi` people by interval arithmetic alone is
   certainly not primary, so its cap goes, and those of the cells that share a relation with it;
2. where the remaining caps together contradict what is published, every component of withheld
   cells (joined by a relation that holds two of them) whose caps alone do so loses its caps;
3. where the caps of the components that are left contradict each other, all go.

The rules use published facts only, so the auditor reaches the same attacker by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from safe_haven.disclosure.system import Block, ReleaseSystemError, Rule

PossibleTable = Callable[[np.ndarray, np.ndarray], np.ndarray | None]
"""Some table within bounds (low, high) of all variables, or None where there is none."""

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
        return bool(((table >= self.low) & (table <= self.high)).all())

    def narrow(self) -> np.ndarray:
        """Suspects that the bounds alone tell to within less than the required width."""
        return self.suspects & (self.high - self.low < self.rule.required_width)


def believing_attacker(
    block: Block, rule: Rule, withheld: np.ndarray, primary: np.ndarray, possible: PossibleTable
) -> tuple[Attacker, np.ndarray]:
    """Who believes all caps that can be believed, and a table that fits them.

    Errors: ReleaseSystemError where even the true table does not fit.
    """
    truth = np.concatenate([block.records, block.people]).astype(float)

    def believing(caps: np.ndarray) -> tuple[Attacker, np.ndarray] | None:
        low, high = published_bounds(block, rule, withheld, caps)
        if not propagate(block, low, high):
            return None
        caps_are_true = not (caps & ~primary).any()
        table = truth if caps_are_true else possible(low.astype(float), high.astype(float))
        return None if table is None else (Attacker(rule, withheld, low, high), table)

    caps = withheld & ~certainly_large(block, rule, withheld)
    found = believing(caps)
    if found is None:
        component = components(block, caps)
        for number in np.unique(component[caps & ~primary]):
            if believing(component == number) is None:
                caps = caps & (component != number)
        found = believing(caps) or believing(np.zeros(block.size, dtype=bool))
    if found is None:
        raise ReleaseSystemError(f"block {block.name}: the true table contradicts itself.")
    return found


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


def least_people_if_withheld(block: Block, rule: Rule, withheld: np.ndarray) -> np.ndarray:
    """Fewest people that the relations alone would still prove for every cell."""
    low, high = (bound[block.size :] for bound in uncapped_bounds(block, rule, withheld))
    part, owner, total = block.part, block.owner, block.total
    least = np.zeros(block.size, dtype=np.int64)
    if not block.relations:
        return least
    at = block.start[:-1]
    union = np.maximum.reduceat(low[part], at)
    np.maximum.at(least, total, np.where(block.people_adds, np.add.reduceat(low[part], at), union))
    rest = np.add.reduceat(high[part], at)[owner] - high[part]
    np.maximum.at(least, part, low[total[owner]] - rest)
    return least


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


def components(block: Block, withheld: np.ndarray) -> np.ndarray:
    """Number the components of withheld cells; -1 for shown cells.

    Two withheld cells are joined when one relation holds both (as part or total).
    """
    leader = np.arange(block.size)

    def find(cell: int) -> int:
        while leader[cell] != cell:
            leader[cell] = leader[leader[cell]]
            cell = int(leader[cell])
        return cell

    for relation in range(block.relations):
        cells = [int(block.total[relation])]
        cells += block.part[block.start[relation] : block.start[relation + 1]].tolist()
        hidden = [cell for cell in cells if withheld[cell]]
        for other in hidden[1:]:
            leader[find(other)] = find(hidden[0])
    return np.array(
        [find(cell) if withheld[cell] else -1 for cell in range(block.size)], dtype=np.int64
    )
