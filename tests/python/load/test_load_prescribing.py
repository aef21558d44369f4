"""A real sample of the English Prescribing Dataset of January 2016: names and codes, no patient."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from safe_haven.load.contract import contracts
from safe_haven.load.loader import load_file
from safe_haven.paths import State

pytestmark = pytest.mark.reference_data

CONTRACT = contracts()["prescribing_month"]
PATTERNS = {"decimal": r"-?[0-9]{1,12}([.][0-9]{1,5})?", "integer": "[0-9]{1,9}"}
"""What the staging macros read as such."""


@pytest.fixture
def landed(state: State, hes_folder: Path) -> list[dict[str, str]]:
    """The rows of the sample as landed."""
    sample = hes_folder.parent / "openprescribing" / "EPD_201601_sample.csv"
    rows = duckdb.read_parquet(str(load_file(state, "epd", sample).landing_file))
    return rows.order("source_row").to_arrow_table().to_pylist()


def test_every_row_of_january_2016_is_landed(landed: list[dict[str, str]]) -> None:
    """Eleven rows of nine practices, with an appliance and without names of chemicals."""
    assert len(landed) == 11
    assert {row["prescribing_month"] for row in landed} == {"2016-01-01"}
    assert sum(int(row["items"]) for row in landed) == 128
    assert sum(Decimal(row["net_ingredient_cost"]) for row in landed) == Decimal("266.55")
    assert sum(Decimal(row["actual_cost"]) for row in landed) == Decimal("251.11202")
    assert "21300000100" in {row["bnf_code"] for row in landed}


def test_the_sample_keeps_the_contract(landed: list[dict[str, str]]) -> None:
    """Every required value is there and reads as its type; no record replaces another."""
    for column in CONTRACT.columns:
        pattern = PATTERNS.get(column.data_type)
        for row in landed:
            value = row[column.name]
            assert value or not column.required, column.name
            assert not (value and pattern) or re.fullmatch(pattern, value), column.name
    keys = Counter(tuple(row[name] for name in CONTRACT.record_key) for row in landed)
    assert set(keys.values()) == {1}
    without_quantity = {key[:-1] for key in keys}
    assert len(without_quantity) < len(keys), "control: one item stands twice in two quantities"
