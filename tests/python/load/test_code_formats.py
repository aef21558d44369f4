"""No format lets through what is no code: names, numbers however they are written, formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import duckdb
import pytest

from safe_haven.load.code_format import CodeFormat, code_formats
from safe_haven.paths import PROJECT_ROOT

FORMATS = code_formats()
NUMBER = "9990000042"
NAMES = ("SMITHSON", "O'BRIEN", "John Smith", "smith", "SMITH 1", "JOHN-SMITH", "Smith99")
FORMULAS = ("=1+2", "+1+2", "-1+2", "@SUM(A1)", "\t=1+2", "=CMD|' /C calc'!A0")
SEPARATORS = (*" ;@:,./|_-+*#\t\n", "; ", "\u00a0", "\u200b", "\u2010")
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
ARABIC = {ord("0") + digit: 0x0660 + digit for digit in range(10)}


def spellings() -> Iterator[str]:
    """An NHS number as somebody might type it where a code goes."""
    yield NUMBER
    yield NUMBER[::-1]
    for mark in SEPARATORS:
        yield mark.join((NUMBER[:3], NUMBER[3:6], NUMBER[6:]))
        yield mark.join(NUMBER)
        yield NUMBER + mark
        yield mark + NUMBER
    yield NUMBER.translate(FULL_WIDTH)
    yield NUMBER.translate(ARABIC)
    yield NUMBER.replace("0", "O")
    yield f"NHS{NUMBER}"
    yield f"X{NUMBER}X"


def has_form(code_format: CodeFormat, value: str) -> bool:
    """What the macro has_code_form says, in the same engine."""
    (matches,) = duckdb.execute(
        "select regexp_full_match($1, $2) and not list_contains($3, $1) "
        "and not ($4 and regexp_matches($1, '([0-9][^A-Za-z]*){10}'))",
        [value, code_format.pattern, list(code_format.reserved), code_format.no_number],
    ).fetchone()
    return matches


@pytest.mark.parametrize("name", FORMATS)
def test_attack_a_number_has_the_form_of_no_code(name: str) -> None:
    """Long codes have room for one among other characters: see stg_code_with_number."""
    through = [value for value in spellings() if has_form(FORMATS[name], value)]
    # no form tells the letters of a published name from digits that are meant by them
    excused = {NUMBER.replace("0", "O")} if FORMATS[name].published else set()
    assert set(through) - excused == set()


@pytest.mark.parametrize("name", FORMATS)
def test_attack_a_formula_has_the_form_of_no_code(name: str) -> None:
    """No value that passes begins like a formula."""
    assert [value for value in FORMULAS if has_form(FORMATS[name], value)] == []


@pytest.mark.parametrize("name", [name for name in FORMATS if not FORMATS[name].published])
def test_attack_a_name_has_the_form_of_no_code(name: str) -> None:
    """Short ones have that of a site, which no published table shows."""
    assert [value for value in NAMES if has_form(FORMATS[name], value)] == []


def test_control_a_name_has_the_form_of_text() -> None:
    """The names are such that a form without rules lets them through."""
    text = CodeFormat(pattern=".*", sent_as="")
    assert all(has_form(text, value) for value in NAMES)


def test_attack_the_label_of_totals_is_no_organisation() -> None:
    """ALL has three capitals, as a trust has, and is refused by name."""
    organisation = FORMATS["organisation_code"]
    assert not has_form(organisation, "ALL")
    assert has_form(organisation, "RAL")


@pytest.mark.parametrize(
    ("seed", "column", "name"),
    [
        ("organisation", "organisation_code", "organisation_code"),
        ("organisation_history", "organisation_code", "organisation_code"),
        ("gp_practice", "practice_code", "organisation_code"),
        ("welsh_practice", "practice_code", "organisation_code"),
        ("direct_commissioner", "specialised_hub_code", "organisation_code"),
        ("commissioned_service", "service_code", "specialised_service_code"),
    ],
)
def test_the_codes_of_the_reference_have_their_form(seed: str, column: str, name: str) -> None:
    """A form that refused real codes would refuse real records."""
    path = PROJECT_ROOT / "seeds" / "reference" / f"{seed}.csv"
    with path.open(encoding="utf-8") as handle:
        codes = {row[column] for row in csv.DictReader(handle)} - {""}
    assert [code for code in sorted(codes) if not has_form(FORMATS[name], code)] == []
    assert codes


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("icd10_code", ("I10", "I10X", "E11.9", "C341D", "M45X2")),
        ("icd10_sequence", ("I10X", "I10X;E119;Z720")),
        ("opcs4_sequence", ("X403@2025-01-02", "Z942@2024-04-03;Y80.3")),
        ("healthcare_resource_group", ("AA35F", "E36")),
        ("bnf_code", ("0101021B0AAAHAH", "20020200804")),
        ("site_code", ("RAS01", "PAPWO", "01")),
        (
            "published_text",
            ("St John\u2019s Surgery (A&E)", "Omeprazole_Cap E/C 10mg", "Ynys M\u00f4n"),
        ),
    ],
)
def test_real_codes_have_their_form(name: str, codes: tuple[str, ...]) -> None:
    """Codes as publishers write them."""
    assert [code for code in codes if not has_form(FORMATS[name], code)] == []
