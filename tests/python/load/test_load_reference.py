"""Reference data as it is published: files without a header, vintages, the real layouts."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from load_files import nothing_landed

from safe_haven import cli
from safe_haven.errors import SafeHavenError
from safe_haven.load.landing import landing_path, read_submissions
from safe_haven.load.loader import load_file
from safe_haven.load.mapping import MAPPINGS, find_mapping, read_mapping
from safe_haven.load.protocol import read_facts
from safe_haven.paths import State

VINTAGE = "2025-02-01"
HEADERLESS = ["ods-epraccur", "ods-etr", "ods-eccg", "ods-eauth", "ods-epcmem", "nhspd"]
RANK_COLUMN = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
Rows = list[dict[str, str]]


def load(state: State, layout: str, path: Path, vintage: str = VINTAGE) -> Rows:
    """Load a file and read back what landed."""
    facts = read_facts({"extract_at": vintage})
    submission = load_file(state, layout, path, facts=facts).submission
    landed = landing_path(state, submission.feed, submission.submission_id)
    return pq.read_table(landed).to_pylist()


def line(layout: str, **values: str) -> str:
    """A row of a file without a header, every value in quotes."""
    names = find_mapping(layout).file_columns
    assert set(values) <= set(names)
    return ",".join(f'"{values.get(name, "")}"' for name in names)


def trust(code: str) -> str:
    """A good row of etr."""
    return line("ods-etr", organisation_code=code, name="A TRUST", open_date="20171001")


def test_a_file_without_a_header_loses_no_row(state: State, tmp_path: Path) -> None:
    """The first line is a row, and row numbers begin with it."""
    path = tmp_path / "etr.csv"
    path.write_text(f"{trust('R1')}\n{trust('R2')}\n", encoding="utf-8")
    rows = load(state, "ods-etr", path)
    assert [(row["organisation_code"], row["source_row"]) for row in rows] == [("R1", 1), ("R2", 2)]
    assert rows[0]["opened_on"] == "2017-10-01"
    assert rows[0]["organisation_register"] == "etr"


def test_a_line_break_in_a_value_moves_the_next_row(state: State, tmp_path: Path) -> None:
    """Row numbers are lines of the file, without a header too."""
    path = tmp_path / "etr.csv"
    broken = trust("R1").replace("A TRUST", "A\nTRUST")
    path.write_text(f"{broken}\n{trust('R2')}\n", encoding="utf-8")
    assert [row["source_row"] for row in load(state, "ods-etr", path)] == [1, 3]


@pytest.mark.parametrize("layout", HEADERLESS)
@pytest.mark.parametrize("change", [-1, 1])
def test_wrong_number_of_columns_is_refused(
    state: State, tmp_path: Path, layout: str, change: int
) -> None:
    """A file of another layout is not read by position: every value would be another's."""
    width = len(find_mapping(layout).file_columns)
    path = tmp_path / "file.csv"
    path.write_text(",".join(["A1"] * (width + change)) + "\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match=f"has {width + change} columns in its first row"):
        load(state, layout, path)
    assert nothing_landed(state)


def test_a_later_row_that_is_too_short_is_refused(state: State, tmp_path: Path) -> None:
    """Nothing of the file is loaded."""
    path = tmp_path / "etr.csv"
    path.write_text(f"{trust('R1')}\nR2,A TRUST\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match="row 2: too few values"):
        load(state, "ods-etr", path)
    assert nothing_landed(state)


def test_an_empty_line_is_refused(state: State, tmp_path: Path) -> None:
    """It may be a lost row."""
    path = tmp_path / "etr.csv"
    path.write_text(f"{trust('R1')}\n\n{trust('R2')}\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match="row 2: the line is empty"):
        load(state, "ods-etr", path)


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_is_refused(state: State, tmp_path: Path, content: str) -> None:
    """No row of reference data is no reference data."""
    path = tmp_path / "etr.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SafeHavenError, match=r"is empty|holds no text"):
        load(state, "ods-etr", path)
    assert nothing_landed(state)


def test_an_unknown_layout_names_the_layouts(state: State, tmp_path: Path) -> None:
    """The message is the help."""
    with pytest.raises(SafeHavenError, match="ods-epraccur"):
        load(state, "ods-epharmacy", tmp_path / "any.csv")


def test_reference_data_needs_a_vintage(state: State, tmp_path: Path) -> None:
    """Else nobody could say which of two files is the newer one."""
    path = tmp_path / "etr.csv"
    path.write_text(trust("R1") + "\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match="say its vintage as extract_at"):
        load_file(state, "ods-etr", path)
    assert nothing_landed(state)


def test_the_command_takes_a_vintage_once(state: State, tmp_path: Path) -> None:
    """It is the time of extract, by which versions are ordered."""
    path = tmp_path / "etr.csv"
    path.write_text(trust("R1") + "\n", encoding="utf-8")
    arguments = ["load", "ods-etr", str(path), "--vintage", VINTAGE]
    twice = CliRunner().invoke(cli.cli, [*arguments, "--extract-at", VINTAGE])
    assert isinstance(twice.exception, SafeHavenError)
    assert nothing_landed(state)
    assert CliRunner().invoke(cli.cli, arguments).exit_code == 0
    (submission,) = read_submissions(state)
    assert submission.extract_at == f"{VINTAGE} 00:00:00"


def test_a_vintage_after_receipt_is_refused(state: State, tmp_path: Path) -> None:
    """Nobody has tomorrow's register."""
    path = tmp_path / "etr.csv"
    path.write_text(trust("R1") + "\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match="is after the day of receipt"):
        load(state, "ods-etr", path, vintage="2099-01-01")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  - national_grouping\n", "  - name\n", "file_columns names twice: name"),
        ("  - open_date\n", "  - opened\n", "not in file_columns: open_date"),
        (
            "{from: name}",
            "{gather: {prefix: null_, first: 19, last: 22}}",
            "not in file_columns: null_22",
        ),
    ],
)
def test_a_wrong_list_of_positions_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    """A rule that names no position, or two."""
    good = (MAPPINGS / "ods-etr.yml").read_text(encoding="utf-8")
    assert old in good
    path = tmp_path / "ods-etr.yml"
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_mapping(path)


@pytest.mark.reference_data
def test_real_practices(state: State, reference_file: Callable[[str], Path]) -> None:
    """Four practices of epraccur: codes, status, commissioner and its first day."""
    rows = load(state, "ods-epraccur", reference_file("openprescribing/epraccur.csv"))
    assert len(rows) == 4
    (acorn,) = (row for row in rows if row["organisation_code"] == "L84073")
    assert acorn["organisation_name"] == "ACORN PRACTICE"
    assert (acorn["status_code"], acorn["prescribing_setting"]) == ("A", "4")
    assert (acorn["commissioner_code"], acorn["commissioner_from"]) == ("11M", "2013-04-01")
    assert (acorn["opened_on"], acorn["closed_on"]) == ("1974-04-01", "")


@pytest.mark.reference_data
def test_real_trusts(state: State, reference_file: Callable[[str], Path]) -> None:
    """All 210 trusts of etr; a closed one has its last day, a board in the fourth column."""
    rows = {
        row["organisation_code"]: row
        for row in load(state, "ods-etr", reference_file("nhse_published/etr.csv"))
    }
    assert len(rows) == 210
    assert rows["R0A"]["opened_on"] == "2017-10-01"
    assert rows["R1C"]["closed_on"] == "2024-09-30"
    assert rows["R0A"]["health_geography_code"] == "QOP"


@pytest.mark.reference_data
def test_real_commissioners_and_authorities(
    state: State, reference_file: Callable[[str], Path]
) -> None:
    """The two other registers of the same layout."""
    groups = load(state, "ods-eccg", reference_file("openprescribing/eccg.csv"))
    assert [(row["organisation_code"], row["organisation_sub_type"]) for row in groups] == [
        ("11M", "C"),
        ("03A", "C"),
    ]
    authorities = load(state, "ods-eauth", reference_file("openprescribing/eauth.csv"))
    assert len(authorities) == 31
    assert {"Y56", "Q71"} <= {row["organisation_code"] for row in authorities}


@pytest.mark.reference_data
def test_real_postcodes(state: State, reference_file: Callable[[str], Path]) -> None:
    """Of 43 columns the postcode with one space, the area of 2011, the country, the first month."""
    rows = load(state, "nhspd", reference_file("openprescribing/gridall.csv"))
    assert [
        (row["postcode"], row["lsoa_code"], row["country_code"], row["valid_from"]) for row in rows
    ] == [
        ("GL11 4JN", "E01022372", "E92000001", "1980-01-01"),
        ("GL7 1EH", "E01022199", "E92000001", "1980-01-01"),
        ("HD7 6DF", "E01011075", "E92000001", "1980-01-01"),
        ("HD5 8DY", "E01011006", "E92000001", "1980-01-01"),
    ]


def test_a_terminated_postcode_ends_with_its_month(state: State, tmp_path: Path) -> None:
    """And a code that stands for no area is no area."""
    row = line(
        "nhspd",
        pcds="AB1 2CD",
        dointr="198001",
        doterm="202402",
        ctry="L93000001",
        lsoa11="L99999999",
    )
    path = tmp_path / "gridall.csv"
    path.write_text(row + "\n", encoding="utf-8")
    (landed,) = load(state, "nhspd", path)
    assert (landed["valid_to"], landed["lsoa_code"]) == ("2024-02-29", "")


def test_a_postcode_of_the_national_lookup(state: State, tmp_path: Path) -> None:
    """Its columns are found by the names in its header, whatever stands between them."""
    path = tmp_path / "NSPL.csv"
    path.write_text(
        "pcd,pcds,dointr,doterm,ctry,laua,lsoa11\n"
        "AB1 2CD,AB1 2CD,198001,202402,E92000001,E07000079,E01022199\n",
        encoding="utf-8",
    )
    (landed,) = load(state, "nspl", path)
    assert {name: landed[name] for name in ("postcode", "lsoa_code", "valid_from", "valid_to")} == {
        "postcode": "AB1 2CD",
        "lsoa_code": "E01022199",
        "valid_from": "1980-01-01",
        "valid_to": "2024-02-29",
    }


@pytest.mark.reference_data
def test_real_memberships(state: State, reference_file: Callable[[str], Path]) -> None:
    """The history of a practice: a primary care group, a primary care trust, a CCG."""
    path = reference_file("ods/epcmem_practice_commissioner_membership.csv")
    rows = load(state, "ods-epcmem", path)
    assert len(rows) == 47_822
    assert [
        (row["parent_code"], row["member_from"], row["member_to"])
        for row in rows
        if row["organisation_code"] == "A81001"
    ] == [
        ("5E1", "2001-04-01", "2013-03-31"),
        ("00K", "2013-04-01", ""),
        ("4QP36", "1999-04-01", "2001-03-31"),
    ]


@pytest.mark.reference_data
def test_real_areas(state: State, reference_file: Callable[[str], Path]) -> None:
    """All 32,844 areas of England, with the group's ODS code and not its national one."""
    rows = load(state, "ons-lsoa-ccg", reference_file("geography/lsoa11_ccg20_lad20.csv"))
    assert len(rows) == 32_844
    (area,) = (row for row in rows if row["lsoa_code"] == "E01027356")
    assert (area["ccg_code"], area["local_authority_code"]) == ("00L", "E06000057")


@pytest.mark.reference_data
def test_real_ranks_of_2019(state: State, reference_file: Callable[[str], Path]) -> None:
    """From the first rank to the last; a few are shared by two areas."""
    path = reference_file("geography/lsoa11_lad19_imd2019rank.csv")
    rows = load(state, "imd-2019-lookup", path)
    ranks = {int(row["imd_rank"]) for row in rows}
    assert (len(rows), min(ranks), max(ranks)) == (32_844, 1, 32_844)
    assert {row["imd_edition"] for row in rows} == {"2019"}


@pytest.mark.reference_data
def test_real_ranks_of_2025(
    state: State, tmp_path: Path, reference_file: Callable[[str], Path]
) -> None:
    """Real ranks under the heading of File 7; the published deciles are tenths of the ranks."""
    source = reference_file("geography/imd2025_england_lsoa21_slim.csv")
    with source.open(encoding="utf-8", newline="") as handle:
        published = list(csv.DictReader(handle))
    path = tmp_path / "file_7.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["LSOA code (2021)", RANK_COLUMN])
        writer.writerows((row["lsoa21_code"], row["IMD_rank"]) for row in published)
    rows = {row["lsoa_code"]: int(row["imd_rank"]) for row in load(state, "imd-2025", path)}
    assert len(rows) == 33_755
    # the rule of dim_deprivation, in whole numbers
    assert all(
        -(-rows[row["lsoa21_code"]] * 10 // 33_755) == int(float(row["IMD_decile"]))
        for row in published
    )


@pytest.mark.reference_data
def test_real_population(state: State, reference_file: Callable[[str], Path]) -> None:
    """Every area has both sexes and 91 ages; the oldest stand together."""
    rows = load(state, "population", reference_file("geography/ons_uk_population_2023.csv"))
    assert len(rows) == 7 * 2 * 91
    england = [row for row in rows if row["area_name"] == "ENGLAND"]
    assert {row["sex"] for row in england} == {"1", "2"}
    assert sorted({int(row["age"]) for row in england}) == list(range(91))
    assert all(row["people"].isdigit() for row in rows)
