"""Rows received are published beside the activity that is counted from them."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule

WIDE = Rule(required_width=5)
FAR = 60
Counts = dict[str, int]
BOUND = {"first": 18, "follow_up": 1, "none": 0, "missing": 0}
"""All shown but one: 20, and 20 rows, of which at most 22 - 18 = 4 are the one."""


def cells(counts: Counts) -> dict[str, int]:
    """Every cell: two kinds of activity, what is none, and the same rows by another outcome."""
    rows = counts["first"] + counts["follow_up"] + counts["none"]
    valid = {"valid": rows - counts["missing"], "missing": counts["missing"]}
    return {
        **{name: counts[name] for name in ("first", "follow_up", "none")},
        **valid,
        "rows": rows,
    }


def pattern(counts: Counts, rule: Rule, *, with_rows: bool = True) -> dict[str, str]:
    """Status by cell; without `with_rows` activity and rows are protected apart from each other."""
    found = cells(counts)
    activity = {"first", "follow_up"}
    cell_table = pa.table(
        {
            "cell_id": list(found),
            "block": ["q"] * len(found),
            "is_published": [name != "none" for name in found],
            "people": pa.array([n if name in activity else None for name, n in found.items()]),
            "records": list(found.values()),
        }
    )
    relations = [("outcomes", "rows", part) for part in ("valid", "missing")]
    if with_rows:
        relations += [("activity", "rows", part) for part in ("first", "follow_up", "none")]
    relation_table = pa.Table.from_pylist(
        [
            {
                "relation_id": name,
                "block": "q",
                "total_cell_id": total,
                "part_cell_id": part,
                "people_adds": False,
                "across_readers": False,
            }
            for name, total, part in relations
        ]
    )
    rows = protect(cell_table, relation_table, rule).to_pylist()
    return {row["cell_id"]: row["status"] for row in rows if row["witness"] == 0}


def possible(count: int, status: str) -> list[int]:
    """Counts that a reader holds possible who sees one cell, small ones taken for small."""
    if status == "unpublished":
        return list(range(FAR))
    if status == "withheld":
        return list(range(1, 8 if count <= 7 else FAR))
    return [
        n
        for n in range(FAR)
        if (n > 0) == (count > 0) and not 0 < n <= 7 and (n + 2) // 5 == (count + 2) // 5
    ]


def told(counts: Counts, rule: Rule, status: dict[str, str]) -> set[str]:
    """Small cells that every whole table which fits what is shown puts in too narrow a range."""
    found = cells(counts)
    fits = {name: possible(count, status[name]) for name, count in found.items()}
    rows = set(fits["rows"])
    outcomes = [
        (v, m) for v, m in itertools.product(fits["valid"], fits["missing"]) if v + m in rows
    ]
    rows &= {v + m for v, m in outcomes}
    activity = [
        (a, b)
        for a, b in itertools.product(fits["first"], fits["follow_up"])
        if any(a + b <= n for n in rows)
    ]
    least = min(a + b for a, b in activity)
    ranges = {
        "first": [a for a, _ in activity],
        "follow_up": [b for _, b in activity],
        "rows": [n for n in rows if n >= least],
        "valid": [v for v, m in outcomes if v + m >= least],
        "missing": [m for v, m in outcomes if v + m >= least],
    }
    return {
        name
        for name, values in ranges.items()
        if 1 <= found[name] <= 7 and max(values) - min(values) < rule.required_width
    }


def test_attack_with_the_rows_of_the_activity() -> None:
    assert told(BOUND, WIDE, pattern(BOUND, WIDE)) == set()


def test_control_activity_protected_apart_from_its_rows_is_told() -> None:
    assert told(BOUND, WIDE, pattern(BOUND, WIDE, with_rows=False)) == {"follow_up"}


@pytest.mark.parametrize("seed", range(60))
def test_no_table_of_rows_and_activity_is_told(seed: int) -> None:
    """Complete search of all tables of counts below FAR."""
    random = np.random.default_rng(seed)
    counts = {name: int(random.integers(0, 25)) for name in ("first", "none")}
    counts["follow_up"] = int(random.integers(1, 8))
    counts["missing"] = int(random.integers(0, min(9, sum(counts.values()))))
    assert told(counts, Rule(), pattern(counts, Rule())) == set()
