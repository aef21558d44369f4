"""What the search for a pattern gives: the withheld cells, and a proof that anybody can check.

The proof is a table that agrees with everything an attacker believes, and others that differ from
it in a few cells and agree as well. The width of a cell is what its values in them lie apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from safe_haven.errors import SafeHavenError
from safe_haven.suppression.attacker import Belief, narrowed
from safe_haven.suppression.system import System


class UnprotectableError(SafeHavenError):
    """No pattern was proved; nothing may be published."""


@dataclass(frozen=True)
class Alternative:
    """A table by the cells in which it differs from the base, and how far each is moved."""

    cells: np.ndarray
    moved: np.ndarray

    def fits(self, given: Belief, base: np.ndarray) -> bool:
        """Whether it lies within what is believed of each cell."""
        there = base[self.cells] + self.moved
        return bool(((there >= given.low[self.cells]) & (there <= given.high[self.cells])).all())

    def adds_up(self, system: System, sums: np.ndarray) -> bool:
        """Whether it keeps every relation. sums: `rows` of the base."""
        change = system.columns[:, self.cells] @ self.moved
        rows = np.flatnonzero(change)
        after = sums[rows] + change[rows]
        return bool(np.where(system.is_equal[rows], after == 0, after >= 0).all())


@dataclass(frozen=True)
class Protection:
    """A pattern and its proof. given: what is believed of it; base: a whole table that fits."""

    system: System
    given: Belief
    base: np.ndarray
    alternatives: list[Alternative] = field(repr=False)

    @property
    def withheld(self) -> np.ndarray:
        """Cells that are not shown (boolean per cell)."""
        return self.given.withheld


def price(system: System, larger_costs: float) -> np.ndarray:
    """What withholding a cell costs: what was given, and somewhat more for larger counts."""
    return system.cost * (1 + larger_costs * np.log1p(system.value))


def cannot_tell(system: System, cell: int) -> UnprotectableError:
    """The error that says which cell cannot be protected."""
    return UnprotectableError(
        f"cell {system.ids[cell]!r} can be told from what is shown or known, whatever else is "
        "withheld. Leave it out, or publish coarser tables."
    )


def must_be_wide(system: System, given: Belief, base: np.ndarray) -> np.ndarray:
    """Cells that are not shown and, told closely, would be told to be small; and primary ones.

    base: a table that fits. A cell whose value in it is a required width above the suppressed
    range is either wide or large in every table, as is one that interval arithmetic puts outside.
    """
    low, high = narrowed(system, given)
    rule = system.rule
    small = (low <= rule.suppress_hi) & (high >= rule.suppress_lo)
    small &= base < rule.suppress_hi + system.required_width
    return ((given.withheld | system.hidden) & small | system.primary) & ~system.known


def check(protection: Protection, exempt: np.ndarray) -> None:
    """Check the whole proof in whole numbers, without a solver.

    exempt: cells that need not be wide, since they are not small in any table.
    Errors: UnprotectableError where a table does not fit or a cell is narrow.
    """
    system, given, base = protection.system, protection.given, protection.base
    sums = system.rows @ base
    whole = Alternative(np.arange(system.size), np.zeros(system.size, dtype=np.int64))
    if np.where(system.is_equal, sums != 0, sums < 0).any() or not whole.fits(given, base):
        raise UnprotectableError("the proof's own table does not fit what is shown.")
    least, most = base.copy(), base.copy()
    for alternative in protection.alternatives:
        if not (alternative.fits(given, base) and alternative.adds_up(system, sums)):
            raise UnprotectableError("a table of the proof does not fit what is shown.")
        cells, there = alternative.cells, base[alternative.cells] + alternative.moved
        least[cells], most[cells] = np.minimum(least[cells], there), np.maximum(most[cells], there)
    narrow = must_be_wide(system, given, base) & ~exempt & (most - least < system.required_width)
    if narrow.any():
        raise cannot_tell(system, int(np.argmax(narrow)))
