"""NHS Digital's artificial HES: every row lands, and what is refused is refused for a reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from safe_haven.load.contract import contracts
from safe_haven.load.loader import Loaded, load_file
from safe_haven.paths import PROJECT_ROOT, State

pytestmark = pytest.mark.reference_data

APC = "artificial_hes_apc_0102_truncated.csv"
AE = "artificial_hes_ae_0708_truncated.csv"
CODE_LIST = PROJECT_ROOT / "seeds" / "codes" / "code_list.csv"


def codes_not_in_their_list(loaded: Loaded) -> Counter[tuple[str, str]]:
    """How often a landed value is in no code list, by column and code, found without dbt."""
    with CODE_LIST.open(encoding="utf-8", newline="") as handle:
        known = {(row["code_list"], row["code"]) for row in csv.DictReader(handle)}
    table = pq.read_table(loaded.landing_file)
    return Counter(
        (column.name, value)
        for column in contracts()[loaded.submission.feed].columns
        if column.code_list
        for value in table.column(column.name).to_pylist()
        if value and (column.code_list, value) not in known
    )


def missing_required(loaded: Loaded) -> int:
    """How many required values did not come."""
    table = pq.read_table(loaded.landing_file)
    required = [c.name for c in contracts()[loaded.submission.feed].columns if c.required]
    return sum(table.column(name).to_pylist().count("") for name in required)


def codes_sent(row: dict[str, str], prefix: str, last: int) -> list[str]:
    """Codes 2 to `last` of a line of the file, as a split of the gathered text gives them."""
    codes = [row[f"{prefix}{number:02d}"].strip() for number in range(2, last + 1)]
    return [code for code in codes if code not in ("", "-", "&")] or [""]


def test_secondary_codes_are_gathered(state: State, hes_folder: Path) -> None:
    """How many there are in the artificial file, counted from it."""
    loaded = load_file(state, "hes-apc", hes_folder / APC)
    table = pq.read_table(loaded.landing_file)
    counted = {
        name: sum(len(text.split(";")) for text in table.column(name).to_pylist() if text)
        for name in ("secondary_diagnoses", "secondary_procedures")
    }
    with (hes_folder / APC).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert counted == {
        "secondary_diagnoses": sum(
            len(codes) for row in rows if (codes := codes_sent(row, "DIAG_4_", 20)) != [""]
        ),
        "secondary_procedures": sum(
            len(codes) for row in rows if (codes := codes_sent(row, "OPERTN_4_", 24)) != [""]
        ),
    }


@pytest.mark.parametrize(
    ("layout", "file", "rows", "columns"), [("hes-apc", APC, 2075, 193), ("hes-ae", AE, 1000, 165)]
)
def test_every_row_lands(
    state: State, hes_folder: Path, layout: str, file: str, rows: int, columns: int
) -> None:
    """All rows, each with its line, and no column of the file is a surprise."""
    loaded = load_file(state, layout, hes_folder / file)
    table = pq.read_table(loaded.landing_file)
    assert table.column("source_row").to_pylist() == list(range(2, rows + 2))
    assert loaded.columns_received == columns
    assert loaded.unexpected == ()
    assert missing_required(loaded) == 0


def test_apc_codes_are_known_but_for_one(state: State, hes_folder: Path) -> None:
    """Discharge destination 86 is in no edition of the list: four rows are refused for it."""
    loaded = load_file(state, "hes-apc", hes_folder / APC)
    assert codes_not_in_their_list(loaded) == {("discharge_destination", "86"): 4}


def test_ae_codes_are_all_known(state: State, hes_folder: Path) -> None:
    """No attendance is refused for a code."""
    loaded = load_file(state, "hes-ae", hes_folder / AE)
    assert codes_not_in_their_list(loaded) == {}


def test_apc_row_is_the_row_of_the_file(state: State, hes_folder: Path) -> None:
    """A landed row against the line that it names, read by another reader."""
    loaded = load_file(state, "hes-apc", hes_folder / APC)
    rows = pq.read_table(loaded.landing_file).to_pylist()
    with (hes_folder / APC).open(encoding="utf-8", newline="") as handle:
        file_rows = list(csv.DictReader(handle))
    for row in rows:
        sent = file_rows[row["source_row"] - 2]
        assert row["cds_unique_identifier"] == sent["EPIKEY"]
        assert row["source_person_id"] == sent["PSEUDO_HESID"]
        assert row["date_of_birth"] == f"{sent['MYDOB'][2:]}-{sent['MYDOB'][:2]}-01"
        assert row["commissioner_code"] == sent["PURCODE"][:3]
        assert row["primary_procedure"] == sent["OPERTN_4_01"].strip(" -&")
        assert row["secondary_diagnoses"].split(";") == codes_sent(sent, "DIAG_4_", 20)
        assert row["secondary_procedures"].split(";") == codes_sent(sent, "OPERTN_4_", 24)
        assert row["gp_practice_code"] == sent["GPPRAC"].replace("&", "V81999")
        assert row["discharge_date"] == sent["DISDATE"]
        assert row["nhs_number"] == row["hospital_spell_number"] == ""


def test_ae_times_and_ages_are_translated(state: State, hes_folder: Path) -> None:
    """HHMM becomes HH:MM, 4000 (not known) becomes missing, 42.0 years becomes 42."""
    loaded = load_file(state, "hes-ae", hes_folder / AE)
    landed = duckdb.read_parquet(str(loaded.landing_file))
    counts = landed.aggregate(
        "count(*) filter (where regexp_full_match(arrival_time, '[0-9]{2}:[0-9]{2}')) as arrival, "
        "count(*) filter (where departure_time = '') as unknown_departure, "
        "count(*) filter (where regexp_full_match(recorded_age, '[0-9]+')) as age, "
        "count(*) filter (where recorded_age = '') as no_age"
    ).fetchone()
    assert counts == (1000, 45, 996, 4)
