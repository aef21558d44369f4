"""Whoever holds the packs of every board can subtract them from the nation: the scope says so."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from release_world import MONTH_FIELDS, entitlement_rows

from safe_haven.disclosure.audit import audit_packs
from safe_haven.release import datapackage, files, pack, render
from safe_haven.release.entitlement import Entitlement
from safe_haven.release.render import Field, Table

TABLE = "mart_activity_by_month"
# True counts 12, 12, 12 and 7 make 43. Shown: 10, 10, 10, withheld and 45. Then the last is at
# least 45 - 2 - 3 * 12 = 7, so it is 7.
COUNTS = {"QAA": 10, "QBB": 10, "QCC": 10, "QDD": None}
NATION = 45
FIELDS = tuple(Field(name, render.field_type(kind), "") for name, kind in MONTH_FIELDS)


@pytest.fixture(params=list(COUNTS), ids=lambda board: f"without the pack of {board}")
def lacking(request: pytest.FixtureRequest) -> str:
    """The board whose pack the auditor does not hold."""
    return request.param


def row(icb_code: str, sub_icb_code: str, count: int | None) -> dict[str, object]:
    """The quarter's total of one area, the month's, by point of delivery and all."""
    shown = {"records": count, "people": count, "bed_days": None if count is None else 0}
    place = {"icb_code": icb_code, "sub_icb_code": sub_icb_code, "quarter": "2024-25 Q1"}
    return place | shown | {"status": "withheld" if count is None else "shown"}


def write_packs(folder: Path) -> list[Path]:
    """One aggregate pack a board: its own rows, its one sub-ICB's, and the nation's."""
    made = []
    for board, count in COUNTS.items():
        areas = [row("ALL", "ALL", NATION), row(board, "ALL", count), row(board, "1A", count)]
        rows = [
            area | {"point_of_delivery": pod, "month": month}
            for area in areas
            for pod in ("ALL", "day_case")
            for month in ("ALL", "2024-04")
        ]
        scope = {"icb_code": [board], "sub_icb_code": ["1A"]}
        items = entitlement_rows("AGG", board, scope, {TABLE: MONTH_FIELDS}, True)
        parts = {"national_parts": {"icb_code": sorted(COUNTS)}}
        entitlement = Entitlement.from_rows(
            "AGG",
            board,
            [
                (kind, order, json.dumps(json.loads(item) | parts) if kind == "scope" else item)
                for _, kind, order, item in items
            ],
        )
        given = pa.Table.from_pylist(rows, pa.schema([(f.name, kinds(f)) for f in FIELDS]))
        table = Table(TABLE, FIELDS, render.sorted_rows(FIELDS, given))
        _, written = pack.aggregate_logical(entitlement, [table])
        for name, content in written.items():
            files.write_new(folder / board / name, content)
        made.append(folder / board)
    return made


def kinds(field: Field) -> pa.DataType:
    """The Arrow type of a field."""
    return pa.int64() if field.type == "integer" else pa.string()


def forget_the_parts(folder: Path) -> None:
    """The datapackage as it was when no pack said what the nation consists of."""
    path = folder / pack.DATAPACKAGE
    document = json.loads(path.read_bytes())
    del document["safe_haven"]["scope"]["national_parts"]
    for resource in document["resources"]:
        del resource["safe_haven"]["scope"]["national_parts"]
    path.write_bytes(files.canonical_json(document))


def test_attack_holders_of_every_board_subtract_from_the_nation(tmp_path: Path) -> None:
    """Control: `test_control_an_auditor_who_is_not_told_the_parts_sees_nothing`."""
    failures = [str(item) for item in audit_packs(write_packs(tmp_path)).failures]
    assert any("QDD" in failure for failure in failures), failures


def test_control_an_auditor_who_is_not_told_the_parts_sees_nothing(tmp_path: Path) -> None:
    folders = write_packs(tmp_path)
    for folder in folders:
        forget_the_parts(folder)
    assert not audit_packs(folders).failures


def test_control_without_one_board_nothing_can_be_subtracted(tmp_path: Path, lacking: str) -> None:
    folders = [folder for folder in write_packs(tmp_path) if folder.name != lacking]
    assert not audit_packs(folders).failures


def test_packs_with_national_rows_name_the_parts_of_the_nation(tmp_path: Path) -> None:
    for folder in write_packs(tmp_path):
        document = json.loads((folder / pack.DATAPACKAGE).read_bytes())
        for stated in (document, document["resources"][0]):
            assert stated["safe_haven"]["scope"]["national_parts"] == {"icb_code": sorted(COUNTS)}


def test_a_pack_without_national_rows_names_no_parts() -> None:
    rows = entitlement_rows("AGG", "QAA", {"icb_code": ["QAA"]}, {TABLE: MONTH_FIELDS}, False)
    entitlement = Entitlement.from_rows("AGG", "QAA", [line[1:] for line in rows])
    assert entitlement.national_parts == {}
    assert "national_parts" not in datapackage.scope(entitlement)
