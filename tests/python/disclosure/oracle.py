"""An exhaustive attacker for tiny systems: searches all integer tables, no solver, no shortcuts.

Knows what an attacker knows (published pattern and rounded values, all relations) and decides by
complete search whether a table exists. Slow on purpose; only for systems of a few dozen counts.
"""

from __future__ import annotations

from collections.abc import Iterable

FAR = 40
"""Withheld counts are tried up to this, and up to twice the true one."""

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
                    self.domain.append((1, max(FAR, 2 * count)))
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
        self.tables: list[list[int]] = []
        self.free = self._without_cap()
        self.tables.clear()
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
        known = [table[variable] for table in self.tables]
        while low <= high and low not in known and not self._fits(self._set(variable, low, low)):
            low += 1
        assert low <= high, "no table fits what was published"
        if low > self.hi:
            return True
        if max(known, default=0) >= low + required:
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
            self.tables.append([low for low, _ in narrowed])
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
                least = most = 0
                for variable, factor in terms:
                    low, high = domains[variable]
                    least += low if factor > 0 else -high
                    most += high if factor > 0 else -low
                if least > top or most < bottom:
                    return None
                if least >= bottom and most <= top:
                    continue
                up, down = top - least, most - bottom
                for variable, factor in terms:
                    low, high = domains[variable]
                    if factor < 0:
                        new_low, new_high = max(low, high - up), min(high, low + down)
                    else:
                        new_low, new_high = max(low, high - down), min(high, low + up)
                    if new_low > new_high:
                        return None
                    if new_low != low or new_high != high:
                        domains[variable] = (new_low, new_high)
                        again = True
        return domains


def _shown(count: int, hi: int, base: int) -> int | str:
    if count == 0:
        return 0
    if count <= hi:
        return "c"
    return (2 * count + base) // (2 * base) * base
