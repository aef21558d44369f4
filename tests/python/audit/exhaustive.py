"""An exhaustive reader of tiny PROTECTED contents: searches all tables, no solver, no shortcuts.

Written from the definition alone; shares nothing with safe_haven.audit. Slow on purpose.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

Row = tuple[dict[str, int], int, int]
Domains = dict[str, tuple[int, int]]
FAR = 10**9
MOST_STEPS = 2_000


class TooSlowError(Exception):
    """The search gave up; such a system is not compared."""


class Exhaustive:
    """All that is true of one publication. `far`: above every count that is tried."""

    def __init__(self, content: dict[str, Any], far: int) -> None:
        """Bounds and rows as the definition has them."""
        self.rule, self.width = content["rule"], content["required_width"]
        self.steps = 0
        self.rows: list[Row] = []
        names = {*content["shown"], *content["known"]}
        for relation in content["relations"]:
            total, parts = relation["total"], relation["parts"]
            names |= {total, *parts}
            whole = {total: 1} | dict.fromkeys(parts, -1)
            if relation.get("op", "=") == "=":
                self.rows.append((whole, 0, 0))
            else:
                self.rows.append((whole, -FAR, 0))
                self.rows += [({total: 1, part: -1}, 0, FAR) for part in parts]
        bound = content.get("attacker_lower_bound", int(self.rule["zero_is_shown"]))
        self.domains: Domains = {}
        for name in sorted(names):
            value = content["shown"].get(name, -1)
            if name in content["known"]:
                count = content["known"][name]
                alike = value in (None, -1) or self._shown(count) == value
                self.domains[name] = (count, count) if alike else (1, 0)
            elif value is None:
                self.domains[name] = bound, far
            elif value == -1:
                self.domains[name] = 0, far
            else:
                alike = [n for n in range(far) if self._shown(n) == value]
                self.domains[name] = min(alike), max(alike)
        self.targets = sorted(set(content["withheld"]) | (names - set(content["shown"])))
        self.targets = [
            t for t in self.targets if t in content["shown"] or t not in content["known"]
        ]
        self.sets = self._connected(set(content["withheld"]) - set(content["known"]))

    def _shown(self, count: int) -> int | None:
        rule = self.rule
        if rule["round_to"] == 1:
            return count
        if count == 0 and rule["zero_is_shown"]:
            return 0
        if rule["suppress_lo"] <= count <= rule["suppress_hi"]:
            return None
        return (2 * count + rule["round_to"]) // (2 * rule["round_to"]) * rule["round_to"]

    def _connected(self, withheld: set[str]) -> list[set[str]]:
        found = [{name} for name in sorted(withheld)]
        for factors, _, _ in self.rows:
            met = [s for s in found if s & set(factors)]
            if met:
                found = [s for s in found if s not in met] + [set().union(*met)]
        return found

    # What the attacker believes, and what he can tell

    @property
    def possible(self) -> bool:
        """Whether any table fits."""
        return self._fits(self.domains, self.rows)

    def failing(self) -> list[set[str]]:
        """The set of cells that fail: one for each belief that the definition allows."""
        beliefs = [_narrowed(dict(domains), self.rows) for domains in self._beliefs()]
        return [
            {target for target in self.targets if self._fails(target, domains)}
            for domains in beliefs
            if domains is not None
        ]

    def _fails(self, target: str, domains: Domains) -> bool:
        low, high = self.rule["suppress_lo"], self.rule["suppress_hi"]
        candidates = range(domains[target][0], domains[target][1] + 1)
        least = next(n for n in candidates if self._can(target, n, n, domains))
        if least > high or self._can(target, least + self.width, domains[target][1], domains):
            return False
        return self._can(target, max(least, low), least + self.width, domains)

    def _can(self, target: str, low: int, high: int, domains: Domains) -> bool:
        low, high = max(low, domains[target][0]), min(high, domains[target][1])
        return low <= high and self._fits(domains | {target: (low, high)}, self.rows)

    def _beliefs(self) -> list[Domains]:
        if self.rule["round_to"] == 1:
            return [self.domains]
        able = [s for s in self.sets if self._fits(self._capped([s]), self.rows)]
        together = self._capped(able)
        if self._fits(together, self.rows):
            return [together]
        excess = 0
        while True:
            excess += 1
            let_go = [
                free
                for count in range(1, len(able) + 1)
                for free in combinations(range(len(able)), count)
                if self._exceeded(able, set(free), excess)
            ]
            if let_go:
                return [
                    self._capped([s for at, s in enumerate(able) if at not in free])
                    for free in let_go
                ]

    def _capped(self, sets: list[set[str]]) -> Domains:
        cap = self.rule["suppress_hi"]
        caps = {name: (low, min(high, cap)) for name, (low, high) in self.domains.items()}
        return self.domains | {name: caps[name] for s in sets for name in s}

    def _exceeded(self, able: list[set[str]], free: set[int], excess: int) -> bool:
        """Whether some table has so much excess in all, above zero in exactly the free sets."""
        domains = self._capped([s for at, s in enumerate(able) if at not in free])
        rows = list(self.rows)
        over: dict[str, int] = {}
        for at in sorted(free):
            own = {f"excess {name}": 1 for name in sorted(able[at])}
            rows.append((own, 1, FAR))
            over |= own
            for name in sorted(able[at]):
                rows.append(({name: 1, f"excess {name}": -1}, -FAR, self.rule["suppress_hi"]))
        rows.append((over, 0, excess))
        return self._fits(domains | dict.fromkeys(over, (0, excess)), rows)

    # Complete search

    def _fits(self, domains: Domains, rows: list[Row]) -> bool:
        """Narrow, split the smallest open domain, try every value."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooSlowError
        if any(low > high for low, high in domains.values()):
            return False
        narrowed = _narrowed(dict(domains), rows)
        if narrowed is None:
            return False
        open_ones = [(high - low, name) for name, (low, high) in narrowed.items() if high > low]
        if not open_ones:
            return True
        _, name = min(open_ones)
        low, high = narrowed[name]
        return any(self._fits(narrowed | {name: (n, n)}, rows) for n in range(low, high + 1))


def _narrowed(domains: Domains, rows: list[Row]) -> Domains | None:
    again = True
    while again:
        again = False
        for factors, bottom, top in rows:
            ends = {
                n: (domains[n][0], domains[n][1]) if f > 0 else (-domains[n][1], -domains[n][0])
                for n, f in factors.items()
            }
            least, most = sum(e[0] for e in ends.values()), sum(e[1] for e in ends.values())
            if least > top or most < bottom:
                return None
            for name, factor in factors.items():
                low = max(ends[name][0], bottom - (most - ends[name][1]))
                high = min(ends[name][1], top - (least - ends[name][0]))
                if low > high:
                    return None
                if (low, high) != ends[name]:
                    domains[name] = (low, high) if factor > 0 else (-high, -low)
                    again = True
    return domains
