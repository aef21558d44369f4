"""The list of approved SNOMED CT codes holds identifiers that exist by their check digit."""

from __future__ import annotations

import csv

from safe_haven.paths import PROJECT_ROOT

CODES = PROJECT_ROOT / "seeds" / "codes" / "emergency_care_code.csv"
MULTIPLY = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
PERMUTE = (
    "0123456789",
    "1576283094",
    "5803796142",
    "8916043527",
    "9453126870",
    "4286573901",
    "2793806415",
    "7046913258",
)


def has_valid_check_digit(code: str) -> bool:
    """Verhoeff's check over the whole identifier (SNOMED CT Release File Specification)."""
    check = 0
    for position, digit in enumerate(reversed(code)):
        check = int(MULTIPLY[check][int(PERMUTE[position % 8][int(digit)])])
    return check == 0


def test_every_approved_code_is_a_snomed_identifier() -> None:
    """A slip in a digit would flag every record that has the right code."""
    with CODES.open(encoding="utf-8", newline="") as handle:
        codes = [row["code"] for row in csv.DictReader(handle)]
    assert [code for code in codes if not has_valid_check_digit(code)] == []


def test_control_a_changed_digit_is_found() -> None:
    """The check does look at the digits."""
    assert has_valid_check_digit("22298006")
    assert not has_valid_check_digit("22298007")
    assert not has_valid_check_digit("22289006")
