"""A mapping is complete, and its few words do what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from safe_haven.errors import SafeHavenError
from safe_haven.load.mapping import (
    MAPPINGS,
    Rule,
    find_mapping,
    identifier,
    layouts,
    quoted,
    read_mapping,
)

WRITTEN = sorted(path.stem for path in MAPPINGS.glob("*.yml"))


@pytest.mark.parametrize("layout", layouts())
def test_every_layout_fills_every_column_of_its_contract(layout: str) -> None:
    """Shipped mappings are sound."""
    mapping = find_mapping(layout)
    assert set(mapping.rules) == set(mapping.contract.column_names)


def test_hes_layouts_are_there() -> None:
    """The two layouts of the artificial HES files."""
    assert {"hes-apc", "hes-ae"} <= set(WRITTEN)


def test_unknown_layout_names_the_layouts() -> None:
    """The message is the help."""
    with pytest.raises(SafeHavenError, match="hes-apc"):
        find_mapping("hes-opa")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  sex: {from: SEX}\n", "", "neither in columns nor in not_in_file: sex"),
        ("  sex: {from: SEX}\n", "  gender: {from: SEX}\n", "not in the contract: gender"),
        ("{from: SEX}", "{from: SEX, constant: '1'}", "sex: needs either from, constant"),
        ("{from: SEX}", "{from: SEX, or_of_file: true}", "sex: or_of_file needs date_format"),
        ("{from: SEX}", "{from: SEX, trim: true}", "sex: unknown trim"),
        ("{from: SEX}", "{from: SEX, skip: ['-']}", "sex: skip belongs to gather"),
        ("first: 2, last: 20", "first: 2", "gather needs first, last, prefix"),
        (
            'skip: ["-", "&"]}\n  # their',
            "take: 3}\n  # their",
            "gather takes skip and nothing else",
        ),
        ('{"-": "", "&": ""}', "{1: ''}", "primary_procedure: values must be text"),
        (
            "  - nhs_number\n",
            "  - nhs_number\n  - sex\n",
            "both in columns and in not_in_file: sex",
        ),
        ("layout: hes-apc", "layout: hes", "layout must be hes-apc"),
        ("feed: apc_episode", "feed: apc", "feed apc has no contract"),
        ("ignored:", "ignore:", "unknown ignore"),
        ("encoding: utf-8", "encoding: utf-16", "encoding must be one of utf-8, latin-1"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """A slip in a mapping stops with its name and the reason."""
    good = (MAPPINGS / "hes-apc.yml").read_text(encoding="utf-8")
    assert old in good
    path = tmp_path / "hes-apc.yml"
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_mapping(path)


LIKE_HES = "layout: hes-new\nlike: hes-apc\nsource_document: a new edition\n"


def test_a_layout_like_another_replaces_what_it_says_itself(tmp_path: Path) -> None:
    """Column by column; what it does not say is the other's."""
    shutil.copy(MAPPINGS / "hes-apc.yml", tmp_path)
    path = tmp_path / "hes-new.yml"
    path.write_text(f"{LIKE_HES}columns:\n  sex: {{from: GENDER}}\n", encoding="utf-8")
    new, other = read_mapping(path), read_mapping(tmp_path / "hes-apc.yml")
    assert (new.layout, new.source_document) == ("hes-new", "a new edition")
    assert {name for name in other.rules if new.rules[name] != other.rules[name]} == {"sex"}
    assert (new.rules["sex"].source, new.sender) == ("GENDER", other.sender)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (None, "like names hes-apc, which is no mapping"),
        ("layout: hes-apc\nlike: hes-new\n", "like names hes-apc, which is itself like hes-new"),
    ],
)
def test_a_layout_like_none_or_in_a_circle_is_refused(
    tmp_path: Path, other: str | None, reason: str
) -> None:
    """The other is a mapping that stands for itself."""
    path = tmp_path / "hes-new.yml"
    path.write_text(LIKE_HES, encoding="utf-8")
    if other:
        (tmp_path / "hes-apc.yml").write_text(other, encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_mapping(path)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        (Rule(source="X"), "  A ", "A"),
        (Rule(source="X"), None, ""),
        (Rule(constant="3"), "A", "3"),
        (Rule(constant=""), "A", ""),
        # a value is compared after its spaces are gone
        (Rule(source="X", values={"-": ""}), "-   ", ""),
        (Rule(source="X", values={"&": "V81999"}), "A81001", "A81001"),
        (Rule(source="X", values={"it's": "quoted"}), "it's", "quoted"),
        # a value to replace is compared whole, before it is shortened
        (Rule(source="X", take=3, values={"5D100": "Q"}), "5D100", "Q"),
        (Rule(source="X", take=3), "5D100", "5D1"),
        (Rule(source="X", date_format="%m%Y"), "041968", "1968-04-01"),
        # HES: month and year of a birth date that is not known; still a default date
        (Rule(source="X", date_format="%m%Y"), "011801", "1801-01-01"),
        # a value that does not fit stays, so that the contract refuses the row and says why
        (Rule(source="X", date_format="%m%Y"), "131968", "131968"),
        (Rule(source="X", remove="-"), "999-000-0042", "9990000042"),
        (Rule(source="X", date_format="%m%Y"), "", ""),
        (Rule(source="X", time_format="%H%M", values={"4000": ""}), "1016", "10:16"),
        (Rule(source="X", time_format="%H%M", values={"4000": ""}), "4000", ""),
        (Rule(source="X", time_format="%H%M"), "2460", "2460"),
        (Rule(source="X", drop_zero_decimals=True), "42.0", "42"),
        (Rule(source="X", drop_zero_decimals=True), "42.5", "42.5"),
        (Rule(source="X", drop_zero_decimals=True), "70", "70"),
        (Rule(source="X", decimals=5), "89.62962963", "89.62963"),
        # text that is no number is left for the contract to refuse
        (Rule(source="X", decimals=5), "97%", "97%"),
        (Rule(source="X", decimals=5), "", ""),
    ],
)
def test_rule(rule: Rule, value: str | None, expected: str) -> None:
    """One case a row."""
    written = "null::varchar" if value is None else quoted(value)
    query = f"select {rule.sql()} from (select {written} as {identifier('X')})"
    assert duckdb.sql(query).fetchone() == (expected,)


def test_numbered_columns_are_gathered_in_order_without_the_skipped() -> None:
    """Five columns, of which some hold nothing: what is left keeps its order, ; between."""
    rule = Rule(gathered=tuple(f"C_{n:02d}" for n in range(2, 7)), skip=("-", "&"))
    columns = "'I10X' as C_02, '- ' as C_03, null as C_04, ' E119 ' as C_05, '&' as C_06"
    assert rule.sources == ("C_02", "C_03", "C_04", "C_05", "C_06")
    assert duckdb.sql(f"select {rule.sql()} from (select {columns})").fetchone() == ("I10X;E119",)
    nothing = "'' as C_02, '- ' as C_03, null as C_04, '' as C_05, '&' as C_06"
    assert duckdb.sql(f"select {rule.sql()} from (select {nothing})").fetchone() == ("",)


def test_a_row_of_totals_takes_the_month_of_its_file() -> None:
    """The earliest date that fits; without the rule the value stays, for the contract to refuse."""
    values = "(values ('X-JUNE-2024'), ('TOTAL'), ('X-JULY-2024')) as t(period)"
    of_file = Rule(source="period", date_format="X-%B-%Y", or_of_file=True)
    alone = Rule(source="period", date_format="X-%B-%Y")
    query = f"select {of_file.sql()}, {alone.sql()} from {values}"
    assert duckdb.sql(query).fetchall() == [
        ("2024-06-01", "2024-06-01"),
        ("2024-06-01", "TOTAL"),
        ("2024-07-01", "2024-07-01"),
    ]
