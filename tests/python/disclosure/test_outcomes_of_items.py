"""Rows of a provider by the outcome of each data item, as the auditor reads them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
from cubes import nearest, pattern_of

from safe_haven.disclosure.audit import AuditResult, audit_packs
from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule
from safe_haven.publish.open_data import FIELDS, NATION
from safe_haven.release.datapackage import document

TABLE = "mart_quality_by_provider"
COUNTS = {
    ("ALL", "ALL"): 21,
    ("sex", "valid"): 18,
    ("sex", "default"): 1,
    ("sex", "invalid"): 1,
    ("sex", "missing"): 1,
    ("postcode", "valid"): 21,
}
"""At most 22 rows are shown as 20, and at least 18 of them are valid: three counts share 4."""

Cell = tuple[str, str]


def cell_id(cell: Cell) -> str:
    return "|".join(cell)


def defended() -> dict[Cell, str]:
    """The pattern that the protection gives."""
    total = ("ALL", "ALL")
    cells = pa.Table.from_pylist(
        [
            {
                "cell_id": cell_id(cell),
                "block": "q",
                "is_published": True,
                "people": None,
                "records": count,
            }
            for cell, count in COUNTS.items()
        ],
        pa.schema(
            [
                ("cell_id", pa.string()),
                ("block", pa.string()),
                ("is_published", pa.bool_()),
                ("people", pa.int64()),
                ("records", pa.int64()),
            ]
        ),
    )
    relations = pa.Table.from_pylist(
        [
            {
                "relation_id": cell[0],
                "block": "q",
                "total_cell_id": cell_id(total),
                "part_cell_id": cell_id(cell),
                "people_adds": False,
                "across_readers": False,
            }
            for cell in COUNTS
            if cell != total
        ]
    )
    status = pattern_of(protect(cells, relations, Rule()))
    return {cell: status[cell_id(cell)] for cell in COUNTS}


def small_alone() -> dict[Cell, str]:
    """What the rule withholds by itself."""
    return {cell: "withheld" if count <= 7 else "shown" for cell, count in COUNTS.items()}


def audited(folder: Path, status: dict[Cell, str], **change: object) -> AuditResult:
    """What the auditor says of the pack; `change`: to the description of its data items."""
    described = document("open-data", NATION, FIELDS)
    described["resources"][0]["safe_haven"]["dimensions"][2] |= change
    (folder / "data").mkdir(parents=True)
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    with (folder / f"data/{TABLE}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in FIELDS[TABLE]])
        for cell, count in COUNTS.items():
            for provider in ("RAA", "ALL"):
                shown = nearest(count, 5) if status[cell] == "shown" else ""
                place = ("outpatient_appointment", provider, *cell, "2024-25 Q1")
                writer.writerow([*place, shown, status[cell]])
    return audit_packs([folder])


def test_attack_by_the_outcomes_of_one_item(tmp_path: Path) -> None:
    assert audited(tmp_path / "pack", defended()).passed


def test_control_small_outcomes_alone_withheld_are_told(tmp_path: Path) -> None:
    failures = audited(tmp_path / "pack", small_alone()).failures
    told = {failure.cell.partition("outcome=")[2].partition(",")[0] for failure in failures}
    assert told == {"default", "invalid", "missing"}


@pytest.mark.parametrize("change", [{"adds_for_each": False}, {"adds_for_each": 1}])
def test_items_that_are_not_declared_to_add_each_are_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    assert not audited(tmp_path / "pack", defended(), **change).passed
