"""What an attacker knows about every cell of a block once a pattern of withheld cells is published.

Variables are numbered 0..n-1 for records and n..2n-1 for people of the n cells. The attacker knows
the rounding interval of every shown value, that a withheld cell has at least one person and, since
nearly every withheld cell is a primary one, at most `suppress_hi` people (the *capped* attacker).
Where a cap cannot be true the attacker drops it:

1. a withheld cell that must have more than `suppress_hi` people by interval propagation alone is
   certainly not primary, so its cap goes;
2. a component of withheld cells (joined by a relation that holds two of them) whose caps alone
   contradict what is published is judged without caps;
3. where the caps of the remaining components contradict each other, the block is judged without.

The rule depends on published facts only, so the auditor reaches the same attacker by itself.
"""

from __future__ import annotations

import numpy as np

from safe_haven.disclosure.system import Block, Rule

OPEN = 1 << 40
"""Stands for "no upper bound"; far above any sum of counts in a block."""

MAX_ROUNDS = 1000
"""Interval propagation stops here; every intermediate state is already a valid bound."""


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
