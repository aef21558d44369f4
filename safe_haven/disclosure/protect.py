"""Decide which cells of a release are withheld, and prove that what is published keeps them.

Rounded regime: every published value is rounded on its own, so relations hold on true values and an
attacker sees intervals. Protection starts from the primary cells alone (people or records in the
suppressed range), finds withheld cells that the attacker of `attacker.py` could narrow below the
required width, withholds more, and stops only when every cell that needs it is vouched for by
checked integer tables (witnesses). If that cannot be reached it raises and nothing is released.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from safe_haven.disclosure.attacker import (
    OPEN,
    components,
    propagate,
    published_bounds,
)
from safe_haven.disclosure.linear import Matrix, Neighbourhood, Reach, build_matrix
from safe_haven.disclosure.system import Block, Rule, System, build_system
from safe_haven.errors import SafeHavenError

SHOWN, WITHHELD = "shown", "withheld"
STATUS_SCHEMA = pa.schema([("cell_id", pa.string()), ("status", pa.string())])

SIZE = 300
"""Cells in a neighbourhood of the first kind, which vouches for most cells at once."""

LEAVES = (120, 250)
"""Leaf cells in neighbourhoods of the second kind."""

REACH = (120, 250)
"""The same when one count is sought by itself; after them comes the whole block."""

SIBLINGS = 4
"""Leaves taken from one relation into a neighbourhood of the second kind."""

NEAREST = 30
"""The next leaf is drawn from this many that were met first."""

NEAR = (100, 300)
"""Cells in a neighbourhood that moves a withheld cell of the truth under its cap."""

STALLS = 3
"""Neighbourhoods of one size that may fail a variable before a larger one is tried."""

TURNS = 3
"""Tables tried in one neighbourhood."""

DRIFT = 0.05
"""How much a variable that is already vouched for is pushed about, so that the walk mixes."""

FEW = 4
"""A neighbourhood that vouches for fewer is not worth more of its kind."""

GAIN = 1000.0
"""What reaching a missing width is worth, against about 1 for each unit that has to move."""

FAMILIES = 8
"""Linked tables told apart; smaller ones are taken together."""


class ProtectionError(SafeHavenError):
    """The release could not be proved safe; nothing may be published."""


@dataclass(frozen=True)
class Protection:
    """Result for one block: the pattern, and how it was reached."""

    block: Block
    withheld: np.ndarray
    primary: np.ndarray
    uncapped: int
    rounds: int

    @property
    def extra(self) -> int:
        """Cells withheld beyond the primary ones."""
        return int(self.withheld.sum() - self.primary.sum())


def protect(
    cells: pa.Table,
    relations: pa.Table,
    rule: Rule | Mapping[str, Any],
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """Return cell_id, status ('shown' or 'withheld') for every cell, in order of cell_id.

    cells, relations: see `system.build_system`. The same input gives the same answer, whatever the
    order of its rows. Raises ReleaseSystemError for a system that contradicts itself and
    ProtectionError where no safe pattern was proved.
    """
    results = protect_system(build_system(cells, relations), Rule.of(rule), progress)
    status: dict[str, str] = {}
    for result in results:
        for cell_id, hidden in zip(result.block.cell_ids, result.withheld.tolist(), strict=True):
            status[cell_id] = WITHHELD if hidden else SHOWN
    ordered = sorted(status)
    return pa.table(
        {"cell_id": ordered, "status": [status[cell_id] for cell_id in ordered]},
        schema=STATUS_SCHEMA,
    )


def protect_system(
    system: System, rule: Rule, progress: Callable[[str], None] | None = None
) -> list[Protection]:
    """Protect every block; two at a time, for the solver works outside Python's lock."""

    def one(block: Block) -> Protection:
        result = BlockProtector(block, rule).run()
        if progress:
            progress(
                f"block {block.name}: {block.size} cells, {int(result.primary.sum())} primary, "
                f"{result.extra} more withheld"
            )
        return result

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, system.blocks))


class BlockProtector:
    """State of the protection of one block. Cells and variables are numbered as in `attacker`."""

    def __init__(self, block: Block, rule: Rule) -> None:
        """Index the block; nothing is decided yet."""
        self.block, self.rule, self.n = block, rule, block.size
        self.matrix: Matrix = build_matrix(block)
        self.truth = np.concatenate([block.records, block.people])
        self.primary = rule.is_small(block.people) | rule.is_small(block.records)
        self.withheld = self.primary.copy()
        self.relations_of: list[list[int]] = [[] for _ in range(self.n)]
        self.members: list[list[int]] = []
        for relation in range(block.relations):
            parts = block.part[block.start[relation] : block.start[relation + 1]].tolist()
            self.members.append([int(block.total[relation]), *parts])
            for cell in self.members[-1]:
                self.relations_of[cell].append(relation)
        self.degree = [max(1, len(relations)) for relations in self.relations_of]
        self.is_total = np.zeros(self.n, dtype=bool)
        self.is_total[block.total] = True
        self._find_families()
        self.last_bounds: tuple[np.ndarray, np.ndarray] | None = None

    def run(self) -> Protection:
        """Withhold more until every cell that needs width has it."""
        rounds = 0
        while True:
            rounds += 1
            if not self._meet_attacker():
                continue
            narrow = self._narrow_by_propagation()
            if not narrow:
                narrow = self._narrow_by_search()
            if not narrow:
                return Protection(
                    self.block, self.withheld, self.primary, int(self.uncapped.sum()), rounds
                )
            self._withhold_for(narrow)

    # The attacker and a base table -------------------------------------------------------------

    def _meet_attacker(self) -> bool:
        """Set uncapped, the bounds, and a base table that satisfies them.

        Returns False where caps stood in the way and more was withheld to lift them.
        """
        self.uncapped = self._certainly_large()
        base = self._base_under_caps(NEAR)
        if base is None and self._lift_caps():
            return False
        if base is None:
            base = self._base_under_caps((*NEAR, self.n))
        if base is None:
            self.uncapped = self._without_impossible_components()
            base = self._base_under_caps((*NEAR, self.n))
        if base is None and self._surely_impossible(self.published_high):
            self.uncapped = self.withheld.copy()
            base = self._base_under_caps(NEAR)
        if base is None:
            raise ProtectionError(
                f"block {self.block.name!r}: no table under the caps was found, nor proved not to "
                "exist, so nothing can be proved. Publish fewer dimensions, or drop the block."
            )
        self._keep_witnesses(base)
        self.low, self.high = self.published_low.copy(), self.published_high.copy()
        sound = propagate(self.block, self.low, self.high) and self.matrix.holds(self.base)
        if not sound or (self.base < self.low).any() or (self.base > self.high).any():
            raise ProtectionError(f"block {self.block.name!r}: the base table is not consistent.")
        self.activity = self.matrix.activity(self.base)
        return True

    def _keep_witnesses(self, base: np.ndarray) -> None:
        """Start from a new base table, or go on from the old one where all witnesses still hold.

        Bounds that only widened since the last round leave every table seen so far a witness.
        """
        bounds = (self.published_low, self.published_high)
        if self.last_bounds is not None:
            low, high = self.last_bounds
            if (self.published_low <= low).all() and (self.published_high >= high).all():
                self.last_bounds = bounds
                return
        self.base, self.least, self.most = base, base.copy(), base.copy()
        self.last_bounds = bounds

    def _base_under_caps(self, sizes: tuple[int, ...]) -> np.ndarray | None:
        """Set the published bounds and look for a table inside them; None if none is found."""
        self.published_low, self.published_high = published_bounds(
            self.block, self.rule, self.withheld, ~self.uncapped
        )
        base = self._find_base(self.published_high, sizes)
        self.over = (base > self.published_high)[self.n :]
        return None if self.over.any() else base

    def _certainly_large(self) -> np.ndarray:
        """Withheld cells certain to be large, and the withheld cells that share a relation."""
        none = np.zeros(self.n, dtype=bool)
        low, high = published_bounds(self.block, self.rule, self.withheld, none)
        propagate(self.block, low, high)
        self.sure_low, self.sure_high = low, high
        large = self.withheld & (low[self.n :] > self.rule.suppress_hi)
        near = large.copy()
        for cell in np.flatnonzero(large).tolist():
            for relation in self.relations_of[cell]:
                near[self.members[relation]] = True
        return near & self.withheld

    def _find_base(self, high: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
        """Move the truth under the caps; cells that stay above `high` could not be moved."""
        base = self.truth.copy()
        activity = self.matrix.activity(base)
        random = np.random.default_rng(0)
        for size in sizes:
            for cell in np.flatnonzero(base[self.n :] > high[self.n :]).tolist():
                if base[self.n + cell] <= high[self.n + cell]:
                    continue
                chosen = self._region(cell, size, random, all_families=True)
                # A cell above its cap may stay there for now, and must not overshoot.
                over = base > high
                hood = Neighbourhood(
                    self.matrix,
                    chosen,
                    base,
                    np.where(over, high, self.published_low),
                    np.where(over, base, high),
                    activity,
                    box=OPEN if size >= self.n else 4 * self.rule.suppress_hi,
                )
                move = hood.move(np.where(over[chosen], -1.0, 0.0))
                if move is not None and move.any():
                    base[chosen] += move
                    hood.apply(move, activity)
        return base

    def _lift_caps(self) -> bool:
        """Withhold a certainly large neighbour of each cell that cannot be under its cap."""
        chosen: set[int] = set()
        for cell in np.flatnonzero(self.over).tolist():
            near = {c for r in self.relations_of[cell] for c in self.members[r]}
            large = {c for c in near if not self.withheld[c] and self._stays_large(c)}
            if large and not chosen.intersection(large):
                chosen.add(min(large, key=self._cost))
        self.withheld[sorted(chosen)] = True
        return bool(chosen)

    def _stays_large(self, cell: int) -> bool:
        """Say whether a published cell is certain to be large even once it is withheld."""
        least = 0
        low, high = self.sure_low[self.n :], self.sure_high[self.n :]
        for relation in self.relations_of[cell]:
            total, *parts = self.members[relation]
            if cell == total:
                some = [int(low[part]) for part in parts]
                least = max(least, sum(some) if self.block.people_adds[relation] else max(some))
            else:
                rest = sum(int(high[part]) for part in parts if part != cell)
                least = max(least, int(low[total]) - rest)
        return least > self.rule.suppress_hi

    def _without_impossible_components(self) -> np.ndarray:
        """Cells without a cap once components whose caps alone cannot hold have lost them."""
        component = components(self.block, self.withheld & ~self.uncapped)
        out = self.uncapped.copy()
        for number in sorted(set(component[self.over].tolist())):
            inside = component == number
            _, high = published_bounds(self.block, self.rule, self.withheld, inside)
            if self._surely_impossible(high):
                out |= inside
        return out

    def _surely_impossible(self, high: np.ndarray) -> bool:
        """Say whether it is proved, over real tables, that none lies under these upper bounds."""
        over = self.truth > high
        hood = Neighbourhood(
            self.matrix,
            np.arange(2 * self.n),
            self.truth,
            np.where(over, high, self.published_low),
            np.where(over, self.truth, high),
            self.matrix.activity(self.truth),
            box=OPEN,
        )
        _, bound = hood.solve(np.where(over, -1.0, 0.0), integer=False)
        return bound < float((self.truth - high)[over].sum()) - 1e-6

    # What needs width, and who vouches ---------------------------------------------------------

    def _needs_width(self) -> np.ndarray:
        """Variables that must be wide: all of primary cells, others if they may be small."""
        may_be_small = self.low <= self.rule.suppress_hi
        both = np.concatenate([self.primary, self.primary])
        hidden = np.concatenate([self.withheld, self.withheld])
        return hidden & (both | may_be_small)

    def _narrow_by_propagation(self) -> list[int]:
        width = self.high - self.low
        return np.flatnonzero(self._needs_width() & (width < self.rule.required_width)).tolist()

    def _narrow_by_search(self) -> list[int]:
        """Vouch for every variable that needs it; return those that stay narrow.

        A walk over tables: each step moves one neighbourhood of the current table to another table
        that fits everything published, so every table on the way is a witness. Later steps start
        where earlier ones ended, which frees cells that could not move before.
        """
        self.needs = self._needs_width()
        random = np.random.default_rng(self.n)
        idle = np.zeros(2 * self.n, dtype=np.int64)
        for seed in self._seeds(idle, random):
            chosen = self._region(seed % self.n, SIZE, random)
            if not self._walk(chosen, random):
                idle[chosen] += 1
        idle = np.zeros(2 * self.n, dtype=np.int64)
        for seed in self._seeds(idle, random):
            chosen = self._closure(seed % self.n, LEAVES[0], random)
            if not self._walk(chosen, random):
                idle[chosen] += 1
        idle = np.zeros(2 * self.n, dtype=np.int64)
        for seed in self._seeds(idle, random):
            chosen = self._closure(seed % self.n, LEAVES[1], random)
            before = len(self._unvouched())
            self._gather(chosen, random)
            if before - len(self._unvouched()) < FEW:
                idle[chosen] += 1
        return [v for v in self._unvouched() if not self._final_word(v, random)]

    def _seeds(self, idle: np.ndarray, random: np.random.Generator) -> Iterator[int]:
        """Draw unvouched variables until each has been drawn (or found idle) STALLS times."""
        while True:
            left = [v for v in self._unvouched() if idle[v] < STALLS]
            if not left:
                return
            seed = left[int(random.integers(len(left)))]
            idle[seed] += 1
            yield seed

    def _unvouched(self) -> list[int]:
        width = self.most - self.least
        return np.flatnonzero(self.needs & (width < self.rule.required_width)).tolist()

    def _vouched(self, variable: int) -> bool:
        return bool(self.most[variable] - self.least[variable] >= self.rule.required_width)

    def _walk(self, chosen: np.ndarray, random: np.random.Generator) -> bool:
        """Move one neighbourhood there and back; say whether anything new was vouched for."""
        hood = self._hood(chosen, 2 * self.rule.required_width)
        base = self.base[chosen].copy()
        before = int(self._open(chosen).sum())
        side = random.choice([-1.0, 1.0], len(chosen))
        last = None
        for turn in range(TURNS):
            open_ = self._open(chosen)
            if not open_.any():
                break
            above = self.most[chosen] - base
            below = base - self.least[chosen]
            way = np.where(above == below, side, np.where(below > above, 1.0, -1.0))
            drift = DRIFT * random.standard_normal(len(chosen))
            wanted = way * random.uniform(0.8, 1.2, len(chosen)) * (1 if turn % 2 == 0 else -1)
            move = hood.move(np.where(open_, wanted, drift), integer=False)
            if move is not None:
                self._record(chosen, base + move)
                last = move
        if last is not None:
            self.base[chosen] += last
            hood.apply(last, self.activity)
        return int(self._open(chosen).sum()) < before

    def _record(self, chosen: np.ndarray, value: np.ndarray) -> None:
        """Let a checked table vouch for every variable it moves."""
        self.least[chosen] = np.minimum(self.least[chosen], value)
        self.most[chosen] = np.maximum(self.most[chosen], value)

    def _open(self, chosen: np.ndarray) -> np.ndarray:
        """Flag those of some variables that nobody vouches for yet."""
        width = self.most[chosen] - self.least[chosen]
        return self.needs[chosen] & (width < self.rule.required_width)

    def _final_word(self, variable: int, random: np.random.Generator) -> bool:
        """Say whether one variable is wide, over neighbourhoods up to the whole block.

        Asks for the smallest move that gives the missing width: up, down, or one of each.
        """
        width = self.rule.required_width
        for leaves in (*REACH, 0):
            chosen = np.arange(2 * self.n)
            if leaves:
                chosen = self._closure(variable % self.n, leaves, random)
            goals = [self.least[variable] + width, self.most[variable] - width]
            steps = range(1, width)
            goals += [self.base[variable] + side * step for step in steps for side in (1, -1)]
            proved = [self._reach(variable, int(goal), chosen, random, False) for goal in goals]
            if self._vouched(variable):
                return True
            if leaves:
                continue
            if all(proved):
                return False
            for goal in goals:
                self._reach(variable, int(goal), chosen, random, True)
                if self._vouched(variable):
                    return True
        return False

    def _reach(
        self,
        variable: int,
        goal: int,
        chosen: np.ndarray,
        random: np.random.Generator,
        integer: bool,
    ) -> bool:
        """Look for a table with one variable at `goal`; say whether there is certainly none."""
        if self._vouched(variable):
            return False
        whole_block = len(chosen) == 2 * self.n
        box = OPEN if whole_block else 4 * self.rule.required_width
        step = goal - int(self.base[variable])
        return self._seek(chosen, {variable: (step, step)}, {}, random, box, integer)

    def _gather(self, chosen: np.ndarray, random: np.random.Generator) -> None:
        """Move many unvouched variables of one neighbourhood by just the width they lack."""
        width, box = self.rule.required_width, 4 * self.rule.required_width
        limits: dict[int, tuple[int, int]] = {}
        gains: dict[int, float] = {}
        for variable in chosen[self._open(chosen)].tolist():
            here = int(self.base[variable])
            up = int(self.least[variable]) + width - here
            down = int(self.most[variable]) - width - here
            ways = [up] if 0 < up <= self.high[variable] - here else []
            ways += [down] if 0 > down >= self.low[variable] - here else []
            if not ways:
                continue
            way = ways[int(random.integers(len(ways)))]
            limits[variable] = (-box, way) if way > 0 else (way, box)
            gains[variable] = GAIN / way
        if gains:
            self._seek(chosen, limits, gains, random, box, integer=False)

    def _seek(
        self,
        chosen: np.ndarray,
        limits: Mapping[int, tuple[int, int]],
        gains: Mapping[int, float],
        random: np.random.Generator,
        box: int,
        integer: bool,
    ) -> bool:
        """Look for a cheap table within limits on some moves; say whether there is surely none.

        Where the linear programme moves some variables by a fraction, an integer programme over
        the variables it moved, and all that share a relation with a broken one, is tried.
        """
        found = self._cheapest(chosen, limits, gains, random, box, integer)
        if found.move is not None:
            self._record(chosen, self.base[chosen] + found.move)
            return False
        if len(found.broken):
            cells = set((found.moved % self.n).tolist())
            for cell in sorted(set((found.broken % self.n).tolist())):
                for relation in self.relations_of[cell]:
                    cells.update(self.members[relation])
            ordered = np.array(sorted(cells), dtype=np.int64)
            chosen = np.concatenate([ordered, self.n + ordered])
            some = self._cheapest(
                chosen, limits, gains, random, 4 * self.rule.required_width, integer=True
            )
            if some.move is not None:
                self._record(chosen, self.base[chosen] + some.move)
        return found.proved

    def _cheapest(
        self,
        chosen: np.ndarray,
        limits: Mapping[int, tuple[int, int]],
        gains: Mapping[int, float],
        random: np.random.Generator,
        box: int,
        integer: bool,
    ) -> Reach:
        low = np.full(len(chosen), -box, dtype=np.int64)
        high = np.full(len(chosen), box, dtype=np.int64)
        gain = np.zeros(len(chosen))
        for place, variable in enumerate(chosen.tolist()):
            if variable in limits:
                low[place], high[place] = limits[variable]
                gain[place] = gains.get(variable, 0.0)
        hood = self._hood(chosen, box)
        return hood.cheapest(low, high, gain, random.uniform(0.5, 1.5, len(chosen)), integer)

    def _hood(self, chosen: np.ndarray, box: int) -> Neighbourhood:
        return Neighbourhood(
            self.matrix, chosen, self.base, self.low, self.high, self.activity, box
        )

    # Neighbourhoods ----------------------------------------------------------------------------

    def _find_families(self) -> None:
        """Split the cells into linked tables: leaves joined by a relation, and all above them.

        A neighbourhood that strays into another table meets many cells that cannot help, so small
        ones stay inside one family. Cells that several tables share belong to several families.
        """
        is_total = self.is_total
        leader = list(range(self.n))

        def find(cell: int) -> int:
            while leader[cell] != cell:
                leader[cell] = leader[leader[cell]]
                cell = leader[cell]
            return cell

        above: list[set[int]] = [set() for _ in range(self.n)]
        for total, *parts in self.members:
            leaves = [part for part in parts if not is_total[part]]
            for leaf in leaves[1:]:
                leader[find(leaf)] = find(leaves[0])
            for part in parts:
                above[part].add(total)
        self.above = [sorted(totals) for totals in above]
        grouped: dict[int, list[int]] = {}
        for cell in np.flatnonzero(~is_total).tolist():
            grouped.setdefault(find(cell), []).append(cell)
        largest = sorted(grouped.values(), key=lambda cells: (-len(cells), cells))
        kept = largest[: FAMILIES - 1]
        rest = [cell for cells in largest[FAMILIES - 1 :] for cell in cells]
        self.families: list[list[list[int]]] = []
        self.family_of: list[list[int]] = [[] for _ in range(self.n)]
        for number, leaves in enumerate([*kept, rest] if rest else kept):
            inside = set(leaves)
            waiting = list(leaves)
            while waiting:
                for total in above[waiting.pop()]:
                    if total not in inside:
                        inside.add(total)
                        waiting.append(total)
            for cell in sorted(inside):
                self.family_of[cell].append(number)
            self.families.append(
                [[cell for cell in members if cell in inside] for members in self.members]
            )

    def _region(
        self, seed: int, size: int, random: np.random.Generator, all_families: bool = False
    ) -> np.ndarray:
        """Variables of about `size` cells around a seed, grown so that they can move.

        Freedom to move is cells less relations, so the next cell is always the one that brings in
        the smallest share of relations not yet touched; ties fall at random.
        """
        if size >= self.n:
            return np.arange(2 * self.n)
        numbers = self.family_of[seed]
        members = self.members
        if not all_families:
            members = self.families[numbers[int(random.integers(len(numbers)))]]
        chosen: set[int] = set()
        touched: set[int] = set()
        fresh: dict[int, int] = {seed: 0}
        heap: list[tuple[float, float, int]] = [(0.0, 0.0, seed)]
        luck = random.random(4096).tolist()
        degree = self.degree
        while heap and len(chosen) < size:
            share, _, cell = heapq.heappop(heap)
            if cell in chosen or share != fresh[cell] / degree[cell]:
                continue
            chosen.add(cell)
            for relation in self.relations_of[cell]:
                if relation in touched:
                    continue
                touched.add(relation)
                for other in members[relation]:
                    if other not in chosen:
                        left = fresh.get(other, degree[other]) - 1
                        fresh[other] = left
                        tie = luck[(other + len(touched)) & 4095]
                        heapq.heappush(heap, (left / degree[other], tie, other))
        cells = np.array(sorted(chosen), dtype=np.int64)
        return np.concatenate([cells, self.n + cells])

    def _closure(self, seed: int, leaves: int, random: np.random.Generator) -> np.ndarray:
        """Variables of about `leaves` leaf cells near a seed and of every total above them.

        Leaves move freely once all totals above them may move too; only the edges of published
        intervals stand in the way.
        """
        waiting = [self._leaf_below(seed, random) for _ in range(4 if self.is_total[seed] else 1)]
        chosen: set[int] = set()
        while waiting and len(chosen) < leaves:
            leaf = waiting.pop(int(random.integers(min(len(waiting), NEAREST))))
            if leaf in chosen:
                continue
            chosen.add(leaf)
            for relation in self.relations_of[leaf]:
                parts = [
                    part
                    for part in self.members[relation][1:]
                    if part not in chosen and not self.is_total[part]
                ]
                if len(parts) > SIBLINGS:
                    parts = [parts[i] for i in random.choice(len(parts), SIBLINGS, replace=False)]
                waiting.extend(parts)
        cells = chosen | {seed}
        climbing = list(cells)
        while climbing:
            for total in self.above[climbing.pop()]:
                if total not in cells:
                    cells.add(total)
                    climbing.append(total)
        ordered = np.array(sorted(cells), dtype=np.int64)
        return np.concatenate([ordered, self.n + ordered])

    def _leaf_below(self, cell: int, random: np.random.Generator) -> int:
        while self.is_total[cell]:
            below = [r for r in self.relations_of[cell] if self.members[r][0] == cell]
            parts = self.members[below[int(random.integers(len(below)))]][1:]
            cell = parts[int(random.integers(len(parts)))]
        return cell

    # Withholding more --------------------------------------------------------------------------

    def _withhold_for(self, narrow: list[int]) -> None:
        """Withhold one published cell for each narrow variable, unless one just chosen helps."""
        chosen: set[int] = set()
        for variable in narrow:
            candidates = self._candidates(variable)
            if not candidates:
                continue
            if not chosen.intersection(candidates):
                chosen.add(min(candidates, key=self._cost))
        if not chosen:
            raise ProtectionError(
                f"block {self.block.name!r}: {len(narrow)} withheld counts stay too narrow and "
                "nothing is left to withhold. Publish fewer dimensions, or drop the block."
            )
        self.withheld[sorted(chosen)] = True

    def _cost(self, cell: int) -> tuple[bool, int, str]:
        """Order of choice: cells that lift caps first, then few people, then by id."""
        people = int(self.block.people[cell])
        return not self._stays_large(cell), people, self.block.cell_ids[cell]

    def _candidates(self, variable: int) -> set[int]:
        """Published cells whose withholding can widen a variable, the nearest cause first."""
        return self._causes(variable) or self._nearest_published(variable % self.n)

    def _nearest_published(self, cell: int) -> set[int]:
        """Published non-zero cells at the smallest distance (in relations) that has any."""
        seen, ring = {cell}, [cell]
        while ring:
            around = {
                other for at in ring for r in self.relations_of[at] for other in self.members[r]
            }
            published = {c for c in around if not self.withheld[c] and self.truth[c] > 0}
            if published:
                return published
            ring = sorted(around - seen)
            seen |= around
        return set()

    def _causes(self, variable: int) -> set[int]:
        """Published cells that hold a variable's propagated bounds where they are.

        Walks from the bound to the relation that gives it, to the bounds of the other cells in
        that relation, and so on; stops at the first distance where a published value (or a
        published neighbour of a cap) is met.
        """
        ring = [(variable, False), (variable, True)]
        seen = set(ring)
        while ring:
            found: set[int] = set()
            after: list[tuple[int, bool]] = []
            for at, upper in ring:
                cell = at % self.n
                if not self.withheld[cell]:
                    if self.truth[cell] > 0:
                        found.add(cell)
                    continue
                for step in self._binding(at, upper):
                    if step not in seen:
                        seen.add(step)
                        after.append(step)
            if found:
                return found
            ring = after
        return self._around_caps(seen)

    def _around_caps(self, seen: set[tuple[int, bool]]) -> set[int]:
        """Published totals over the capped cells of an explanation: withheld, they lift the cap."""
        found: set[int] = set()
        for at, upper in seen:
            cell = at % self.n
            if upper and at >= self.n and self.high[at] == self.published_high[at] < OPEN:
                for relation in self.relations_of[cell]:
                    total = self.members[relation][0]
                    if not self.withheld[total] and self.block.people[total] > 0:
                        found.add(total)
        return found

    def _binding(self, at: int, upper: bool) -> list[tuple[int, bool]]:
        """Bounds of other variables that together give one propagated bound."""
        cell, people = at % self.n, at >= self.n
        shift = self.n if people else 0
        low, high = self.low, self.high
        value = int(high[at] if upper else low[at])
        if value == int((self.published_high if upper else self.published_low)[at]):
            return []
        steps: list[tuple[int, bool]] = []
        other = at - self.n if people else at + self.n
        if people and upper and int(high[other]) == value:
            steps.append((other, True))
        if not people and not upper and int(low[other]) == value:
            steps.append((other, False))
        for relation in self.relations_of[cell]:
            total, *parts = self.members[relation]
            adds = not people or bool(self.block.people_adds[relation])
            if cell == total:
                side = high if upper else low
                if int(sum(int(side[shift + p]) for p in parts)) == value and (adds or upper):
                    steps += [(shift + p, upper) for p in parts]
                if not adds and not upper:
                    steps += [(shift + p, False) for p in parts if int(low[shift + p]) == value]
                continue
            rest = [shift + p for p in parts if p != cell]
            if upper:
                if adds and int(high[shift + total]) - sum(int(low[p]) for p in rest) == value:
                    steps += [(shift + total, True)] + [(p, False) for p in rest]
                if people and int(high[shift + total]) == value:
                    steps.append((shift + total, True))
            elif int(low[shift + total]) - sum(int(high[p]) for p in rest) == value:
                steps += [(shift + total, False)] + [(p, True) for p in rest]
        return steps
