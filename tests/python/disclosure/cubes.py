"""Small cubes for the disclosure tests: exact counts with all totals, and packs made from them.

Written apart from the code under test: counts come from sets of persons, not from sums.
"""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

Coordinates = tuple[tuple[str, str], ...]

COMMISSIONER = {"name": "commissioner", "levels": ["icb_code", "sub_icb_code"], "total": "ALL"}
PROVIDER = {"name": "provider", "levels": ["provider_code"], "total": "ALL"}
POD = {"name": "point_of_delivery", "levels": ["point_of_delivery"], "total": "ALL"}
PERIOD = {
    "name": "period",
    "levels": ["quarter", "month"],
    "total": "ALL",
    "root_is_published": False,
}
AGE = {"name": "age_band", "levels": ["age_band"], "total": "ALL"}
SEX = {"name": "sex", "levels": ["sex"], "total": "ALL"}

ADDS = {"age_band", "sex"}
RULE = {
    "suppress_lo": 1,
    "suppress_hi": 7,
    "round_to": 5,
    "required_width": 2,
    "zero_is_shown": True,
}


@dataclass(frozen=True)
class Event:
    """One record of one person: values of every level of every dimension, and bed days."""

    person: int
    at: Mapping[str, str]
    bed_days: int = 1


@dataclass
class Cell:
    """Exact counts of one sub-population."""

    at: Coordinates
    persons: set[int] = field(default_factory=set)
    records: int = 0
    bed_days: int = 0

    @property
    def id(self) -> str:
        """Canonical id: the coordinates that are not totals."""
        return "|".join(f"{level}={value}" for level, value in self.at) or "all"


@dataclass
class Table:
    """One table of a cube: its dimensions and which cells it lists."""

    name: str
    dimensions: Sequence[Mapping]
    at: list[Coordinates]


def events(counts: Mapping[tuple[str, ...], int], levels: Sequence[str]) -> list[Event]:
    """Make `count` records of as many new persons at each tuple of level values."""
    people = itertools.count(1)
    return [
        Event(next(people), dict(zip(levels, values, strict=True)))
        for values, count in counts.items()
        for _ in range(count)
    ]


def _rolled(dimension: Mapping, at: Mapping[str, str]) -> list[list[tuple[str, str]]]:
    """Coordinates of one event in one dimension, at every published depth."""
    full = [(level, at[level]) for level in dimension["levels"]]
    least = 0 if dimension.get("root_is_published", True) else 1
    return [full[:depth] for depth in range(least, len(full) + 1)]


class Cube:
    """Exact cells of one or more tables over the same events, joined by coordinates."""

    def __init__(self, tables: Mapping[str, Sequence[Mapping]], records: Iterable[Event]) -> None:
        """Count persons, records and bed days of every cell of every table."""
        records = list(records)
        self.cells: dict[Coordinates, Cell] = {}
        self.tables: list[Table] = []
        for name, dimensions in tables.items():
            listed: dict[Coordinates, None] = {}
            own: dict[Coordinates, Cell] = {}
            for event in records:
                for rolled in itertools.product(*(_rolled(d, event.at) for d in dimensions)):
                    at = tuple(sorted(pair for part in rolled for pair in part))
                    cell = own.setdefault(at, Cell(at))
                    cell.persons.add(event.person)
                    cell.records += 1
                    cell.bed_days += event.bed_days
                    listed[at] = None
            self.cells.update(own)
            self.tables.append(Table(name, dimensions, sorted(listed)))

    def cell_table(self) -> pa.Table:
        """Build the `cells` input of `protect`."""
        cells = [self.cells[at] for at in sorted(self.cells)]
        return pa.table(
            {
                "cell_id": pa.array([c.id for c in cells], pa.string()),
                "block": pa.array(["q"] * len(cells), pa.string()),
                "is_published": pa.array([True] * len(cells), pa.bool_()),
                "people": pa.array([len(c.persons) for c in cells], pa.int64()),
                "records": pa.array([c.records for c in cells], pa.int64()),
            }
        )

    def relation_table(self) -> pa.Table:
        """Build the `relations` input of `protect`: each dimension, level by level."""
        rows: list[tuple[str, str, str, str, bool, bool]] = []
        for table in self.tables:
            for dimension in table.dimensions:
                least = 0 if dimension.get("root_is_published", True) else 1
                for at in table.at:
                    levels = [lv for lv in dimension["levels"] if lv in dict(at)]
                    if len(levels) <= least:
                        continue
                    above = tuple(pair for pair in at if pair[0] != levels[-1])
                    total, part = self.cells[above].id, self.cells[at].id
                    name = f"{table.name}/{dimension['name']}/{total}"
                    adds, across = dimension["name"] in ADDS, levels == ["icb_code"]
                    rows.append((name, "q", total, part, adds, across))
        names = ("relation_id", "block", "total_cell_id", "part_cell_id")
        names += ("people_adds", "across_readers")
        types = (pa.string(),) * 4 + (pa.bool_(),) * 2
        return pa.table(
            {
                name: pa.array([row[at] for row in rows], kind)
                for at, (name, kind) in enumerate(zip(names, types, strict=True))
            }
        )

    def primaries(self, hi: int = 7) -> dict[str, str]:
        """Status with primary suppression only: the control in which attacks succeed."""
        return {
            cell.id: "withheld" if len(cell.persons) <= hi or cell.records <= hi else "shown"
            for cell in self.cells.values()
        }


def pattern_of(certificate: pa.Table) -> dict[str, str]:
    """Status by cell of what `protect` gives."""
    return {row["cell_id"]: row["status"] for row in certificate.to_pylist() if not row["witness"]}


def nearest(count: int, base: int) -> int:
    """Round half up, by a way of its own: walk to the closest multiple."""
    below = count - count % base
    return below if count - below < below + base - count else below + base


Alter = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def publish(
    cube: Cube,
    status: Mapping[str, str],
    folder: Path,
    scope: Mapping | None = None,
    rule: Mapping = RULE,
    keep: Callable[[Mapping[str, str]], bool] = lambda at: True,
    alter: Mapping[str, Alter] | None = None,
    change_package: Callable[[dict], None] = lambda package: None,
) -> Path:
    """Write one aggregate pack (datapackage.json and CSV) as the release would.

    keep: which rows (by their non-total coordinates) this recipient is owed; alter: per table, a
    forger's change to its rows; change_package: a forger's change to datapackage.json.
    """
    (folder / "data").mkdir(parents=True)
    resources = []
    for table in cube.tables:
        levels = [level for d in table.dimensions for level in d["levels"]]
        header = [*levels, "records", "people", "bed_days", "status"]
        rows = []
        for at in table.at:
            cell = cube.cells[at]
            if not keep(dict(at)):
                continue
            row = {level: dict(at).get(level, "ALL") for level in levels}
            hidden = status[cell.id] == "withheld"
            exact = {
                "records": cell.records,
                "people": len(cell.persons),
                "bed_days": cell.bed_days,
            }
            for measure, count in exact.items():
                row[measure] = "" if hidden else str(nearest(count, rule["round_to"]))
            row["status"] = status[cell.id]
            rows.append(row)
        rows = (alter or {}).get(table.name, lambda same: same)(rows)
        with (folder / "data" / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        adds = [d["name"] for d in table.dimensions if d["name"] in ADDS]
        resources.append(
            {
                "name": table.name,
                "path": f"data/{table.name}.csv",
                "schema": {"fields": [{"name": name} for name in header], "missingValues": [""]},
                "safe_haven": {
                    "regime": "rounded",
                    "rule": {k: v for k, v in rule.items() if k != "required_width"},
                    "required_width": rule["required_width"],
                    "dimensions": list(table.dimensions),
                    "measures": [
                        {"name": "records", "kind": "records", "adds_over": "all"},
                        {"name": "people", "kind": "people", "adds_over": adds},
                        {"name": "bed_days", "kind": "sum", "adds_over": "all"},
                    ],
                    "status": "status",
                },
            }
        )
    package = {
        "name": "pack",
        "resources": resources,
        "safe_haven": {"scope": dict(scope or {"national": True})},
    }
    change_package(package)
    text = json.dumps(package, indent=1, sort_keys=True)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    return folder
