"""The macros of macros/rates give the published answers of PHEindicatormethods."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rate_macros import rates

from safe_haven.paths import PROJECT_ROOT

pytestmark = pytest.mark.reference_data

STANDARD = PROJECT_ROOT / "seeds" / "reference" / "european_standard_population_2013.csv"
AREAS = ("testdata_big", "testdata_small", "testdata_tiny")
METHOD = "Dobson"


@pytest.fixture(scope="module")
def workbook(reference_file: Callable[[str], Path]) -> Any:
    """Inputs and published results of the package's own tests."""
    path = reference_file("phe_methods/testdata_DSR_ISR.xlsx")
    return openpyxl.load_workbook(path, data_only=True)


def rows(workbook: Any, sheet: str) -> list[dict[str, Any]]:
    """Rows of a sheet by the names of its first row, empty ones left out."""
    names, *found = workbook[sheet].iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in found if row[0] is not None]


def published(workbook: Any, area: str, multiplier: int) -> tuple[Any, ...]:
    """The published rate and limits of an area."""
    row = next(
        row
        for row in rows(workbook, "testresults_DSR")
        if row["area"] == area
        and row["method"] == METHOD
        and row["statistic"] == f"dsr per {multiplier}"
    )
    return tuple(
        row[name] for name in ("value", "lower95_0cl", "upper95_0cl", "lower99_8cl", "upper99_8cl")
    )


def bands_of_areas(workbook: Any) -> list[tuple[str, int, int, float]]:
    """Events, people and weight (the project's own seed) of each age band, youngest first."""
    weights = [float(line.split(",")[1]) for line in STANDARD.read_text().splitlines()[1:]]
    found = []
    for area in AREAS:
        bands = [row for row in rows(workbook, "testdata_multiarea") if row["area"] == area]
        assert len(bands) == len(weights)
        found += [
            (area, row["count"], row["pop"], weight)
            for row, weight in zip(bands, weights, strict=True)
        ]
    return found


@pytest.mark.parametrize("multiplier", [10_000, 100_000])
@pytest.mark.parametrize("area", ["testdata_big", "testdata_small"])
def test_rates_and_limits_are_the_published_ones(workbook: Any, area: str, multiplier: int) -> None:
    """To twelve significant digits, with the European Standard Population 2013."""
    found = rates(bands_of_areas(workbook), multiplier)[area]
    assert found == pytest.approx(published(workbook, area, multiplier), rel=1e-12)


def test_no_rate_is_given_for_fewer_than_ten_events(workbook: Any) -> None:
    """The tiny area has nine."""
    assert rates(bands_of_areas(workbook), 100_000)["testdata_tiny"] == (None,) * 5
    results = rows(workbook, "testresults_DSR")
    assert {row["value"] for row in results if row["area"] == "testdata_tiny"} == {None}


@pytest.mark.parametrize("multiplier", [10_000, 100_000])
def test_another_standard_population_gives_its_own_rates(workbook: Any, multiplier: int) -> None:
    """That of 1976, of which the file gives the 99.8 % limits ten times too high."""
    bands = [
        ("testdata_1976", row["count"], row["pop"], float(row["esp1976"]))
        for row in rows(workbook, "testdata_1976")
    ]
    rate, lower_95, upper_95, lower_998, upper_998 = rates(bands, multiplier)["testdata_1976"]
    assert (rate, lower_95, upper_95, 10 * lower_998, 10 * upper_998) == pytest.approx(
        published(workbook, "testdata_1976", multiplier), rel=1e-12
    )


@pytest.mark.parametrize("sheet", ["testdata_err1", "testdata_err3", "testdata_err4"])
def test_a_negative_number_gives_no_rate(workbook: Any, sheet: str) -> None:
    """Events, people or weight below nothing: the package stops, the macro gives none."""
    bands = [
        ("area", row["count"], row["pop"], float(row["stdpop"])) for row in rows(workbook, sheet)
    ]
    assert min(min(band[1:]) for band in bands) < 0
    assert rates(bands, 100_000)["area"] == (None,) * 5


def test_control_the_same_area_without_the_fault_has_a_rate(workbook: Any) -> None:
    """With the one negative number made positive the rate is given."""
    bands = [
        ("area", abs(row["count"]), row["pop"], float(row["stdpop"]))
        for row in rows(workbook, "testdata_err1")
    ]
    assert None not in rates(bands, 100_000)["area"]
