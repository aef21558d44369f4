"""Anybody's table as a PROTECTED content: a CSV, and a description of what it means.

The description is JSON:

    {"dimensions": {"area": {"England": ["North", "South"], "North": ["N1", "N2"]},
                    "sex": {"ALL": ["F", "M"]}},
     "value": "patients", "withheld": ["c"], "missing": "hidden",
     "rule": {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": true},
     "required_width": 2}

A dimension is a column, and its totals with their parts; a total with several groupings has a list
of lists. missing: what a cell without a row is: "hidden" (not published) or "zero".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from safe_haven.audit.protected import PublishedError, load
from safe_haven.errors import shown

NEEDED = {"dimensions", "value", "withheld", "rule", "required_width"}
OPTIONAL = {"missing", "attacker_lower_bound", "known"}
MOST_CELLS = 3_000_000
"""Cells of a grid that is still laid out."""
WHOLE = re.compile(r"0|[1-9][0-9]{0,11}")

Grouping = tuple[str, tuple[str, ...]]
Cell = tuple[str, ...]


def content_of(table: Path, description: Path) -> dict[str, Any]:
    """A CSV and its description as a PROTECTED content. Errors: PublishedError with the line."""
    meaning = load(description)
    _need(isinstance(meaning, Mapping), "the description must hold one object")
    odd = sorted(set(meaning) - NEEDED - OPTIONAL) + sorted(NEEDED - set(meaning))
    _need(not odd, f"description: unknown or missing key {shown(str(odd[0])) if odd else ''}")
    groupings = _read_dimensions(meaning["dimensions"])
    missing = meaning.get("missing", "hidden")
    _need(missing in ("hidden", "zero"), "description: missing must be hidden or zero")
    codes = {name: sorted({c for t, p in own for c in (t, *p)}) for name, own in groupings.items()}
    size = prod(len(own) for own in codes.values())
    _need(size <= MOST_CELLS, f"the dimensions span {size} cells, more than {MOST_CELLS}")
    values = _read_rows(table, codes, meaning)
    if missing == "zero":
        for cell in product(*codes.values()):
            values.setdefault(cell, 0)
    named = {_name(cell): value for cell, value in values.items()}
    return {
        "relations": list(_relations(groupings, list(codes.values()))),
        "shown": named,
        "withheld": sorted(name for name, value in named.items() if value is None),
        **{
            key: meaning[key]
            for key in ("rule", "required_width", "attacker_lower_bound", "known")
            if key in meaning
        },
    }


def _read_dimensions(given: Any) -> dict[str, list[Grouping]]:
    _need(isinstance(given, Mapping) and len(given) > 0, "description: dimensions are missing")
    found: dict[str, list[Grouping]] = {}
    for name, tree in given.items():
        _need(isinstance(tree, Mapping) and len(tree) > 0, f"{shown(name)}: no totals are given")
        found[name] = []
        for total, parts in tree.items():
            _need(isinstance(parts, list) and len(parts) > 0, f"{shown(total)} has no parts")
            for group in parts if isinstance(parts[0], list) else [parts]:
                ok = isinstance(group, list) and all(isinstance(code, str) for code in group)
                _need(ok, f"{shown(total)}: parts must be codes, or lists of codes")
                found[name].append((total, tuple(group)))
    return found


def _read_rows(
    table: Path, codes: dict[str, list[str]], meaning: Mapping[str, Any]
) -> dict[Cell, int | None]:
    known = {name: set(own) for name, own in codes.items()}
    markers, column = meaning["withheld"], meaning["value"]
    _need(isinstance(markers, list), "description: withheld must be a list of symbols")
    values: dict[Cell, int | None] = {}
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            header = reader.fieldnames or []
            lacking = [name for name in (*codes, column) if name not in header]
            _need(
                not lacking, f"the table has no column {shown(str(lacking[0])) if lacking else ''}"
            )
            _need(len(set(header)) == len(header), "a column of the table stands there twice")
            for number, row in enumerate(reader, start=2):
                cell = tuple(row[name] or "" for name in codes)
                for name, code in zip(codes, cell, strict=True):
                    _need(
                        code in known[name], f"line {number}: {shown(code)} is not in {shown(name)}"
                    )
                _need(cell not in values, f"line {number}: the cell stands there twice")
                text = row[column]
                is_count = isinstance(text, str) and WHOLE.fullmatch(text)
                _need(is_count or text in markers, f"line {number}: neither a count nor a symbol")
                values[cell] = None if text in markers else int(text or 0)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise PublishedError(f"{shown(table.name)} cannot be read: {problem}") from problem
    return values


def _relations(
    groupings: dict[str, list[Grouping]], codes: list[list[str]]
) -> Iterator[dict[str, Any]]:
    """Every total of every dimension, for every combination of codes of the others."""
    for at, own in enumerate(groupings.values()):
        for others in product(*codes[:at], [""], *codes[at + 1 :]):
            before, after = others[:at], others[at + 1 :]
            for total, parts in own:
                yield {
                    "total": _name((*before, total, *after)),
                    "parts": [_name((*before, part, *after)) for part in parts],
                }


def _name(cell: Cell) -> str:
    """The id of a cell; no two cells share one, whatever their codes hold."""
    return "|".join(code.replace("\\", "\\\\").replace("|", "\\|") for code in cell)


def _need(ok: Any, reason: str) -> None:
    if not ok:
        raise PublishedError(reason)
