"""The seeds of the Commissioner Assignment Method against the reference tables they are from."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from safe_haven.paths import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
YEARS = {"24/25": "2024-06-30", "25/26": "2025-06-30"}


@pytest.fixture
def cam_folder(reference_file: Callable[[str], Path]) -> Path:
    """The reference tables."""
    return reference_file("cam_2526")


def rows(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def in_force(row: dict[str, str], day: str) -> bool:
    return row["valid_from"] <= day <= (row["valid_to"] or "9999-12-31")


def reference_reasons(folder: Path) -> set[tuple[str, str, str]]:
    """Ending of the code, text and service category of every reason in the reference table."""
    return {
        (
            row["CAM_Code"].removeprefix(f"{row['Comm']}_"),
            row["Commissioner Assignment Reason"],
            row["Service Category"],
        )
        for row in rows(folder / "ref_commissioner_assignment_reason.csv")
    }


def marked_reasons() -> set[tuple[str, str, str]]:
    """The same of every reason in the seed that is said to be from the reference table."""
    return {
        (row["reason_code_ending"], row["reason"], row["service_category"])
        for row in rows(SEEDS / "rules" / "cam_reason.csv")
        if row["is_in_reference_table"] == "true"
    }


@pytest.mark.reference_data
def test_every_marked_reason_stands_in_the_reference_table(cam_folder: Path) -> None:
    assert marked_reasons() - reference_reasons(cam_folder) == set()


@pytest.mark.reference_data
def test_the_reasons_left_out_are_known(cam_folder: Path) -> None:
    left_out = {ending for ending, *_ in reference_reasons(cam_folder) - marked_reasons()}
    assert left_out == {
        # Practice and residence always lead to a sub-ICB location first, never straight to a board.
        *("C_0b_2", "C_0b_4", "C_6_5", "C_6_7", "F_2", "F_4"),
        # Delegation of mental health services: a service category beside the box, not a box.
        *("MH_Delegated", "MH_Non_Delegated"),
    }


@pytest.mark.reference_data
def test_own_reasons_are_for_boxes_the_reference_table_does_not_have(cam_folder: Path) -> None:
    reference_boxes = {
        row["Commissioner Assignment Reason"].split(" - ")[0].split(" -")[0]
        for row in rows(cam_folder / "ref_commissioner_assignment_reason.csv")
    }
    own = {
        row["box"]
        for row in rows(SEEDS / "rules" / "cam_reason.csv")
        if row["is_in_reference_table"] == "false"
    }
    assert own & reference_boxes == set()


@pytest.mark.reference_data
@pytest.mark.parametrize("year", YEARS)
def test_services_mean_what_the_reference_table_says(cam_folder: Path, year: str) -> None:
    seeded = {
        row["service_code"]: (
            row["delegation_status"],
            row["is_specialised"],
            row["is_highly_specialised"],
            row["is_public_health"],
        )
        for row in rows(SEEDS / "reference" / "commissioned_service.csv")
        if in_force(row, YEARS[year])
    }
    wanted = {
        row["SERVICE CODE"]: (
            row["ICBDelegationStatus"].lower().replace("not applicable", "none"),
            str("1" in (row["Specialised Flag"], row["Specialised MH Flag"])).lower(),
            str(row["Highly Specialised Service"] == "YES").lower(),
            str(row["Public Health Flag"] == "1").lower(),
        )
        for row in rows(cam_folder / "ref_service_codes.csv", "cp1252")
        if row["FINANCIAL YEAR"] == year
        and row["Effective_From"][:10] <= YEARS[year] <= row["Effective_To"][:10]
        and row["SERVICE CODE"] != "99999999"
    }
    assert seeded.pop("99999999") == ("none", "false", "false", "false")
    assert seeded == wanted


@pytest.mark.reference_data
def test_hubs_regions_and_delegation_are_those_of_the_reference_table(cam_folder: Path) -> None:
    seeded = {
        (
            row["sub_icb_code"],
            row["specialised_hub_code"],
            row["region_code"],
            row["justice_hub_code"],
            row["is_delegated"],
            row["valid_from"],
            row["valid_to"],
        )
        for row in rows(SEEDS / "reference" / "direct_commissioner.csv")
    }
    wanted = {
        (
            row["SubICB_Code"],
            row["ODSCommHub"],
            row["ODSRegion"],
            row["ODSHealthandJustice"],
            {"Yes": "true", "No": "false"}[row["ProvisionalICBDelegationStatus"]],
            row["Effective_From"],
            "" if row["Effective_To"] == "2050-03-31" else row["Effective_To"],
        )
        for row in rows(cam_folder / "ref_subicb_to_direct_comm.csv")
    }
    assert seeded == wanted


@pytest.mark.reference_data
def test_armed_forces_practices_and_prisons_are_those_of_the_reference_tables(
    cam_folder: Path,
) -> None:
    assert {
        (row["practice_code"], row["valid_from"], row["valid_to"])
        for row in rows(SEEDS / "reference" / "armed_forces_practice.csv")
    } == {
        (row["Organisation_Code"], row["Open_Date"], row["Close_Date"])
        for row in rows(cam_folder / "ref_armed_forces_gp.csv")
    }
    places = rows(cam_folder / "ref_health_and_justice.csv", "cp1252")
    for seed, column, theirs in (
        ("prison", "place_postcode", "JusticeFacilityPostcode"),
        ("prison_practice", "practice_code", "Y0Prescribingcode"),
    ):
        assert {
            (row[column], row["justice_hub_code"])
            for row in rows(SEEDS / "reference" / f"{seed}.csv")
        } == {
            (row[theirs].strip(), row["EnglandHealthandJusticeCommissioningHubCode"])
            for row in places
            if row[theirs].strip()
        }
