"""Published files in the built world: monthly emergency figures, and the pair of a tutorial.

The Open Data Institute published made-up attendances twice: as a hospital would hold them, and
de-identified. The second says what its makers did to each row; the haven's own values of the first
are held against it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.run.command import LOADED_FILES, reference_data
from safe_haven.zones import open_read_only

pytestmark = pytest.mark.reference_data

MEASURES = [c.name for c in contracts()["published_emergency_activity"].columns if c.required][2:]
TWIN = "synthetic_ae/hospital_ae_data_deidentify.csv"
TWIN_ROWS, NOT_IN_THE_TWIN = 9_897, 103
AS_LABELLED, AS_CUT = 0, 1
"""`00-03` read as it is written, the hours 0 to 3; and as the tutorial cut it, up to hour 4."""


def of_layout(layout: str) -> str:
    return f"starts_with(submission_id, '{layout}-')"


def test_every_published_organisation_is_in_the_core(
    warehouse: duckdb.DuckDBPyConnection, reference_file: Callable[[str], Path]
) -> None:
    """In all 18 numeric columns: the core against the file, and its sum against the total."""
    path = reference_file(LOADED_FILES["nhse-monthly-ae"])
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    numbers = [[int(value) for value in row[4:22]] for row in rows]
    assert len(MEASURES) == 18
    sums = ", ".join(f"sum({name})::bigint" for name in MEASURES)
    core = warehouse.execute(
        f"select count(*), {sums} from pseudonymised.core.fct_published_emergency_activity"
    ).fetchone()
    organisations = [row for row, line in zip(numbers, rows, strict=True) if line[1] != "TOTAL"]
    (total,) = (row for row, line in zip(numbers, rows, strict=True) if line[1] == "TOTAL")
    assert core == (197, *map(sum, zip(*organisations, strict=True)))
    assert core[1:] == tuple(total)
    assert warehouse.execute(
        "select count(*), count(*) filter (where is_different) "
        "from pseudonymised.core.fct_published_emergency_total"
    ).fetchone() == (len(MEASURES), 0)


@pytest.mark.parametrize(
    ("layout", "rows"), [("nhse-monthly-ae", 198), ("odi-synthetic-ae", 10_000)]
)
def test_every_row_is_accounted_for(
    warehouse: duckdb.DuckDBPyConnection, layout: str, rows: int
) -> None:
    """Rows in = rows out of the file's own submission; and no step of its feed loses any."""
    if not (reference_data() / LOADED_FILES[layout]).exists():
        pytest.skip(f"SAFE_HAVEN_REFERENCE_DATA has no {LOADED_FILES[layout]}")
    ((feed, *counts),) = warehouse.execute(
        "select feed, received, accepted, handed_over, unexplained "
        f"from pseudonymised.handover.hnd_reconciliation where {of_layout(layout)}"
    ).fetchall()
    assert counts == [rows, rows, rows, 0]
    steps = warehouse.execute(
        "select step, unexplained from restricted.disclosure.dq_reconciliation where feed = ?",
        [feed],
    ).fetchall()
    assert len(steps) >= 1
    assert {unexplained for _, unexplained in steps} == {0}


def test_one_number_in_eleven_of_the_tutorial_counts(
    warehouse: duckdb.DuckDBPyConnection, reference_file: Callable[[str], Path]
) -> None:
    """910 of 10,000 random numbers pass modulus 11; nobody holds them, and the others are none."""
    reference_file(LOADED_FILES["odi-synthetic-ae"])
    assert warehouse.execute(
        "select number_status, match_step, count(*) from identifiable.identity.idn_trace "
        f"where {of_layout('odi-synthetic-ae')} group by all order by all"
    ).fetchall() == [("absent", "none", 9_090), ("not_held", "none", 910)]
    assert warehouse.execute(
        "select column_name, rule, count(*) from identifiable.staging.stg_error_report "
        f"where {of_layout('odi-synthetic-ae')} group by all"
    ).fetchall() == [("nhs_number", "nhs_number_modulus_11", 9_090)]


@pytest.fixture(scope="module")
def pair(
    state: State, reference_file: Callable[[str], Path]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables `held` (what the haven holds of the file) and `twin`, each with its line."""
    source = reference_file(LOADED_FILES["odi-synthetic-ae"])
    twin = reference_file(TWIN)
    with open_read_only(state) as warehouse:
        core = warehouse.execute(
            "select staged.source_row, staged.recorded_age, staged.postcode, core.age_band, "
            "core.sex, core.lsoa_code, core.provider_code, core.arrived_at, "
            "core.minutes_in_department "
            "from identifiable.staging.stg_emergency_attendance as staged "
            "inner join identifiable.identity.idn_record as record "
            "using (submission_id, source_row) "
            "inner join pseudonymised.core.fct_emergency_attendance as core using (record_key) "
            "where record.feed = 'emergency_attendance' and "
            f"{of_layout('odi-synthetic-ae')}"
        ).to_arrow_table()
    with duckdb.connect() as connection:
        connection.register("core", core)
        connection.execute(
            """
            create table held as
            select core.*, file."Time in A&E (mins)" as minutes, file."Treatment" as treatment
            from core
            inner join (
                select *, row_number() over () + 1 as source_row
                from read_csv($path, all_varchar = true)
            ) as file using (source_row)
            """,
            {"path": str(source)},
        )
        connection.execute(
            """
            create table twin as
            select
                row_number() over () + 1 as line,
                "Time in A&E (mins)" as minutes,
                "Treatment" as treatment,
                case "Gender"
                    when 'Male' then '1'
                    when 'Female' then '2'
                    when 'Not Known' then '0'
                    when 'Not Specified' then '9'
                end as sex,
                "Arrival Date"::date as arrived_on,
                "Arrival hour range" as hours,
                "Age bracket" as ages,
                "Hospital ID" as hospital_id,
                "Index of Multiple Deprivation Decile" as decile
            from read_csv($path, all_varchar = true)
            """,
            {"path": str(twin)},
        )
        yield connection


def bracket(value: str, starts: list[int], labels: list[str], cut: int) -> str:
    """The label of a value; with `cut` 1 the first value of a bracket is in the one before it."""
    cases = " ".join(
        f"when {value} < {start + cut} then '{label}'"
        for start, label in zip(starts[1:], labels, strict=False)
    )
    return f"case {cases} else '{labels[-1]}' end"


def matched(pair: duckdb.DuckDBPyConnection, cut: int) -> duckdb.DuckDBPyRelation:
    """Rows of the two files that say the same of one attendance, each row used once."""
    hours = bracket(
        "hour(arrived_at)",
        [0, 4, 8, 12, 16, 20],
        ["00-03", "04-07", "08-11", "12-15", "16-19", "20-23"],
        cut,
    )
    ages = bracket(
        "recorded_age",
        [0, 18, 25, 45, 65, 85],
        ["0-17", "18-24", "25-44", "45-64", "65-84", "85-"],
        cut,
    )
    key = "minutes, treatment, sex, arrived_on, hours, ages"
    copy = f"row_number() over (partition by {key} order by"
    only = f"count(*) over (partition by {key}) = 1"
    return pair.sql(
        f"with mine as (select *, arrived_at::date as arrived_on, {hours} as hours, "
        f"{ages} as ages from held), "
        f"mine_once as (select *, {copy} source_row) as copy, {only} as is_only from mine), "
        f"twin_once as (select *, {copy} line) as copy, {only} as is_only from twin) "
        f"select *, mine_once.is_only and twin_once.is_only as is_certain "
        f"from mine_once inner join twin_once using ({key}, copy)"
    )


def test_every_row_of_the_twin_is_a_row_of_the_haven(pair: duckdb.DuckDBPyConnection) -> None:
    """Day, hours, age, sex, minutes and treatment agree row by row, once brackets are cut as the
    tutorial did: an hour or age on the border is in the bracket below. 103 rows are in no twin."""
    assert pair.table("held").count("*").fetchone() == (TWIN_ROWS + NOT_IN_THE_TWIN,)
    assert pair.table("twin").count("*").fetchone() == (TWIN_ROWS,)
    assert matched(pair, AS_CUT).count("*").fetchone() == (TWIN_ROWS,)


def test_the_labels_of_the_twin_do_not_say_what_is_in_them(
    pair: duckdb.DuckDBPyConnection,
) -> None:
    """Read as they are written, `00-03` and `0-17`, they fit fewer rows: those on a border do not
    agree, such as everybody of 18. The haven's own bands hold what they say."""
    assert matched(pair, AS_LABELLED).count("*").fetchone() == (7_100,)
    on_a_border = (
        matched(pair, AS_CUT)
        .filter("is_certain")
        .filter("hour(arrived_at) in (4, 8, 12, 16, 20) or recorded_age in (18, 25, 45, 65, 85)")
        .count("*")
        .fetchone()
    )
    assert on_a_border == (2_710,)
    assert (
        pair.table("held")
        .filter(
            "age_band <> 'unknown' and recorded_age not between "
            "left(age_band, 2)::integer and coalesce(try_cast(right(age_band, 2) as integer), 120)"
        )
        .fetchall()
        == []
    )


def test_a_hospital_of_the_twin_is_one_provider(pair: duckdb.DuckDBPyConnection) -> None:
    """26 random hospital ids, and 17 trusts that ran them: each id is of one trust."""
    certain = matched(pair, AS_CUT).filter("is_certain")
    providers = certain.aggregate("hospital_id, count(distinct provider_code) as providers")
    assert providers.aggregate("count(*), max(providers)").fetchone() == (26, 1)
    assert certain.aggregate("count(distinct provider_code)").fetchone() == (17,)


def test_what_cannot_be_compared_with_the_twin(pair: duckdb.DuckDBPyConnection) -> None:
    """Deciles: each postcode has one in the twin, but no directory here knows the postcodes, and so
    the haven has no area and no decile. Minutes in the department: the haven takes moments, and the
    file has no moment of departure."""
    certain = matched(pair, AS_CUT).filter("is_certain")
    deciles = certain.aggregate("postcode, count(distinct decile) as deciles")
    assert deciles.aggregate("max(deciles)").fetchone() == (1,)
    assert (
        pair.table("held")
        .filter("lsoa_code is not null or minutes_in_department is not null")
        .fetchall()
        == []
    )
