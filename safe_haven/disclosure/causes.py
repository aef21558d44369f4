"""Why interval arithmetic leaves a count narrow: the shown cells that hold its bounds."""

from __future__ import annotations

import numpy as np

from safe_haven.disclosure.attacker import OPEN, Attacker
from safe_haven.disclosure.system import Block

Bound = tuple[int, bool]
"""A variable (0..n-1 records, n..2n-1 people) and whether its upper bound is meant."""


class Relatives:
    """Cells that share a relation, as total or part."""

    def __init__(self, block: Block) -> None:
        """List the members of every relation, total first, and the relations of every cell."""
        self.members: list[list[int]] = []
        self.relations_of: list[list[int]] = [[] for _ in range(block.size)]
        for relation in range(block.relations):
            parts = block.part[block.start[relation] : block.start[relation + 1]].tolist()
            self.members.append([int(block.total[relation]), *parts])
            for cell in self.members[-1]:
                self.relations_of[cell].append(relation)

    def around(self, cells: set[int]) -> set[int]:
        """Cells in a relation with any of these, themselves included."""
        relations = {relation for cell in cells for relation in self.relations_of[cell]}
        return cells.union(*(self.members[relation] for relation in relations))

    def nearest(self, cell: int, candidate: np.ndarray) -> set[int]:
        """Candidates (boolean per cell) at the smallest distance from a cell that has any."""
        known = {cell}
        while True:
            wider = self.around(known)
            found = {near for near in wider if candidate[near]}
            if found or wider == known:
                return found
            known = wider


class Causes:
    """Walks from a bound to the bounds of other cells that give it."""

    def __init__(self, block: Block, attacker: Attacker, relatives: Relatives) -> None:
        """Take the bounds as the attacker knows them."""
        self.block, self.attacker, self.n = block, attacker, block.size
        self.low, self.high = attacker.low.tolist(), attacker.high.tolist()
        self.members, self.relations_of = relatives.members, relatives.relations_of

    def of(self, cell: int) -> set[int]:
        """Shown cells at the smallest distance that hold the bounds of a cell's two counts.

        Where only caps hold them, the shown totals of the capped cells: withheld, they lift caps.
        """
        ring: list[Bound] = [(at, upper) for at in (cell, self.n + cell) for upper in (False, True)]
        seen = set(ring)
        while ring:
            found: set[int] = set()
            after: list[Bound] = []
            for at, upper in ring:
                if not self.attacker.withheld[at % self.n]:
                    found.add(at % self.n)
                    continue
                steps = [step for step in self._held_by(at, upper) if step not in seen]
                seen.update(steps)
                after += steps
            if found:
                return found
            ring = after
        return self._totals_of_capped(seen)

    def _totals_of_capped(self, seen: set[Bound]) -> set[int]:
        capped = {at - self.n for at, upper in seen if upper and at >= self.n}
        totals = {
            self.members[relation][0]
            for cell in capped
            if self.high[self.n + cell] < OPEN
            for relation in self.relations_of[cell]
        }
        return {total for total in totals if not self.attacker.withheld[total]}

    def _held_by(self, at: int, upper: bool) -> list[Bound]:
        """Bounds of other counts that together give this one; none if it is given as published."""
        cell, people = at % self.n, at >= self.n
        shift = at - cell
        value = self.high[at] if upper else self.low[at]
        steps: list[Bound] = []
        other = at - self.n if people else at + self.n
        if upper == people and (self.high if upper else self.low)[other] == value:
            steps.append((other, upper))
        for relation in self.relations_of[cell]:
            total, *parts = (shift + member for member in self.members[relation])
            adds = not people or bool(self.block.people_adds[relation])
            if at == total:
                steps += self._as_total(parts, value, upper, adds)
            else:
                rest = [part for part in parts if part != at]
                steps += self._as_part(total, rest, value, upper, adds, people)
        return steps

    def _as_total(self, parts: list[int], value: int, upper: bool, adds: bool) -> list[Bound]:
        ends = self.high if upper else self.low
        if (adds or upper) and sum(ends[part] for part in parts) == value:
            return [(part, upper) for part in parts]
        if not adds and not upper:
            return [(part, False) for part in parts if self.low[part] == value]
        return []

    def _as_part(
        self, total: int, rest: list[int], value: int, upper: bool, adds: bool, people: bool
    ) -> list[Bound]:
        if not upper:
            held = self.low[total] - sum(self.high[part] for part in rest) == value
            return [(total, False), *((part, True) for part in rest)] if held else []
        steps: list[Bound] = []
        if adds and self.high[total] - sum(self.low[part] for part in rest) == value:
            steps += [(total, True), *((part, False) for part in rest)]
        if people and self.high[total] == value:
            steps.append((total, True))
        return steps
