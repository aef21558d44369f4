"""An exhaustive attacker for tiny systems: searches all integer tables, no solver, no shortcuts.

Knows what an attacker knows (published pattern and rounded values, all relations) and decides by
complete search whether a table exists. Slow on purpose; only for systems of a few dozen counts.
"""

from __future__ import annotations

from collections.abc import Iterable

FAR = 40
"""Counts above this are not tried; far above every count of the tiny systems."""

Row = tuple[tuple[tuple[int, int], ...], int, int]


class Oracle:
    """All tables that fit one publication. Variable 2i = records, 2i + 1 = people of cell i."""

    def __init__(
        self,
        cells: list[tuple[str, int, int]],
        relations: dict[str, tuple[str, list[str], bool]],
        status: dict[str, str],
        hi: int = 7,
        base: int = 5,
    ) -> None:
        """cells: (id, people, records); relations: id -> (total, parts, people add)."""
        self.hi = hi
        self.at = {cell_id: at for at, (cell_id, _, _) in enumerate(cells)}
        self.hidden = [at for at, (cell_id, _, _) in enumerate(cells) if status[cell_id] != "shown"]
        self.domain: list[tuple[int, int]] = []
        for at, (_, people, records) in enumerate(cells):
            for count in (records, people):
                if at in self.hidden:
                    self.domain.append((1, FAR))
                else:
                    fits = [
                        n
                        for n in range(count + base + 1)
                        if _shown(n, hi, base) == _shown(count, hi, base)
                    ]
                    self.domain.append((min(fits), max(fits)))
        self.rows: list[Row] = [
            (((2 * at, 1), (2 * at + 1, -1)), 0, FAR * 99) for at in self.at.values()
        ]
        self.groups: list[list[int]] = []
        for total, parts, adds in relations.values():
            t, ps = self.at[total], [self.at[p] for p in parts]
            self.groups.append([t, *ps])
            for people in (0, 1):
                terms = ((2 * t + people, 1), *((2 * p + people, -1) for p in ps))
                if adds or not people:
                    self.rows.append((terms, 0, 0))
                else:
                    self.rows.append((terms, -FAR * 99, 0))
                    self.rows += [(((2 * t + 1, 1), (2 * p + 1, -1)), 0, FAR * 99) for p in ps]
        self.free = self._without_cap()
        for cell in self.hidden:
            if cell not in self.free:
                low, high = self.domain[2 * cell + 1]
                self.domain[2 * cell + 1] = (low, min(high, hi))

    def _without_cap(self) -> set[int]:
        """Hidden cells that nobody believes to be small, by the published rule for caps."""
        domains = self._narrowed(list(self.domain))
        assert domains is not None
        large = {cell for cell in self.hidden if domains[2 * cell + 1][0] > self.hi}
        free = set(large)
        for group in self.groups:
            if large.intersection(group):
                free.update(set(group).intersection(self.hidden))
        capped = set(self.hidden) - free
        if self._fits(self._capped(capped)):
            return free
        believed: set[int] = set()
        for component in self._components(capped):
            if self._fits(self._capped(component)):
                believed |= component
        return set(self.hidden) - (believed if self._fits(self._capped(believed)) else set())

    def _components(self, capped: set[int]) -> list[set[int]]:
        found: list[set[int]] = []
        for cell in sorted(capped):
            joined = {cell}
            for group in self.groups:
                if cell in group:
                    joined |= capped.intersection(group)
            apart = [other for other in found if not other & joined]
            for other in found:
                if other & joined:
                    joined |= other
            found = [*apart, joined]
        return found

    def _capped(self, capped: Iterable[int]) -> list[tuple[int, int]]:
        domains = list(self.domain)
        for cell in capped:
            low, high = domains[2 * cell + 1]
            domains[2 * cell + 1] = (low, min(high, self.hi))
        return domains

    def width(self, cell_id: str, people: bool, required: int) -> bool:
        """Say whether a hidden count has `required` + 1 candidates or cannot be small."""
        variable = 2 * self.at[cell_id] + people
        low, high = self.domain[variable]
        while low <= high and not self._fits(self._set(variable, low, low)):
            low += 1
        assert low <= high, "no table fits what was published"
        if low > self.hi:
            return True
        return low + required <= high and self._fits(self._set(variable, low + required, high))

    def _set(self, variable: int, low: int, high: int) -> list[tuple[int, int]]:
        domains = list(self.domain)
        domains[variable] = (low, high)
        return domains

    def _fits(self, domains: list[tuple[int, int]]) -> bool:
        """Complete search: narrow, split the smallest open domain, try every value."""
        narrowed = self._narrowed(domains)
        if narrowed is None:
            return False
        spans = [(high - low, at) for at, (low, high) in enumerate(narrowed) if high > low]
        if not spans:
            return True
        _, at = min(spans)
        low, high = narrowed[at]
        for value in range(low, high + 1):
            narrowed[at] = (value, value)
            if self._fits(list(narrowed)):
                return True
        return False

    def _narrowed(self, domains: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
        again = True
        while again:
            again = False
            for terms, bottom, top in self.rows:
                least = sum(f * domains[v][0 if f > 0 else 1] for v, f in terms)
                most = sum(f * domains[v][1 if f > 0 else 0] for v, f in terms)
                if least > top or most < bottom:
                    return None
                for variable, factor in terms:
                    low, high = domains[variable]
                    slack_up = top - least
                    slack_down = most - bottom
                    if factor > 0:
                        new = max(low, high - slack_down), min(high, low + slack_up)
                    else:
                        new = max(low, high - slack_up), min(high, low + slack_down)
                    if new[0] > new[1]:
                        return None
                    if new != (low, high):
                        domains[variable] = new
                        again = True
                        break
                if again:
                    break
        return domains


def _shown(count: int, hi: int, base: int) -> int | str:
    if count == 0:
        return 0
    if count <= hi:
        return "c"
    return (2 * count + base) // (2 * base) * base
