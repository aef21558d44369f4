"""Audit published packs as an attacker would, from nothing but their bytes.

Shares no code with the protection: it reads `datapackage.json` and `data/*.csv` of one pack or of
several whose recipients collude, rebuilds every cell and every relation from the declared
dimensions, and looks for a withheld count that can be told to within less than the required width.
It knows no true value and cannot tell primary cells from others, so it fails every withheld cell
with hi - lo < required_width, lo <= suppress_hi and hi >= suppress_lo.

To the attacker, withheld means at least one person and, where nothing published contradicts it, at
most `suppress_hi` people. The attack itself is that on any publication (safe_haven/audit): a column
for the people of each cell, and one for its records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from safe_haven.audit.attack import audit_published
from safe_haven.audit.protected import INFINITE, Published, PublishedError, Rule
from safe_haven.audit.report import Finding
from safe_haven.disclosure.packs import (
    UNITS,
    Dimension,
    Failure,
    MalformedError,
    Table,
    need,
    read_pack,
)

WHOLE = re.compile(r"0|[1-9][0-9]{0,11}")
PEOPLE, RECORDS = "people", "records"

CellId = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class AuditResult:
    """All failures found, and what was looked at (packs, tables, cells, withheld, relations)."""

    failures: tuple[Failure, ...]
    counts: dict[str, int]

    @property
    def passed(self) -> bool:
        """Say whether nothing was found. An audit that saw no table has not passed."""
        return not self.failures and self.counts.get("tables", 0) > 0


def audit_packs(
    folders: Sequence[Path], progress: Callable[[str], None] | None = None
) -> AuditResult:
    """Audit pack folders together, as if their recipients pooled all they were given.

    Returns every failure found, in a fixed order. Never raises for what a pack holds: whatever
    cannot be read as declared is a failure.
    """
    failures: list[Failure] = []
    tables = [table for folder in folders for table in read_pack(Path(folder), failures)]
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
        failures += _attack(release, rules.pop(), progress)
    return AuditResult(tuple(failures), counts)


def _attack(release: _Release, rule: Rule, progress: Callable[[str], None] | None) -> list[Failure]:
    published, columns = _published(release, rule)
    try:
        report = audit_published(published, progress, _not_beside_large)
    except PublishedError as problem:
        return [Failure("", "", "", str(problem))]
    withheld = np.flatnonzero(published.withheld).tolist()
    return [
        _failure(release.cells[columns[column][0]], columns[column][1], finding, rule)
        for column, finding in zip(withheld, report.findings, strict=True)
        if finding.fails
    ]


def _failure(cell: _Cell, measure: str, finding: Finding, rule: Rule) -> Failure:
    where = cell.pack, cell.table, cell.label
    if finding.by == "undecided":
        return Failure(*where, f"withheld {measure}: {finding.reason}")
    reason = f"withheld {measure} can be told: {finding.low} to {finding.high}"
    reason += f", narrower than {rule.required_width}"
    return Failure(*where, reason, finding.low, finding.high)


# Rows to cells ----------------------------------------------------------------------------------


@dataclass
class _Cell:
    """One sub-population: where it was first read, and its shown counts; `units`: of no people."""

    pack: str
    table: str
    label: str
    units: bool
    withheld: bool
    shown: dict[str, int]


def _read_row(table: Table, row: dict[str, str]) -> tuple[CellId, bool, dict[str, int]]:
    """Check one row by itself. Returns its cell, whether it is withheld, and the shown counts."""
    coordinates: list[tuple[str, str]] = []
    for dimension in table.dimensions:
        depth = dimension.depth(row)
        for level in dimension.levels:
            need(row[level] != "", f"{level} is empty; an absent category must have a code")
        coordinates += [(level, row[level]) for level in dimension.levels[:depth]]
    status = row[table.status]
    need(status in ("shown", "withheld"), f"status is {status!r}")
    shown: dict[str, int] = {}
    for measure, kind in table.measures.items():
        text = row[measure]
        if status == "withheld":
            need(text == "", f"a withheld row carries a number in {measure}")
            continue
        need(WHOLE.fullmatch(text) is not None, f"{measure} is not a whole number")
        value = int(text)
        need(
            value % table.rule.round_to == 0,
            f"{measure} is not a multiple of {table.rule.round_to}",
        )
        if kind != "sum":
            need(
                table.rule.interval(value) is not None,
                f"{measure} shows a count that must be withheld",
            )
            shown[PEOPLE if kind == UNITS else kind] = value
    if len(shown) > 1:
        need(
            (shown[RECORDS] == 0) == (shown[PEOPLE] == 0),
            "records and people must be zero together",
        )
    return tuple(sorted(coordinates)), status == "withheld", shown


_Group = tuple[bool, tuple[Dimension, ...]]
"""Tables of the same dimensions, of units or of people: rows of one are rows of all."""


@dataclass
class _Relation:
    """total = parts (records always; people where they add); `complete` if no part is unseen."""

    total: int
    parts: list[int]
    people_add: bool
    complete: bool


class _Release:
    """Everything that was published, joined: cells by sub-population, and their relations."""

    def __init__(self, tables: Sequence[Table], failures: list[Failure]) -> None:
        self.failures = failures
        self.cells: list[_Cell] = []
        self.number: dict[tuple[bool, CellId], int] = {}
        self.relations: list[_Relation] = []
        self.places: dict[_Group, dict[CellId, tuple[int, dict[str, str]]]] = {}
        self.scopes: dict[_Group, list[dict[str, Any]]] = {}
        self.people_adds: dict[_Group, frozenset[str]] = {}
        taken: set[bytes] = set()
        for table in tables:
            if table.digest not in taken:
                self._take(table)
            taken.add(table.digest)
        for group in self.places:
            self._relate(group)

    def _take(self, table: Table) -> None:
        units = UNITS in table.measures.values()
        group = units, table.dimensions
        places = self.places.setdefault(group, {})
        self.scopes.setdefault(group, []).append(table.scope)
        if self.people_adds.setdefault(group, table.people_adds) != table.people_adds:
            self._fail(table, "", "two tables disagree on where people add")
        seen: set[CellId] = set()
        for line, row in enumerate(table.rows, start=2):
            try:
                cell_id, withheld, shown = _read_row(table, row)
                need(cell_id not in seen, "the cell occurs twice in the table")
                seen.add(cell_id)
                covered = self._covered(table.dimensions, row, [table.scope])
                need(covered, "outside the declared scope")
            except MalformedError as problem:
                self._fail(table, f"line {line}", str(problem))
                continue
            number = self._cell(table, cell_id, units, withheld, shown)
            places[cell_id] = (number, row)

    def _cell(
        self, table: Table, cell_id: CellId, units: bool, withheld: bool, shown: dict[str, int]
    ) -> int:
        label = ", ".join(f"{level}={value}" for level, value in cell_id) or "everything"
        known = self.number.setdefault((units, cell_id), len(self.cells))
        if known == len(self.cells):
            self.cells.append(_Cell(table.pack, table.name, label, units, withheld, shown))
            return known
        cell = self.cells[known]
        if cell.withheld != withheld or cell.shown != shown:
            self._fail(table, label, f"differs from {cell.pack} {cell.table}")
        return known

    def _fail(self, table: Table, cell: str, reason: str) -> None:
        self.failures.append(Failure(table.pack, table.name, cell, reason))

    # Scope ------------------------------------------------------------------------------------

    @staticmethod
    def _scoped(group: Iterable[Dimension], scopes: list[dict[str, Any]]) -> set[str]:
        named = {name for scope in scopes for name in scope}
        return {d.name for d in group if named.intersection(d.levels)}

    def _in_scope(
        self, dimension: Dimension, row: dict[str, str], scopes: list[dict[str, Any]]
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
        self, group: tuple[Dimension, ...], row: dict[str, str], scopes: list[dict[str, Any]]
    ) -> bool:
        scoped = self._scoped(group, scopes)
        if not scoped:
            return any(scope["national"] for scope in scopes)
        return all(self._in_scope(d, row, scopes) for d in group if d.name in scoped)

    def _all_parts_seen(
        self,
        group: tuple[Dimension, ...],
        dimension: Dimension,
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

    def _relate(self, group: _Group) -> None:
        places, scopes = self.places[group], self.scopes[group]
        _, dimensions = group
        for dimension in dimensions:
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
                    if self._covered(dimensions, example[above, each], scopes):
                        self._missing(numbers[0], f"its total over {dimension.name} is missing")
                    continue
                complete = self._all_parts_seen(dimensions, dimension, place[1], scopes)
                adds = dimension.name in self.people_adds[group]
                self.relations.append(_Relation(place[0], numbers, adds, complete))
            for cell_id, (number, row) in places.items():
                if dimension.depth(row) == len(dimension.levels) or cell_id in totals:
                    continue
                cell = self.cells[number]
                empty = not cell.withheld and not any(cell.shown.values())
                if not empty and self._all_parts_seen(dimensions, dimension, row, scopes):
                    self._missing(number, f"its parts over {dimension.name} are missing")

    def _missing(self, number: int, reason: str) -> None:
        cell = self.cells[number]
        self.failures.append(Failure(cell.pack, cell.table, cell.label, reason))


# Cells to columns -------------------------------------------------------------------------------


def _published(release: _Release, rule: Rule) -> tuple[Published, list[tuple[int, str]]]:
    """The release as columns and relations between them; (cell, measure) of every column.

    Nobody has more people than records: records are a total of which people are a part.
    """
    columns = [
        (number, measure)
        for number, cell in enumerate(release.cells)
        for measure in ((PEOPLE,) if cell.units else (PEOPLE, RECORDS))
    ]
    place = {column: at for at, column in enumerate(columns)}
    cells = [release.cells[number] for number, _ in columns]
    relations: list[tuple[int, list[int], bool, bool]] = []
    for relation in release.relations:
        for measure in (PEOPLE, RECORDS):
            if (relation.total, measure) not in place:
                continue
            parts = [place[part, measure] for part in relation.parts]
            adds = measure == RECORDS or relation.people_add
            relations.append((place[relation.total, measure], parts, adds, relation.complete))
    for (number, measure), column in place.items():
        if measure == RECORDS:
            relations.append((column, [place[number, PEOPLE]], True, False))
    bounds = [
        (1, INFINITE) if cell.withheld else rule.interval(cell.shown[measure]) or (0, 0)
        for cell, (_, measure) in zip(cells, columns, strict=True)
    ]
    withheld = np.array([cell.withheld for cell in cells], bool)
    nothing = np.zeros(len(columns), bool)
    published = Published(
        ids=tuple(
            f"{cell.pack} {cell.table} {cell.label}: {measure}"
            for cell, (_, measure) in zip(cells, columns, strict=True)
        ),
        low=np.array([low for low, _ in bounds], np.int64),
        high=np.array([high for _, high in bounds], np.int64),
        withheld=withheld,
        small=withheld & np.array([measure == PEOPLE for _, measure in columns], bool),
        hidden=nothing,
        known=nothing,
        total=np.array([total for total, *_ in relations], np.int64),
        start=np.cumsum([0, *(len(parts) for _, parts, *_ in relations)], dtype=np.int64),
        part=np.array([part for _, parts, *_ in relations for part in parts], np.int64),
        adds=np.array([adds for *_, adds, _ in relations], bool),
        complete=np.array([complete for *_, complete in relations], bool),
        rule=rule,
    )
    return published, columns


def _not_beside_large(published: Published, low: np.ndarray) -> np.ndarray:
    """Withheld counts that may be small: not those certain not to be, nor any related to them."""
    large = published.small & (low > published.rule.suppress_hi)
    beside = large.copy()
    for relation, (first, last) in enumerate(pairwise(published.start.tolist())):
        members = np.append(published.part[first:last], published.total[relation])
        if large[members].any():
            beside[members] = True
    result: np.ndarray = published.small & ~beside
    return result
