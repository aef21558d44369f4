"""Packs as their recipients hold them: datapackage.json and data/*.csv, read and checked.

Whatever is not as the document declares is a failure of the pack; nothing is guessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safe_haven.audit.protected import PublishedError, Rule

UNITS = "units"
"""Counts of what is no record of a person; the rule is about them, and they add up everywhere."""
KINDS = ("records", "people", "sum", UNITS)


class MalformedError(Exception):
    """A pack cannot be read as the contract says."""


def need(ok: bool, reason: str) -> None:
    """Refuse unless ok. Errors: MalformedError."""
    if not ok:
        raise MalformedError(reason)


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
class Dimension:
    """A hierarchy of columns, top to bottom; `total` stands in those below a row's own level."""

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
        need(
            all(row[level] == self.total for level in self.levels[depth:]),
            f"{self.name}: a value stands below a total",
        )
        need(depth > 0 or self.root, f"{self.name}: a total that is declared not published")
        whole = depth in (0, len(self.levels))
        need(whole or not self.for_each, f"{self.name}: a value of its last level is missing")
        return depth

    def split(self, row: dict[str, str]) -> tuple[str, ...]:
        """The levels by which a row is a part of its total."""
        depth = self.depth(row)
        return self.levels[:depth] if self.for_each else self.levels[depth - 1 : depth]


@dataclass
class Table:
    """One table of a pack: what its document declares, and its rows as text.

    measures: kind by name; people_adds: dimensions over which people add up; scope: whose rows are
    complete; digest: the same for tables that say the same.
    """

    pack: str
    name: str
    rule: Rule
    dimensions: tuple[Dimension, ...]
    measures: dict[str, str]
    people_adds: frozenset[str]
    status: str
    scope: dict[str, Any]
    digest: bytes
    rows: list[dict[str, str]] = field(default_factory=list)


def _integer(value: Any, name: str, least: int) -> int:
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= least
    need(ok, f"{name} must be a whole number from {least}")
    return int(value)


def _text(value: Any, name: str) -> str:
    need(isinstance(value, str) and value != "", f"{name} must be a text")
    return str(value)


def _read_rule(spec: dict[str, Any]) -> Rule:
    need(spec.get("regime") == "rounded", "regime must be 'rounded'")
    rule = spec.get("rule")
    need(isinstance(rule, dict), "rule is missing")
    assert isinstance(rule, dict)
    need(rule.get("zero_is_shown") is True, "zero_is_shown must be true in this regime")
    try:
        found = Rule(
            _integer(rule.get("suppress_lo"), "suppress_lo", 1),
            _integer(rule.get("suppress_hi"), "suppress_hi", 1),
            _integer(rule.get("round_to"), "round_to", 1),
            zero_is_shown=True,
            required_width=_integer(spec.get("required_width"), "required_width", 1),
            lower_bound=1,
        )
    except PublishedError as problem:
        raise MalformedError(str(problem)) from None
    need(found.suppress_lo == 1, "suppress_lo must be 1 where zeros are shown")
    return found


def _read_dimensions(spec: dict[str, Any]) -> tuple[Dimension, ...]:
    listed = spec.get("dimensions")
    need(isinstance(listed, list) and len(listed) > 0, "dimensions are missing")
    found: list[Dimension] = []
    assert isinstance(listed, list)
    for item in listed:
        need(isinstance(item, dict), "a dimension is not an object")
        levels = item.get("levels")
        need(isinstance(levels, list) and len(levels) > 0, "a dimension has no levels")
        root = item.get("root_is_published", True)
        for_each = item.get("adds_for_each", False)
        need(isinstance(root, bool), "root_is_published must be true or false")
        need(isinstance(for_each, bool), "adds_for_each must be true or false")
        need(not for_each or len(levels) > 1, "adds_for_each needs two levels")
        found.append(
            Dimension(
                _text(item.get("name"), "dimension name"),
                tuple(_text(level, "level") for level in levels),
                _text(item.get("total"), "total"),
                root,
                for_each,
            )
        )
    names = [d.name for d in found]
    levels = [level for d in found for level in d.levels]
    need(len(set(names)) == len(names), "a dimension is declared twice")
    need(len(set(levels)) == len(levels), "a level is declared twice")
    return tuple(found)


def _read_measures(
    spec: dict[str, Any], dimensions: tuple[Dimension, ...]
) -> tuple[dict[str, str], frozenset[str]]:
    listed = spec.get("measures")
    need(isinstance(listed, list) and len(listed) > 0, "measures are missing")
    assert isinstance(listed, list)
    names = {d.name for d in dimensions}
    kinds: dict[str, str] = {}
    people_adds: frozenset[str] = frozenset()
    for item in listed:
        need(isinstance(item, dict), "a measure is not an object")
        name, kind = _text(item.get("name"), "measure name"), item.get("kind")
        need(kind in KINDS, f"{name}: kind must be one of {', '.join(KINDS)}")
        need(name not in kinds, f"{name}: declared twice")
        kinds[name] = str(kind)
        adds = item.get("adds_over")
        everywhere = adds == "all"
        some = isinstance(adds, list) and all(isinstance(a, str) and a in names for a in adds)
        need(everywhere or some, f"{name}: adds_over must be 'all' or names of dimensions")
        if kind == "people":
            people_adds = frozenset(names if everywhere else adds or [])
        else:
            need(everywhere, f"{name}: records and sums add over all dimensions")
    of_units = list(kinds.values()).count(UNITS)
    for kind in ("records", "people"):
        known = list(kinds.values()).count(kind) + of_units
        need(known == 1, f"exactly one measure must be {kind}, or {UNITS} in place of both")
    return kinds, frozenset(names) if of_units else people_adds


def _read_scope(package: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
    scope = resource.get("scope", (package.get("safe_haven") or {}).get("scope"))
    need(isinstance(scope, dict), "safe_haven.scope is missing")
    assert isinstance(scope, dict)
    need(isinstance(scope.get("national"), bool), "scope.national must be true or false")
    for name, codes in scope.items():
        if name == "national":
            continue
        if name == "national_parts":
            need(isinstance(codes, dict), "scope.national_parts must be an object")
            continue
        ok = isinstance(codes, list) and all(isinstance(code, str) for code in codes)
        need(ok, f"scope.{name} must be a list of codes")
    return scope


def read_pack(folder: Path, failures: list[Failure]) -> list[Table]:
    """Read every table of one pack; whatever is malformed becomes a failure."""
    pack = folder.name if folder.name != "current" else str(folder)
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        need(isinstance(package, dict), "datapackage.json is not an object")
        resources = package.get("resources")
        need(isinstance(resources, list) and len(resources) > 0, "no resources")
    except (OSError, ValueError, MalformedError) as problem:
        failures.append(Failure(pack, "", "", f"datapackage.json cannot be used: {problem}"))
        return []
    tables: list[Table] = []
    listed: set[Path] = set()
    for resource in resources:
        name = str(resource.get("name")) if isinstance(resource, dict) else "?"
        try:
            need(isinstance(resource, dict), "a resource is not an object")
            tables.append(_read_table(folder, pack, package, resource, listed))
        except (OSError, ValueError, csv.Error, MalformedError) as problem:
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
) -> Table:
    name = _text(resource.get("name"), "resource name")
    path = folder / _text(resource.get("path"), "resource path")
    inside = folder.resolve() in path.resolve().parents
    need(inside, "the path leaves the pack")
    listed.add(path.resolve())
    spec = resource.get("safe_haven")
    need(isinstance(spec, dict), "safe_haven is missing")
    assert isinstance(spec, dict)
    dimensions = _read_dimensions(spec)
    measures, people_adds = _read_measures(spec, dimensions)
    status = _text(spec.get("status"), "status")
    scope, content = _read_scope(package, spec), path.read_bytes()
    table = Table(
        pack,
        name,
        _read_rule(spec),
        dimensions,
        measures,
        people_adds,
        status,
        scope,
        hashlib.sha256(json.dumps([spec, scope]).encode() + b"\n" + content).digest(),
    )
    known = [level for d in dimensions for level in d.levels] + [*measures, status]
    fields = (resource.get("schema") or {}).get("fields")
    need(isinstance(fields, list) and len(fields) > 0, "schema.fields is missing")
    declared = [f.get("name") if isinstance(f, dict) else None for f in fields]
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    header = next(reader, [])
    need(len(set(known)) == len(known), "a column has two roles")
    need(header == declared, "the header differs from schema.fields")
    need(sorted(header) == sorted(known), "a column is neither dimension, measure nor status")
    for number, values in enumerate(reader, start=2):
        need(len(values) == len(header), f"line {number} has {len(values)} values")
        table.rows.append(dict(zip(header, values, strict=True)))
    return table
