"""The list of approved SNOMED CT codes holds identifiers that exist by their check digit."""

from __future__ import annotations

import csv

from safe_haven.paths import PROJECT_ROOT

CODES = PROJECT_ROOT / "seeds" / "codes" / "emergency_care_code.csv"
PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def multiplied(left: int, right: int) -> int:
    """The product of two symmetries of a pentagon: 0 to 4 turn it, 5 to 9 turn it over."""
    turned = left - right if left >= 5 else left + right
    return turned % 5 + (5 if (left >= 5) != (right >= 5) else 0)


def has_valid_check_digit(code: str) -> bool:
    """Verhoeff's check over the whole identifier (SNOMED CT Release File Specification)."""
    check = 0
    for position, digit in enumerate(reversed(code)):
        permuted = int(digit)
        for _ in range(position % 8):
            permuted = PERMUTATION[permuted]
        check = multiplied(check, permuted)
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
