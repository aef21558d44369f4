"""Which withheld counts of one component can be told: first by witnesses, then by proof.

A witness is a table of whole numbers that fits all that is published. It vouches for every count
that differs in it from another witness by the required width. A count without such witnesses is
bounded by programmes over the whole component, in real numbers and then, where those leave the
question open, in whole ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from safe_haven.audit.protected import Rule
from safe_haven.audit.solver import TOLERANCE, Answer, Programme, UndecidedError, whole
from safe_haven.audit.tables import Space, mended

WHOLE_SIZE = 4_000
"""Columns of a component up to which integer programmes run over all of it."""

LOCAL_SIZES = (40, 150, 600)
"""Columns of the neighbourhoods in which witnesses are looked for in larger components."""

REACH = 40
"""Witnesses are looked for this near to the table in hand, or at twice the width if larger."""

PUSH_SEED = 1
SETTLED = 0.8
"""All counts in doubt are pushed together as long as that leaves at most this share of them."""


@dataclass(frozen=True)
class Verdict:
    """What was proved of one count: bounds, whether it fails, and by what that was decided."""

    column: int
    low: int
    high: int
    fails: bool
    by: str


class Judge:
    """Decides the targets of one component from a first table of whole numbers that fits it."""

    def __init__(self, space: Space, rule: Rule, table: np.ndarray) -> None:
        """`table` must fit `space`."""
        self.space, self.rule, self.base = space, rule, table
        self.low, self.high = space.low.copy(), space.high.copy()
        self.least, self.most = table.copy(), table.copy()
        self.programmes: dict[bool, Programme] = {}
        self.reach = max(REACH, 2 * rule.required_width)

    def judge(self, targets: np.ndarray) -> list[Verdict]:
        """A verdict for every target, in their order."""
        self._push_together(targets)
        return [self._settle(int(target)) for target in targets]

    # What is decided already

    def _decided(self, target: int) -> bool | None:
        """True: it fails; False: it passes; None: not known yet."""
        rule = self.rule
        low, high = int(self.low[target]), int(self.high[target])
        least, most = int(self.least[target]), int(self.most[target])
        if most - least >= rule.required_width:
            return False
        if low > rule.suppress_hi or high < rule.suppress_lo:
            return False
        narrow = high - low < rule.required_width
        if narrow and least <= rule.suppress_hi and most >= rule.suppress_lo:
            return True
        return None

    def _doubtful(self, targets: np.ndarray) -> np.ndarray:
        return np.array([t for t in targets.tolist() if self._decided(t) is None], dtype=np.int64)

    def _see(self, table: np.ndarray) -> None:
        np.minimum(self.least, table, out=self.least)
        np.maximum(self.most, table, out=self.most)

    # Witnesses

    def _push_together(self, targets: np.ndarray) -> None:
        random = np.random.default_rng(PUSH_SEED)
        doubtful = self._doubtful(targets)
        if len(doubtful) < 3:
            return
        everything = np.arange(self.space.rows.columns)
        programme = self.space.part(everything, self.base, self.reach, whole=False)
        while len(doubtful) > 2:
            weights = random.choice([-1.0, 1.0], len(doubtful))
            weights *= random.uniform(0.5, 1.5, len(doubtful))
            for side in (1.0, -1.0):
                try:
                    answer = programme.push(doubtful, side * weights)
                except UndecidedError:
                    return
                self._take(answer)
            left = self._doubtful(doubtful)
            if len(left) > SETTLED * len(doubtful):
                return
            doubtful = left

    def _take(self, answer: Answer | None) -> None:
        if answer is not None:
            table = mended(self.space, answer.table, (60, 250))
            if table is not None:
                self._see(table)

    def _look_around(self, target: int) -> None:
        """Move one count as far as a neighbourhood allows while all else stays as it is."""
        for size in LOCAL_SIZES:
            if size >= self.space.rows.columns or self._decided(target) is not None:
                return
            columns = self.space.around(np.array([target]), size)
            at = int(np.searchsorted(columns, target))
            programme = self.space.part(columns, self.base, self.reach, whole=True)
            for sign in (1, -1):
                try:
                    answer = programme.extreme(at, sign)
                except UndecidedError:
                    return
                if answer is not None:
                    table = self.base.copy()
                    table[columns] = whole(answer.table)
                    if self.space.holds(table):
                        self._see(table)

    # Proof

    def _settle(self, target: int) -> Verdict:
        if self._decided(target) is not None:
            by = "witnesses" if self._wide(target) else "intervals"
            return self._verdict(target, by)
        self._look_around(target)
        if self._decided(target) is not None:
            return self._verdict(target, "witnesses")
        self._bound(target, in_whole_numbers=False)
        if self._decided(target) is not None:
            return self._verdict(target, "witnesses" if self._wide(target) else "linear programme")
        if self.space.rows.columns <= WHOLE_SIZE:
            try:
                self._bound(target, in_whole_numbers=True)
            except UndecidedError:
                return self._by_real_bounds(target)
            if self._decided(target) is not None:
                return self._verdict(target, "integer programme")
        return self._by_real_bounds(target)

    def _wide(self, target: int) -> bool:
        return bool(self.most[target] - self.least[target] >= self.rule.required_width)

    def _bound(self, target: int, in_whole_numbers: bool) -> None:
        """Prove the least and the greatest count, stopping when that decides."""
        if in_whole_numbers not in self.programmes:
            self.programmes[in_whole_numbers] = Programme(
                self.space.rows, self.space.low, self.space.high, in_whole_numbers, self.base
            )
        programme = self.programmes[in_whole_numbers]
        for sign in (-1, 1):
            answer = programme.extreme(target, sign)
            if answer is None:
                raise UndecidedError
            if sign < 0:
                self.low[target] = max(self.low[target], ceil(-answer.bound - TOLERANCE))
            else:
                self.high[target] = min(self.high[target], floor(answer.bound + TOLERANCE))
            self._take(answer)
            if self._decided(target) is not None:
                return

    def _by_real_bounds(self, target: int) -> Verdict:
        """Where whole numbers could not be searched: real bounds, rounded inwards, decide.

        They contain every table of whole numbers, so that a narrow one is narrow for certain; a
        wide one is passed on the strength of tables that may hold fractions, and reported so.
        """
        fails = self.rule.is_narrow(int(self.low[target]), int(self.high[target]))
        return self._verdict(target, "linear programme only", fails)

    def _verdict(self, target: int, by: str, fails: bool | None = None) -> Verdict:
        decided = bool(self._decided(target)) if fails is None else fails
        return Verdict(target, int(self.low[target]), int(self.high[target]), decided, by)
