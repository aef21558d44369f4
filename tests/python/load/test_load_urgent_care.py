"""Real files of urgent care: published monthly figures, made-up attendances of a tutorial."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from jinja2 import Environment

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import contracts
from safe_haven.load.loader import Loaded, load_file
from safe_haven.paths import PROJECT_ROOT, State

pytestmark = pytest.mark.reference_data

ORGANISATIONS = {"06": 197, "07": 198, "08": 198, "09": 197, "10": 198, "11": 198, "12": 198}
MEASURES = [c.name for c in contracts()["published_emergency_activity"].columns if c.required][2:]
NHS_NUMBER_RULE = PROJECT_ROOT / "macros" / "submission" / "valid_nhs_number.sql"


@pytest.fixture
def monthly(reference_file: Callable[[str], Path]) -> list[Path]:
    """The monthly files as published, in order of name."""
    return sorted(reference_file("nhse_published").glob("Monthly-AE-*.csv"))


def differences(loaded: Loaded, change: str = "0") -> list[str]:
    """The numeric columns in which the total is not the sum of the organisations.

    `change` is added to the first organisation's figure.
    """
    landed = duckdb.read_parquet(str(loaded.landing_file))
    sums = ", ".join(
        f"sum(if(organisation_code = 'TOTAL', -1, 1) * {name}::bigint"
        f" + if(source_row = 2, {change}, 0))"
        for name in MEASURES
    )
    row = landed.aggregate(sums).fetchone()
    assert row is not None
    return [name for name, value in zip(MEASURES, row, strict=True) if value != 0]


def test_every_total_is_the_sum_of_the_organisations(state: State, monthly: list[Path]) -> None:
    """In all 18 numeric columns of seven months, as published; one number changed is seen."""
    assert len(monthly) == len(ORGANISATIONS)
    assert len(MEASURES) == 18
    for path in monthly:
        loaded = load_file(state, "nhse-monthly-ae", path)
        landed = duckdb.read_parquet(str(loaded.landing_file))
        months = landed.aggregate(
            "activity_month, count(*) filter (where organisation_code <> 'TOTAL') as rows, "
            "count(*) filter (where organisation_code = 'TOTAL') as totals"
        ).fetchall()
        ((month, organisations, totals),) = months
        assert (organisations, totals) == (ORGANISATIONS[month[5:7]], 1), path.name
        assert differences(loaded) == []
        assert differences(loaded, change="1") == MEASURES, "control"


def test_a_value_in_a_column_without_a_name_refuses_the_file(
    state: State, monthly: list[Path], tmp_path: Path
) -> None:
    """September 2024 was published with five columns that have no name and no value; with one value
    in them nobody could say what it is."""
    (path,) = (file for file in monthly if "September" in file.name)
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    assert rows[0][22:] == [""] * 5 + ["a"]
    assert {value for row in rows[1:] for value in row[22:]} == {""}
    rows[9][24] = "1"
    changed = tmp_path / path.name
    with changed.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    with pytest.raises(SafeHavenError, match=r"columns without a name \(column 25\)"):
        load_file(state, "nhse-monthly-ae", changed)
    assert load_file(state, "nhse-monthly-ae", path).submission.rows_received == "198"


def test_the_made_up_numbers_of_the_tutorial(
    state: State, reference_file: Callable[[str], Path]
) -> None:
    """10,000 rows land whole; 910 of their random numbers pass modulus 11, 1 in 11."""
    path = reference_file("synthetic_ae/hospital_ae_data.csv")
    loaded = load_file(state, "odi-synthetic-ae", path)
    macros = Environment().from_string(NHS_NUMBER_RULE.read_text(encoding="utf-8")).module
    is_valid = macros.valid_nhs_number("nhs_number")  # type: ignore[attr-defined]
    counts = (
        duckdb.read_parquet(str(loaded.landing_file))
        .aggregate(
            "count(*) as attendances, "
            f"count(*) filter (where {is_valid}) as valid, "
            "count(distinct cds_unique_identifier) as ids, "
            "count(*) filter (where regexp_full_match(provider_code, 'R[A-Z0-9]{2}')) as known, "
            "count(*) filter (where sex in ('0', '1', '2', '9')) as sex, "
            "min(arrival_date || ' ' || arrival_time) as earliest, "
            "max(arrival_date || ' ' || arrival_time) as latest"
        )
        .fetchone()
    )
    days = ("2019-04-01 00:35", "2019-04-07 23:45")
    assert counts == (10_000, 910, 10_000, 10_000, 10_000, *days)
    assert loaded.unexpected == ()
