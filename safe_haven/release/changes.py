"""changes.csv: what differs from the recipient's previous release under the same agreement.

One row per changed figure: table, key (the cell's dimensions as one text), change (added, removed,
changed), field, old_value, new_value. Only published values occur: a withheld figure is empty, and
its `status` has a row of its own. Cells and columns outside today's entitlement are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from safe_haven.release import tables
from safe_haven.release.entitlement import TOTAL, Entitlement
from safe_haven.release.render import Table

HEADER = ("table", "key", "change", "field", "old_value", "new_value")
Change = tuple[str, str, str, str, str, str]


def cell_key(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """The dimensions of one cell as text: `icb_code=QOP; sub_icb_code=ALL; …`."""
    return "; ".join(f"{column}={_text(row[column])}" for column in columns)


def parse_key(text: str) -> dict[str, str]:
    """The dimensions behind a cell key."""
    return dict(part.split("=", 1) for part in text.split("; ") if "=" in part)


def changes(
    entitlement: Entitlement, previous: Sequence[Table], current: Sequence[Table]
) -> list[Change]:
    """Every changed figure, in a total order; no previous release, no changes."""
    if not previous:
        return []
    old_tables = {table.name: table for table in previous}
    found: list[Change] = []
    for table in current:
        if table.name in old_tables:
            found += _table_changes(entitlement, old_tables[table.name], table)
        else:
            found += _table_changes(entitlement, None, table)
    return sorted(found)


def to_csv(found: Sequence[Change]) -> bytes:
    """The file: UTF-8, `\\n`, quoted only where needed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(found)
    return text.getvalue().encode()


def _cells(entitlement: Entitlement, table: Table, columns: Sequence[str]) -> dict[str, Any]:
    """The table's rows by cell key, those in today's scope and period only."""
    levels = tables.levels(table.name, "commissioner")
    periods = tables.levels(table.name, "period")
    if any(column not in table.rows.column_names for column in columns):
        return {}
    return {
        cell_key(row, columns): row
        for row in table.rows.to_pylist()
        if entitlement.commissioner_refusal(row, levels) is None
        and all(
            row[level] == TOTAL or entitlement.period_refusal(level, row[level]) is None
            for level in periods
        )
    }


def _table_changes(entitlement: Entitlement, old: Table | None, new: Table) -> list[Change]:
    columns = tables.dimension_columns(new.name)
    fields = [field.name for field in new.fields if field.name not in columns]
    old_cells = _cells(entitlement, old, columns) if old else {}
    new_cells = _cells(entitlement, new, columns)
    found: list[Change] = []
    for key in sorted(set(old_cells) | set(new_cells)):
        before, after = old_cells.get(key), new_cells.get(key)
        change = "added" if before is None else "removed" if after is None else "changed"
        for field in fields:
            old_value = _text(before.get(field)) if before else ""
            new_value = _text(after[field]) if after else ""
            if old_value != new_value:
                found.append((new.name, key, change, field, old_value, new_value))
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def cells_by_key(table: Table) -> dict[str, dict[str, Any]]:
    """Every row of the table by its cell key."""
    columns = tables.dimension_columns(table.name)
    return {cell_key(row, columns): row for row in table.rows.to_pylist()}


def refusals(
    entitlement: Entitlement,
    content: Mapping[str, Mapping[str, Mapping[str, Any]]],
    row: Sequence[str],
) -> list[str]:
    """What is wrong with one row of the file when the previous release is not at hand.

    `content` holds the rows of today's tables by table and cell key.
    """
    name, key, change, field, old_value, new_value = row
    columns = tables.dimension_columns(name)
    cell = parse_key(key)
    if list(cell) != columns or cell_key(cell, columns) != key:
        return ["the key is not a cell of the table"]
    found: list[str] = []
    if reason := entitlement.commissioner_refusal(cell, tables.levels(name, "commissioner")):
        found.append(reason)
    for level in tables.levels(name, "period"):
        if cell[level] != TOTAL and (reason := entitlement.period_refusal(level, cell[level])):
            found.append(reason)
    owed = [each for each in entitlement.fields().get(name, ()) if each not in columns]
    if field not in owed:
        return [*found, f"{field} is not a figure of the table"]
    now = content[name].get(key)
    if change == "removed":
        if now is not None or new_value:
            found.append("the cell is said to be removed and is there")
    elif change not in ("added", "changed") or now is None or _text(now[field]) != new_value:
        found.append("the new value is not the one in the data")
    elif change == "added" and old_value:
        found.append("a cell that is new has no old value")
    return found
