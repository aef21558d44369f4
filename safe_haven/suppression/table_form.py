"""The second form of input: a CSV of counts by named dimensions, and how their values nest.

Totals are made here. The table holds the finest cells only; a row that is missing is a zero.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from safe_haven.errors import printable
from safe_haven.suppression.system import MalformedSystemError

ALL = "ALL"
MAX_CELLS = 2_000_000


def system_of_table(
    table: Path, hierarchies: Mapping[str, Any], rule: Mapping[str, Any], required_width: int
) -> dict[str, Any]:
    """The system of a CSV whose last column is `value` and whose other columns are dimensions.

    hierarchies: for each dimension, children by parent ({"North": ["A", "B"]}); values that have
    no parent are parts of ALL. A dimension that is not named is flat.
    Errors: MalformedSystemError for an empty category, a row that occurs twice, a value that is no
    whole number, a child with two parents or that is above itself.
    """
    dimensions, counts = _read(table)
    unknown = set(hierarchies) - set(dimensions)
    if unknown:
        raise MalformedSystemError(
            f"the hierarchies name no column of the table: {sorted(unknown)}."
        )
    parents = [
        _parents(name, hierarchies.get(name, {}), {key[at] for key in counts})
        for at, name in enumerate(dimensions)
    ]
    ancestors = [{code: list(_chain(code, tree)) for code in tree} for tree in parents]
    totals: Counter[tuple[str, ...]] = Counter()
    for key, value in counts.items():
        above = [chains[code] for chains, code in zip(ancestors, key, strict=True)]
        for cell in product(*above):
            totals[cell] += value
        if len(totals) > MAX_CELLS:
            raise MalformedSystemError(f"with all totals the table has over {MAX_CELLS} cells.")
    cells = [{"id": _name(cell), "value": value} for cell, value in sorted(totals.items())]
    return {
        "cells": cells,
        "relations": list(_relations(totals, parents)),
        "rule": dict(rule),
        "required_width": required_width,
    }


def _name(cell: Sequence[str]) -> str:
    return "|".join(cell)


def _read(table: Path) -> tuple[list[str], dict[tuple[str, ...], int]]:
    counts: dict[tuple[str, ...], int] = {}
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if len(header) < 2 or header[-1] != "value" or len(set(header)) < len(header):
            raise MalformedSystemError(
                f"{printable(table.name)}: a header of dimensions and, last, value is needed."
            )
        for line, row in enumerate(reader, start=2):
            if len(row) != len(header):
                raise MalformedSystemError(f"line {line}: {len(row)} columns, not {len(header)}.")
            *codes, value = row
            if not all(codes) or ALL in codes or any("|" in code for code in codes):
                raise MalformedSystemError(
                    f"line {line}: a category is empty, is {ALL}, or holds '|'. Name what is not "
                    "known, or totals will not add up."
                )
            if tuple(codes) in counts:
                raise MalformedSystemError(f"line {line}: these categories have had a row.")
            if not (value.isascii() and value.isdigit()):
                raise MalformedSystemError(
                    f"line {line}: the value is not a whole number from 0 up."
                )
            counts[tuple(codes)] = int(value)
    if not counts:
        raise MalformedSystemError("the table has no rows, so there is nothing to protect.")
    return header[:-1], counts


def _parents(name: str, hierarchy: Any, codes: set[str]) -> dict[str, str]:
    """The parent of every code of a dimension; ALL at the top."""
    if not isinstance(hierarchy, Mapping):
        raise MalformedSystemError(f"hierarchy of {name}: children by parent are needed.")
    tree: dict[str, str] = {}
    for parent, children in hierarchy.items():
        if not isinstance(children, list) or not children:
            raise MalformedSystemError(f"hierarchy of {name}: {parent!r} has no list of children.")
        for child in children:
            if not isinstance(child, str) or child == ALL or not child or "|" in child:
                raise MalformedSystemError(f"hierarchy of {name}: {child!r} cannot be a child.")
            if child in tree:
                raise MalformedSystemError(f"hierarchy of {name}: {child!r} has two parents.")
            tree[child] = parent
    for code in {*codes, *hierarchy} - tree.keys() - {ALL}:
        tree[code] = ALL
    for code in tree:
        seen = {code}
        while (code := tree.get(code, ALL)) != ALL:
            if code in seen:
                raise MalformedSystemError(f"hierarchy of {name}: {code!r} is above itself.")
            seen.add(code)
    above = set(tree.values()) & codes
    if above:
        raise MalformedSystemError(
            f"the table has rows of {sorted(above)[0]!r} in {name}, which is a total. "
            "Leave them out."
        )
    return tree


def _chain(code: str, tree: Mapping[str, str]) -> Iterator[str]:
    yield code
    while code != ALL:
        code = tree[code]
        yield code


def _relations(
    totals: Mapping[tuple[str, ...], int], parents: Sequence[Mapping[str, str]]
) -> Iterator[dict[str, Any]]:
    """Total = parts along each dimension, for every cell that has parts."""
    found: dict[tuple[int, tuple[str, ...]], list[tuple[str, ...]]] = {}
    for cell in sorted(totals):
        for at, tree in enumerate(parents):
            if cell[at] != ALL:
                total = (*cell[:at], tree[cell[at]], *cell[at + 1 :])
                found.setdefault((at, total), []).append(cell)
    for (_, total), parts in sorted(found.items()):
        yield {"total": _name(total), "parts": [_name(part) for part in parts]}
