"""Audit published packs as an attacker would, from nothing but their bytes.

Shares no code with the protection: it reads `datapackage.json` and `data/*.csv` of one pack or of
several whose recipients collude, rebuilds every cell and every relation from the declared
dimensions, and looks for a withheld count that can be told to within less than the required width.
It knows no true value and cannot tell primary cells from others, so it fails every withheld cell
with hi - lo < required_width, lo <= suppress_hi and hi >= suppress_lo.

To the attacker, withheld means at least one person and, where nothing published contradicts it, at
most `suppress_hi` people.

How sure it is: bounds by interval propagation are proved over integers. Components of up to
EXACT_COLUMNS counts are judged by integer programmes. Larger ones are judged by linear programmes:
their real bounds, rounded inwards, contain every integer table, so a failure is always a true one;
a count that real tables leave wide and only integrality would narrow is not found.
"""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import highspy
import numpy as np

REACH = 60.0
"""Sweeps follow a count at most this far above the first table found; further is not needed."""

FEASIBLE = 1e-6
"""A table whose rows are broken by no more than this fits what is published."""

SWEEP_SEED = 1
SLOW_SWEEPS = 6
SETTLED = 0.95
"""Sweeps go on until SLOW_SWEEPS in a row leave more than this share of the counts in doubt."""

EXACT_COLUMNS = 400
"""Counts in a component that is still judged by integer programmes."""

INFINITE = 10**12
UNITS = "units"
"""Counts of what is no record of a person; the rule is about them, and they add up everywhere."""
KINDS = ("records", "people", "sum", UNITS)
WHOLE = re.compile(r"0|[1-9][0-9]{0,11}")

CellId = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Failure:
    """One reason not to release: where, why, and the interval that can be deduced (if any)."""

    pack: str
    table: str
    cell: str
    reason: str
    lo: int | None = None
    hi: int | None = None

    def __str__(self) -> str:
        """One line for a log; holds no value beyond what the published files give away."""
        where = " ".join(part for part in (self.pack, self.table, self.cell) if part)
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class AuditResult:
    """All failures found, and what was looked at (packs, tables, cells, withheld, relations)."""

    failures: tuple[Failure, ...]
    counts: dict[str, int]

    @property
    def passed(self) -> bool:
        """Say whether nothing was found. An audit that saw no table has not passed."""
        return not self.failures and self.counts.get("tables", 0) > 0


class _MalformedError(Exception):
    """A pack cannot be read as the contract says."""


def _need(ok: bool, reason: str) -> None:
    if not ok:
        raise _MalformedError(reason)


# Reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rule:
    lo: int
    hi: int
    base: int
    width: int

    def interval(self, value: int) -> tuple[int, int] | None:
        """True counts that are shown as `value`, or None where no count is."""
        if value == 0:
            return 0, 0
        low = max(value - self.base // 2, self.hi + 1)
        high = value + (self.base - 1) // 2
        return (low, high) if value % self.base == 0 and low <= high else None


@dataclass(frozen=True)
class _Dimension:
    name: str
    levels: tuple[str, ...]
    total: str
    root: bool
    for_each: bool
    """The last level adds up to everything for each value of the one above it."""

    def depth(self, row: dict[str, str]) -> int:
        """Number of leading levels with a real value; the rest must carry the total marker."""
        depth = 0
        while depth < len(self.levels) and row[self.levels[depth]] != self.total:
            depth += 1
        _need(
            all(row[level] == self.total for level in self.levels[depth:]),
            f"{self.name}: a value stands below a total",
        )
        _need(depth > 0 or self.root, f"{self.name}: a total that is declared not published")
        whole = depth in (0, len(self.levels))
        _need(whole or not self.for_each, f"{self.name}: a value of its last level is missing")
        return depth

    def split(self, row: dict[str, str]) -> tuple[str, ...]:
        """The levels by which a row is a part of its total."""
        depth = self.depth(row)
        return self.levels[:depth] if self.for_each else self.levels[depth - 1 : depth]


@dataclass
class _Table:
    pack: str
    name: str
    rule: _Rule
    dimensions: tuple[_Dimension, ...]
    measures: dict[str, str]
    people_adds: frozenset[str]
    status: str
    scope: dict[str, Any]
    rows: list[dict[str, str]] = field(default_factory=list)


def _integer(value: Any, name: str, least: int) -> int:
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= least
    _need(ok, f"{name} must be a whole number from {least}")
    return int(value)


def _text(value: Any, name: str) -> str:
    _need(isinstance(value, str) and value != "", f"{name} must be a text")
    return str(value)


def _read_rule(spec: dict[str, Any]) -> _Rule:
    _need(spec.get("regime") == "rounded", "regime must be 'rounded'")
    rule = spec.get("rule")
    _need(isinstance(rule, dict), "rule is missing")
    assert isinstance(rule, dict)
    _need(rule.get("zero_is_shown") is True, "zero_is_shown must be true in this regime")
    found = _Rule(
        _integer(rule.get("suppress_lo"), "suppress_lo", 1),
        _integer(rule.get("suppress_hi"), "suppress_hi", 1),
        _integer(rule.get("round_to"), "round_to", 1),
        _integer(spec.get("required_width"), "required_width", 1),
    )
    _need(found.lo == 1, "suppress_lo must be 1 where zeros are shown")
    _need((found.base - 1) // 2 <= found.hi, "round_to would show small counts as 0")
    return found


def _read_dimensions(spec: dict[str, Any]) -> tuple[_Dimension, ...]:
    listed = spec.get("dimensions")
    _need(isinstance(listed, list) and len(listed) > 0, "dimensions are missing")
    found: list[_Dimension] = []
    assert isinstance(listed, list)
    for item in listed:
        _need(isinstance(item, dict), "a dimension is not an object")
        levels = item.get("levels")
        _need(isinstance(levels, list) and len(levels) > 0, "a dimension has no levels")
        root = item.get("root_is_published", True)
        for_each = item.get("adds_for_each", False)
        _need(isinstance(root, bool), "root_is_published must be true or false")
        _need(isinstance(for_each, bool), "adds_for_each must be true or false")
        _need(not for_each or len(levels) > 1, "adds_for_each needs two levels")
        found.append(
            _Dimension(
                _text(item.get("name"), "dimension name"),
                tuple(_text(level, "level") for level in levels),
                _text(item.get("total"), "total"),
                root,
                for_each,
            )
        )
    names = [d.name for d in found]
    levels = [level for d in found for level in d.levels]
    _need(len(set(names)) == len(names), "a dimension is declared twice")
    _need(len(set(levels)) == len(levels), "a level is declared twice")
    return tuple(found)


def _read_measures(
    spec: dict[str, Any], dimensions: tuple[_Dimension, ...]
) -> tuple[dict[str, str], frozenset[str]]:
    listed = spec.get("measures")
    _need(isinstance(listed, list) and len(listed) > 0, "measures are missing")
    assert isinstance(listed, list)
    names = {d.name for d in dimensions}
    kinds: dict[str, str] = {}
    people_adds: frozenset[str] = frozenset()
    for item in listed:
        _need(isinstance(item, dict), "a measure is not an object")
        name, kind = _text(item.get("name"), "measure name"), item.get("kind")
        _need(kind in KINDS, f"{name}: kind must be one of {', '.join(KINDS)}")
        _need(name not in kinds, f"{name}: declared twice")
        kinds[name] = str(kind)
        adds = item.get("adds_over")
        everywhere = adds == "all"
        some = isinstance(adds, list) and all(isinstance(a, str) and a in names for a in adds)
        _need(everywhere or some, f"{name}: adds_over must be 'all' or names of dimensions")
        if kind == "people":
            people_adds = frozenset(names if everywhere else adds or [])
        else:
            _need(everywhere, f"{name}: records and sums add over all dimensions")
    of_units = list(kinds.values()).count(UNITS)
    for kind in ("records", "people"):
        known = list(kinds.values()).count(kind) + of_units
        _need(known == 1, f"exactly one measure must be {kind}, or {UNITS} in place of both")
    return kinds, frozenset(names) if of_units else people_adds


def _read_scope(package: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
    scope = resource.get("scope", (package.get("safe_haven") or {}).get("scope"))
    _need(isinstance(scope, dict), "safe_haven.scope is missing")
    assert isinstance(scope, dict)
    _need(isinstance(scope.get("national"), bool), "scope.national must be true or false")
    for name, codes in scope.items():
        if name == "national":
            continue
        if name == "national_parts":
            _need(isinstance(codes, dict), "scope.national_parts must be an object")
            continue
        ok = isinstance(codes, list) and all(isinstance(code, str) for code in codes)
        _need(ok, f"scope.{name} must be a list of codes")
    return scope


def _read_pack(folder: Path, failures: list[Failure]) -> list[_Table]:
    """Read every table of one pack; whatever is malformed becomes a failure."""
    pack = folder.name if folder.name != "current" else str(folder)
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        _need(isinstance(package, dict), "datapackage.json is not an object")
        resources = package.get("resources")
        _need(isinstance(resources, list) and len(resources) > 0, "no resources")
    except (OSError, ValueError, _MalformedError) as problem:
        failures.append(Failure(pack, "", "", f"datapackage.json cannot be used: {problem}"))
        return []
    tables: list[_Table] = []
    listed: set[Path] = set()
    for resource in resources:
        name = str(resource.get("name")) if isinstance(resource, dict) else "?"
        try:
            _need(isinstance(resource, dict), "a resource is not an object")
            tables.append(_read_table(folder, pack, package, resource, listed))
        except (OSError, ValueError, _MalformedError) as problem:
            failures.append(Failure(pack, name, "", f"malformed: {problem}"))
    for path in sorted((folder / "data").glob("*.csv")):
        if path.resolve() not in listed:
            failures.append(Failure(pack, path.name, "", "a data file that is not declared"))
    return tables


def _read_table(
    folder: Path,
    pack: str,
    package: dict[str, Any],
    resource: dict[str, Any],
    listed: set[Path],
) -> _Table:
    name = _text(resource.get("name"), "resource name")
    path = folder / _text(resource.get("path"), "resource path")
    inside = folder.resolve() in path.resolve().parents
    _need(inside, "the path leaves the pack")
    listed.add(path.resolve())
    spec = resource.get("safe_haven")
    _need(isinstance(spec, dict), "safe_haven is missing")
    assert isinstance(spec, dict)
    dimensions = _read_dimensions(spec)
    measures, people_adds = _read_measures(spec, dimensions)
    status = _text(spec.get("status"), "status")
    table = _Table(
        pack,
        name,
        _read_rule(spec),
        dimensions,
        measures,
        people_adds,
        status,
        _read_scope(package, spec),
    )
    known = [level for d in dimensions for level in d.levels] + [*measures, status]
    fields = (resource.get("schema") or {}).get("fields")
    _need(isinstance(fields, list) and len(fields) > 0, "schema.fields is missing")
    declared = [f.get("name") if isinstance(f, dict) else None for f in fields]
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        header = next(reader, [])
        _need(len(set(known)) == len(known), "a column has two roles")
        _need(header == declared, "the header differs from schema.fields")
        _need(sorted(header) == sorted(known), "a column is neither dimension, measure nor status")
        for number, values in enumerate(reader, start=2):
            _need(len(values) == len(header), f"line {number} has {len(values)} values")
            table.rows.append(dict(zip(header, values, strict=True)))
    return table


# Rows to cells ----------------------------------------------------------------------------------


@dataclass
class _Cell:
    """One sub-population: where it was first read, and intervals for (records, people)."""

    pack: str
    table: str
    label: str
    withheld: bool
    shown: dict[str, int]
    low: list[int]
    high: list[int]


def _read_row(table: _Table, row: dict[str, str]) -> tuple[CellId, bool, dict[str, int]]:
    """Check one row by itself. Returns its cell, whether it is withheld, and the shown counts."""
    coordinates: list[tuple[str, str]] = []
    for dimension in table.dimensions:
        depth = dimension.depth(row)
        for level in dimension.levels:
            _need(row[level] != "", f"{level} is empty; an absent category must have a code")
        coordinates += [(level, row[level]) for level in dimension.levels[:depth]]
    status = row[table.status]
    _need(status in ("shown", "withheld"), f"status is {status!r}")
    shown: dict[str, int] = {}
    for measure, kind in table.measures.items():
        text = row[measure]
        if status == "withheld":
            _need(text == "", f"a withheld row carries a number in {measure}")
            continue
        _need(WHOLE.fullmatch(text) is not None, f"{measure} is not a whole number")
        value = int(text)
        _need(value % table.rule.base == 0, f"{measure} is not a multiple of {table.rule.base}")
        if kind != "sum":
            _need(
                table.rule.interval(value) is not None,
                f"{measure} shows a count that must be withheld",
            )
            shown["people" if kind == UNITS else kind] = value
    if len(shown) > 1:
        _need(
            (shown["records"] == 0) == (shown["people"] == 0),
            "records and people must be zero together",
        )
    return tuple(sorted(coordinates)), status == "withheld", shown


@dataclass
class _Relation:
    """total = parts (records always; people where they add); `complete` if no part is unseen."""

    total: int
    parts: list[int]
    people_add: bool
    complete: bool


class _Release:
    """Everything that was published, joined: cells by sub-population, and their relations."""

    def __init__(self, tables: Sequence[_Table], failures: list[Failure]) -> None:
        self.failures = failures
        self.cells: list[_Cell] = []
        self.number: dict[CellId, int] = {}
        self.relations: list[_Relation] = []
        self.places: dict[tuple[_Dimension, ...], dict[CellId, tuple[int, dict[str, str]]]] = {}
        self.scopes: dict[tuple[_Dimension, ...], list[dict[str, Any]]] = {}
        self.people_adds: dict[tuple[_Dimension, ...], frozenset[str]] = {}
        for table in tables:
            self._take(table)
        for group in self.places:
            self._relate(group)

    def _take(self, table: _Table) -> None:
        group = table.dimensions
        places = self.places.setdefault(group, {})
        self.scopes.setdefault(group, []).append(table.scope)
        if self.people_adds.setdefault(group, table.people_adds) != table.people_adds:
            self._fail(table, "", "two tables disagree on where people add")
        seen: set[CellId] = set()
        for line, row in enumerate(table.rows, start=2):
            try:
                cell_id, withheld, shown = _read_row(table, row)
                _need(cell_id not in seen, "the cell occurs twice in the table")
                seen.add(cell_id)
                _need(self._covered(group, row, [table.scope]), "outside the declared scope")
            except _MalformedError as problem:
                self._fail(table, f"line {line}", str(problem))
                continue
            number = self._cell(table, cell_id, withheld, shown)
            places[cell_id] = (number, row)

    def _cell(self, table: _Table, cell_id: CellId, withheld: bool, shown: dict[str, int]) -> int:
        label = ", ".join(f"{level}={value}" for level, value in cell_id) or "everything"
        known = self.number.get(cell_id)
        if known is not None:
            cell = self.cells[known]
            if cell.withheld != withheld or cell.shown != shown:
                self._fail(table, label, f"differs from {cell.pack} {cell.table}")
            return known
        intervals = [self._interval(table, withheld, shown, kind) for kind in ("records", "people")]
        self.number[cell_id] = len(self.cells)
        self.cells.append(
            _Cell(
                table.pack,
                table.name,
                label,
                withheld,
                shown,
                [low for low, _ in intervals],
                [high for _, high in intervals],
            )
        )
        return len(self.cells) - 1

    @staticmethod
    def _interval(
        table: _Table, withheld: bool, shown: dict[str, int], kind: str
    ) -> tuple[int, int]:
        """What a count may be. Records behind units are not told, so they may be any number."""
        if withheld:
            return 1, INFINITE
        if kind not in shown:
            return (1, INFINITE) if any(shown.values()) else (0, 0)
        return table.rule.interval(shown[kind]) or (0, 0)

    def _fail(self, table: _Table, cell: str, reason: str) -> None:
        self.failures.append(Failure(table.pack, table.name, cell, reason))

    # Scope ------------------------------------------------------------------------------------

    @staticmethod
    def _scoped(group: Iterable[_Dimension], scopes: list[dict[str, Any]]) -> set[str]:
        named = {name for scope in scopes for name in scope}
        return {d.name for d in group if named.intersection(d.levels)}

    def _in_scope(
        self, dimension: _Dimension, row: dict[str, str], scopes: list[dict[str, Any]]
    ) -> bool:
        """Say whether all rows under one value of a scoped dimension were published."""
        depth = dimension.depth(row)
        if depth == 0:
            return any(scope["national"] for scope in scopes)
        return any(
            row[level] in scope.get(level, [])
            for scope in scopes
            for level in dimension.levels[:depth]
        )

    def _covered(
        self, group: tuple[_Dimension, ...], row: dict[str, str], scopes: list[dict[str, Any]]
    ) -> bool:
        scoped = self._scoped(group, scopes)
        if not scoped:
            return any(scope["national"] for scope in scopes)
        return all(self._in_scope(d, row, scopes) for d in group if d.name in scoped)

    def _all_parts_seen(
        self,
        group: tuple[_Dimension, ...],
        dimension: _Dimension,
        row: dict[str, str],
        scopes: list[dict[str, Any]],
    ) -> bool:
        """Say whether a part that is not there is a zero (True) or just not ours (False)."""
        if not self._covered(group, row, scopes):
            return False
        if dimension.name not in self._scoped(group, scopes) or dimension.depth(row) > 0:
            return True
        level = dimension.levels[0]
        needed: set[str] = set()
        for scope in scopes:
            needed.update((scope.get("national_parts") or {}).get(level, []))
        held = {code for scope in scopes for code in scope.get(level, [])}
        return bool(needed) and needed <= held

    # Relations --------------------------------------------------------------------------------

    def _relate(self, group: tuple[_Dimension, ...]) -> None:
        places, scopes = self.places[group], self.scopes[group]
        for dimension in group:
            parts: dict[tuple[CellId, str], list[int]] = {}
            example: dict[tuple[CellId, str], dict[str, str]] = {}
            for cell_id, (number, row) in places.items():
                depth = dimension.depth(row)
                if depth == 0 or (depth == 1 and not dimension.root):
                    continue
                split = dimension.split(row)
                above = tuple(pair for pair in cell_id if pair[0] not in split)
                key = above, row[split[0]] if dimension.for_each else ""
                parts.setdefault(key, []).append(number)
                example.setdefault(key, {**row, **dict.fromkeys(split, dimension.total)})
            totals = {above for above, _ in parts}
            for (above, each), numbers in parts.items():
                place = places.get(above)
                if place is None:
                    if self._covered(group, example[above, each], scopes):
                        self._missing(numbers[0], f"its total over {dimension.name} is missing")
                    continue
                complete = self._all_parts_seen(group, dimension, place[1], scopes)
                adds = dimension.name in self.people_adds[group]
                self.relations.append(_Relation(place[0], numbers, adds, complete))
            for cell_id, (number, row) in places.items():
                if dimension.depth(row) == len(dimension.levels) or cell_id in totals:
                    continue
                empty = self.cells[number].high[0] == 0
                if not empty and self._all_parts_seen(group, dimension, row, scopes):
                    self._missing(number, f"its parts over {dimension.name} are missing")

    def _missing(self, number: int, reason: str) -> None:
        cell = self.cells[number]
        self.failures.append(Failure(cell.pack, cell.table, cell.label, reason))

    def components(self) -> list[tuple[list[int], list[_Relation]]]:
        """Cells that relations join, with those relations; single cells included."""
        leader = {cell: cell for cell in range(len(self.cells))}
        for relation in self.relations:
            for part in relation.parts:
                leader[_leader(leader, part)] = _leader(leader, relation.total)
        cells: dict[int, list[int]] = {}
        relations: dict[int, list[_Relation]] = {}
        for cell in range(len(self.cells)):
            cells.setdefault(_leader(leader, cell), []).append(cell)
        for relation in self.relations:
            relations.setdefault(_leader(leader, relation.total), []).append(relation)
        return [(cells[key], relations.get(key, [])) for key in cells]


def _leader(leader: dict[int, int], cell: int) -> int:
    """The cell that stands for all that were joined to this one; shortens the way there."""
    while leader[cell] != cell:
        leader[cell] = leader[leader[cell]]
        cell = leader[cell]
    return cell


# The attack -------------------------------------------------------------------------------------


class _ContradictionError(Exception):
    """No table of counts fits what was published."""


class _UndecidedError(Exception):
    """The solver could not say; that is never read as "infeasible" nor as "safe"."""


@dataclass(frozen=True)
class _Row:
    """low <= sum of factor * variable <= high; variable 2i = records, 2i + 1 = people of cell i."""

    terms: tuple[tuple[int, int], ...]
    low: int
    high: int


def _rows_of(relations: Sequence[_Relation], local: dict[int, int]) -> list[_Row]:
    """Write relations as rows over the variables of one component."""
    rows: list[_Row] = []
    for relation in relations:
        total = local[relation.total]
        parts = sorted(local[part] for part in relation.parts)
        for people in (0, 1):
            whole = 2 * total + people
            terms = ((whole, 1), *((2 * part + people, -1) for part in parts))
            adds = not people or relation.people_add
            if adds:
                rows.append(_Row(terms, 0, 0 if relation.complete else INFINITE))
                continue
            if relation.complete:
                rows.append(_Row(terms, -INFINITE, 0))
            rows += [_Row(((whole, 1), (2 * part + 1, -1)), 0, INFINITE) for part in parts]
    rows += [_Row(((2 * cell, 1), (2 * cell + 1, -1)), 0, INFINITE) for cell in local.values()]
    return rows


class _Attack:
    """All an attacker can do with one component."""

    def __init__(self, cells: Sequence[_Cell], relations: Sequence[_Relation], rule: _Rule) -> None:
        """Set up the variables; `relations` name cells by their place in `cells`."""
        self.cells, self.relations, self.rule = cells, relations, rule
        self.size = 2 * len(cells)
        # Stands for "no upper bound": nothing published can force a count this high.
        self.plenty = 1000 + sum(h for cell in cells for h in cell.high if h < INFINITE)
        self.rows = _rows_of(relations, {i: i for i in range(len(cells))})
        self.rows_with: list[list[int]] = [[] for _ in range(self.size)]
        for number, row in enumerate(self.rows):
            for variable, _ in row.terms:
                self.rows_with[variable].append(number)
        self.hidden = [cell for cell in range(len(cells)) if cells[cell].withheld]

    def run(self) -> list[tuple[int, str, int, int]]:
        """Return (cell, measure, lo, hi) for every withheld count that is too narrow."""
        if not self.hidden:
            self._tighten(*self._bounds(set()))
            return []
        capped = self._believable_caps()
        self.low, self.high = self._bounds(capped)
        self._tighten(self.low, self.high)
        narrow = [v for v in self._suspects() if self._is_narrow(self.low[v], self.high[v])]
        found = {v: (self.low[v], self.high[v]) for v in narrow}
        rest = [v for v in self._suspects() if v not in found]
        if rest:
            self.low_array = np.array(self.low, dtype=float)
            self.high_array = np.array(self.high, dtype=float)
            judge = self._exact if self.size <= EXACT_COLUMNS else self._search
            found.update(judge(rest))
        return [
            (v // 2, "people" if v % 2 else "records", low, high)
            for v, (low, high) in sorted(found.items())
        ]

    # Bounds -----------------------------------------------------------------------------------

    def _bounds(self, capped: set[int]) -> tuple[list[int], list[int]]:
        low = [bound for cell in self.cells for bound in cell.low]
        high = [min(bound, self.plenty) for cell in self.cells for bound in cell.high]
        for cell in capped:
            high[2 * cell + 1] = self.rule.hi
        return low, high

    def _tighten(self, low: list[int], high: list[int]) -> None:
        """Propagate intervals through rows, in place, until nothing moves."""
        waiting = deque(range(len(self.rows)))
        queued = [True] * len(self.rows)
        while waiting:
            number = waiting.popleft()
            queued[number] = False
            for variable in self._through(self.rows[number], low, high):
                if low[variable] > high[variable]:
                    raise _ContradictionError
                for other in self.rows_with[variable]:
                    if not queued[other]:
                        queued[other] = True
                        waiting.append(other)

    @staticmethod
    def _through(row: _Row, low: list[int], high: list[int]) -> list[int]:
        least = most = 0
        for variable, factor in row.terms:
            least += factor * (low if factor > 0 else high)[variable]
            most += factor * (high if factor > 0 else low)[variable]
        changed: list[int] = []
        for variable, factor in row.terms:
            up, down = high[variable], low[variable]
            span = up - down
            # What the row leaves for factor * variable once the others are at their ends.
            if row.high < INFINITE:
                room = row.high - least + factor * (down if factor > 0 else up)
                if factor > 0 and room < up:
                    high[variable] = room
                elif factor < 0 and -room > down:
                    low[variable] = -room
            if row.low > -INFINITE:
                room = row.low - most + factor * (up if factor > 0 else down)
                if factor > 0 and room > low[variable]:
                    low[variable] = room
                elif factor < 0 and -room < high[variable]:
                    high[variable] = -room
            if high[variable] - low[variable] != span:
                changed.append(variable)
        return changed

    def _suspects(self) -> list[int]:
        """Withheld counts that could be small, as far as propagation can tell."""
        return [
            variable
            for cell in self.hidden
            for variable in (2 * cell, 2 * cell + 1)
            if self.low[variable] <= self.rule.hi
        ]

    def _is_narrow(self, low: int, high: int) -> bool:
        return high - low < self.rule.width and low <= self.rule.hi and high >= self.rule.lo

    # Who is believed to have at most suppress_hi people

    def _believable_caps(self) -> set[int]:
        low, high = self._bounds(set())
        self._tighten(low, high)
        large = [cell for cell in self.hidden if low[2 * cell + 1] > self.rule.hi]
        freed = set(large)
        for relation in self.relations:
            members = {relation.total, *relation.parts}
            if not members.isdisjoint(large):
                freed |= members
        capped = set(self.hidden) - freed
        if self._possible(capped):
            return capped
        believed: set[int] = set()
        for component in self._hidden_components(capped):
            if self._possible(component):
                believed |= component
        if self._possible(believed):
            return believed
        if not self._possible(set()):
            raise _ContradictionError
        return set()

    def _possible(self, capped: set[int]) -> bool:
        low, high = self._bounds(capped)
        try:
            self._tighten(low, high)
        except _ContradictionError:
            return False
        program = _Program(self, np.array(low, float), np.array(high, float))
        self.base = program.solve({}, whole=self.size <= EXACT_COLUMNS)
        return self.base is not None

    def _hidden_components(self, capped: set[int]) -> list[set[int]]:
        around: dict[int, set[int]] = {cell: set() for cell in capped}
        for relation in self.relations:
            members = [c for c in (relation.total, *relation.parts) if c in capped]
            for cell in members:
                around[cell].update(members)
        found: list[set[int]] = []
        left = set(capped)
        while left:
            start = min(left)
            component, waiting = {start}, [start]
            while waiting:
                for other in around[waiting.pop()] - component:
                    component.add(other)
                    waiting.append(other)
            left -= component
            found.append(component)
        return found

    # Small components: integer programmes

    def _exact(self, suspects: list[int]) -> dict[int, tuple[int, int]]:
        program = _Program(self, self.low_array, self.high_array)
        least: dict[int, float] = {}
        most: dict[int, float] = {}
        found: dict[int, tuple[int, int]] = {}
        for variable in suspects:
            for side in (-1.0, 1.0):
                if most.get(variable, 0) - least.get(variable, 0) >= self.rule.width and least:
                    break
                point = program.solve({variable: side}, whole=True)
                if point is None:
                    raise _ContradictionError
                for other in suspects:
                    least[other] = min(least.get(other, INFINITE), point[other])
                    most[other] = max(most.get(other, -INFINITE), point[other])
            low, high = round(least[variable]), round(most[variable])
            if self._is_narrow(low, high):
                found[variable] = (low, high)
        return found

    # Large components: linear programmes

    def _search(self, suspects: list[int]) -> dict[int, tuple[int, int]]:
        point = self.base
        if point is None:
            raise _ContradictionError
        self.least, self.most = point.copy(), point.copy()
        self._sweep(suspects)
        found: dict[int, tuple[int, int]] = {}
        program = _Program(self, self.low_array, self.high_array)
        for variable in suspects:
            if self._wide(variable):
                continue
            for side in (-1.0, 1.0):
                solved = program.solve({variable: side}, whole=False)
                if solved is None:
                    raise _ContradictionError
                self._see(solved)
            low = int(np.ceil(self.least[variable] - 1e-6))
            high = int(np.floor(self.most[variable] + 1e-6))
            if self._is_narrow(low, high):
                found[variable] = (low, high)
        return found

    def _sweep(self, suspects: list[int]) -> None:
        """Push all counts in doubt to random sides at once, as long as that settles many."""
        near = np.minimum(self.high_array, self.least + REACH)
        program = _Program(self, self.low_array, near)
        random = np.random.default_rng(SWEEP_SEED)
        slow = 0
        doubtful = [v for v in suspects if not self._wide(v)]
        while doubtful and slow < SLOW_SWEEPS:
            # One side per cell: its records and people mostly move together.
            sides = random.choice([-1.0, 1.0], len(self.cells))
            weights = sides[np.array(doubtful) // 2] * random.uniform(0.5, 1.5, len(doubtful))
            for side in (1.0, -1.0):
                aims = dict(zip(doubtful, (side * weights).tolist(), strict=True))
                solved = program.try_to_solve(aims)
                if solved is not None:
                    self._see(solved)
            left = [v for v in doubtful if not self._wide(v)]
            slow = slow + 1 if len(left) > SETTLED * len(doubtful) else 0
            doubtful = left

    def _wide(self, variable: int) -> bool:
        low = np.ceil(self.least[variable] - 1e-6)
        high = np.floor(self.most[variable] + 1e-6)
        return bool(high - low >= self.rule.width)

    def _see(self, values: np.ndarray) -> None:
        self.least = np.minimum(self.least, values)
        self.most = np.maximum(self.most, values)


class _Program:
    """Linear or integer programme over all counts of a component, within bounds."""

    def __init__(self, attack: _Attack, low: np.ndarray, high: np.ndarray) -> None:
        starts, index, value, row_low, row_high = [0], [], [], [], []
        for row in attack.rows:
            least = most = 0.0
            for variable, factor in row.terms:
                ends = factor * low[variable], factor * high[variable]
                least, most = least + min(ends), most + max(ends)
            bottom = row.low if row.low > -INFINITE else -highspy.kHighsInf
            top = row.high if row.high < INFINITE else highspy.kHighsInf
            if least >= bottom and most <= top:
                continue
            index += [variable for variable, _ in row.terms]
            value += [factor for _, factor in row.terms]
            starts.append(len(index))
            row_low.append(bottom)
            row_high.append(top)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = attack.size, len(row_low)
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_, lp.col_upper_ = low, high
        lp.row_lower_, lp.row_upper_ = np.array(row_low), np.array(row_high)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(value, dtype=float)
        self.lp = lp
        self.method = "ipm" if lp.num_col_ > EXACT_COLUMNS else "choose"
        self.solvers: dict[bool, highspy.Highs] = {}

    def try_to_solve(self, aims: dict[int, float]) -> np.ndarray | None:
        """A table of real counts pushed towards the aims; None where the solver gave none.

        It need not be the furthest one: any table that fits what is published will do.
        """
        solver = self._aimed(aims, whole=False)
        solver.run()
        if solver.getInfo().max_primal_infeasibility > FEASIBLE:
            return None
        return np.array(solver.getSolution().col_value)

    def solve(self, aims: dict[int, float], whole: bool) -> np.ndarray | None:
        """Maximise a weighted sum of counts.

        None where it is proved that nothing feasible exists; raises _UndecidedError where the
        solver cannot tell, so that giving up never weakens the attacker nor passes a cell.
        """
        solver = self._aimed(aims, whole)
        solver.run()
        status = solver.getModelStatus()
        decided = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        if status not in decided and not whole:
            # Interior point may stop undecided; the simplex method is slower and says.
            solver.clearSolver()
            solver.setOptionValue("solver", "simplex")
            solver.run()
            status = solver.getModelStatus()
            solver.setOptionValue("solver", self.method)
        if status not in decided:
            raise _UndecidedError
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        return np.array(solver.getSolution().col_value)

    def _aimed(self, aims: dict[int, float], whole: bool) -> highspy.Highs:
        if whole not in self.solvers:
            solver = highspy.Highs()
            for name, setting in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
                solver.setOptionValue(name, setting)
            if whole:
                self.lp.integrality_ = [highspy.HighsVarType.kInteger] * self.lp.num_col_
                solver.setOptionValue("mip_rel_gap", 0.0)
                solver.setOptionValue("mip_abs_gap", 0.5)
            else:
                solver.setOptionValue("solver", self.method)
                solver.setOptionValue("run_crossover", "off")
            solver.passModel(self.lp)
            self.solvers[whole] = solver
        cost = np.zeros(self.lp.num_col_)
        for variable, weight in aims.items():
            cost[variable] = weight
        self.solvers[whole].changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)
        return self.solvers[whole]


# The audit --------------------------------------------------------------------------------------


def audit_packs(
    folders: Sequence[Path], progress: Callable[[str], None] | None = None
) -> AuditResult:
    """Audit pack folders together, as if their recipients pooled all they were given.

    Returns every failure found, in a fixed order. Never raises for what a pack holds: whatever
    cannot be read as declared is a failure.
    """
    failures: list[Failure] = []
    tables = [table for folder in folders for table in _read_pack(Path(folder), failures)]
    counts = {"packs": len(folders), "tables": len(tables)}
    rules = {table.rule for table in tables}
    if len(rules) > 1:
        failures.append(Failure("", "", "", "the packs do not carry one and the same rule"))
    if not tables or len(rules) != 1:
        return AuditResult(tuple(failures), counts)
    release = _Release(tables, failures)
    counts["cells"] = len(release.cells)
    counts["withheld"] = sum(cell.withheld for cell in release.cells)
    counts["relations"] = len(release.relations)
    if not failures:
        components = release.components()
        rule = rules.copy().pop()

        def one(component: tuple[list[int], list[_Relation]]) -> list[Failure]:
            found = _attack(release, component[0], component[1], rule)
            if progress and len(component[0]) > 1:
                progress(f"{len(component[0])} cells of {len(components)} components audited")
            return found

        # The solver works outside Python's lock.
        with ThreadPoolExecutor(max_workers=2) as pool:
            for found in pool.map(one, components):
                failures += found
    return AuditResult(tuple(failures), counts)


def _attack(
    release: _Release, cells: list[int], relations: list[_Relation], rule: _Rule
) -> list[Failure]:
    first = release.cells[cells[0]]
    try:
        members, own, names = _joined(release, cells, relations)
        narrow = _Attack(members, own, rule).run()
    except _ContradictionError:
        reason = "published values contradict each other"
        return [Failure(first.pack, first.table, first.label, reason)]
    except _UndecidedError:
        reason = "the solver could not decide this component; treated as unsafe"
        return [Failure(first.pack, first.table, first.label, reason)]
    found: list[Failure] = []
    for at, measure, low, high in narrow:
        reason = f"withheld {measure} can be told: {low} to {high}, narrower than {rule.width}"
        for cell in names[at]:
            if cell.withheld:
                found.append(Failure(cell.pack, cell.table, cell.label, reason, low, high))
    return found


def _joined(
    release: _Release, cells: list[int], relations: list[_Relation]
) -> tuple[list[_Cell], list[_Relation], list[list[_Cell]]]:
    """A component in which a total and its only part are one cell, and all names of every cell.

    Relations name cells by their place in the list. What is known of either is known of both, so
    a withheld cell is told where its double is shown.
    """
    leader = {cell: cell for cell in cells}
    for relation in relations:
        if relation.complete and len(relation.parts) == 1:
            pair = _leader(leader, relation.total), _leader(leader, relation.parts[0])
            leader[max(pair)] = min(pair)
    heads = sorted({_leader(leader, cell) for cell in cells})
    number = {head: at for at, head in enumerate(heads)}
    place = {cell: number[_leader(leader, cell)] for cell in cells}
    names: list[list[_Cell]] = [[] for _ in heads]
    for cell in cells:
        names[place[cell]].append(release.cells[cell])
    distinct: dict[tuple[int, tuple[int, ...], bool, bool], _Relation] = {}
    for relation in relations:
        total, parts = place[relation.total], sorted(place[part] for part in relation.parts)
        if parts != [total]:
            key = total, tuple(parts), relation.people_add, relation.complete
            distinct[key] = _Relation(total, parts, relation.people_add, relation.complete)
    return [_as_one(doubles) for doubles in names], list(distinct.values()), names


def _as_one(doubles: list[_Cell]) -> _Cell:
    low = [max(ends) for ends in zip(*(cell.low for cell in doubles), strict=True)]
    high = [min(ends) for ends in zip(*(cell.high for cell in doubles), strict=True)]
    if any(least > most for least, most in zip(low, high, strict=True)):
        raise _ContradictionError
    return replace(doubles[0], withheld=any(cell.withheld for cell in doubles), low=low, high=high)
