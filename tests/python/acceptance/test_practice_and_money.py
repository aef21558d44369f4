"""Real files of practices reach the core complete, and charges that do not agree are named."""

from __future__ import annotations

import csv
from decimal import Decimal

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.run.command import LOADED_FILES, reference_data
from safe_haven.simulate.fault_key import KEY_FILE

ROWS = {
    "epd": 10_027,
    "gp-list-size": 172,
    "gp-payments-2021-22": 6_758,
    "qof-prevalence-2013-14": 96,
    "qof-vaccination-2023-24": 6_267,
}
NOT_THE_SAME = """
    select
        provider_code || '|' || commissioner_code || '|' || contract_month as charge,
        'patient_level_difference ' || patient_level_difference::decimal(18, 2) as found
    from pseudonymised.core.fct_contract_reconciliation
    where not is_patient_level_equal
    union all
    select
        provider_code || '|' || commissioner_code || '|' || contract_month as charge,
        'invoice_difference ' || invoice_difference::decimal(18, 2) as found
    from pseudonymised.core.fct_contract_reconciliation
    where not is_invoice_equal
    order by all
"""


def file_rows(layout: str) -> list[dict[str, str]]:
    """The rows of a real file, read by another reader."""
    path = reference_data() / LOADED_FILES[layout]
    if not path.exists():
        pytest.skip(f"SAFE_HAVEN_REFERENCE_DATA has no {LOADED_FILES[layout]}")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    """Sum of a column, exact."""
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def one(warehouse: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    """The one row of a query."""
    (row,) = warehouse.execute(query).fetchall()
    return row


def planted(state: State, caught_by: str) -> list[tuple[str, str]]:
    """Record and finding of the planted faults that a relation must show."""
    with duckdb.connect() as connection:
        return connection.execute(
            "select record_identifier, caught_as from read_parquet($key) "
            "where caught_by = $caught_by order by all",
            {"key": str(state.landing / KEY_FILE), "caught_by": caught_by},
        ).fetchall()


@pytest.mark.reference_data
@pytest.mark.parametrize("layout", ROWS)
def test_every_row_of_a_real_file_is_handed_over(
    warehouse: duckdb.DuckDBPyConnection, layout: str
) -> None:
    """None is refused, none replaces another."""
    assert len(file_rows(layout)) == ROWS[layout]
    assert one(
        warehouse,
        "select received, rejected, superseded, handed_over "
        f"from pseudonymised.handover.hnd_reconciliation where layout = '{layout}'",
    ) == (ROWS[layout], 0, 0, ROWS[layout])


@pytest.mark.reference_data
def test_prescribing_of_september_2017_adds_up(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Items, net ingredient cost and actual cost, exact, and the practices that prescribed."""
    rows = file_rows("epd")
    found = one(
        warehouse,
        "select sum(items), sum(net_ingredient_cost), sum(actual_cost), "
        "list_sort(list(distinct practice_code)) "
        "from pseudonymised.core.fct_prescribing_month where prescribing_month = '2017-09-01'",
    )
    assert found == (
        46_895,
        Decimal("352697.84000"),
        Decimal("328908.73007"),
        ["B85010", "B85054", "L84018", "L84073"],
    )
    assert found[:3] == (total(rows, "ITEMS"), total(rows, "NIC"), total(rows, "ACTUAL_COST"))


@pytest.mark.reference_data
def test_list_sizes_by_age_and_sex_come_to_the_published_totals(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Of each practice, and of each practice and sex."""
    rows = file_rows("gp-list-size")
    published = sorted(
        (row["ORG_CODE"], row["SEX"], int(row["NUMBER_OF_PATIENTS"]))
        for row in rows
        if row["AGE_GROUP_5"] == "ALL"
    )
    found = warehouse.execute(
        "select practice_code, coalesce(map {'1': 'MALE', '2': 'FEMALE'}[sex], 'ALL'), "
        "sum(patients)::integer from pseudonymised.core.fct_gp_list_size "
        "where extract_date = '2017-09-01' "
        "group by grouping sets ((practice_code, sex), (practice_code)) order by all"
    ).fetchall()
    assert found == published
    assert sum(size for _, sex, size in found if sex == "ALL") == 28_281


@pytest.mark.reference_data
def test_payments_to_practices_add_up_to_the_penny(warehouse: duckdb.DuckDBPyConnection) -> None:
    """33 components against the total, practice by practice, 2021/22."""
    rows = file_rows("gp-payments-2021-22")
    assert one(
        warehouse,
        "select count(*), count(*) filter (where unexplained <> 0), sum(total_payments) "
        "from pseudonymised.core.fct_gp_payment_total where financial_year = '2021/22'",
    ) == (6_758, 0, total(rows, "Total NHS Payments to General Practice"))
    assert one(
        warehouse,
        "select count(distinct component), sum(amount) "
        "from pseudonymised.core.fct_gp_payment where financial_year = '2021/22'",
    ) == (33, Decimal("10075780270.50000"))


@pytest.mark.reference_data
def test_disease_registers_are_the_published_ones(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Both registers of heart failure too, and prevalence as published."""
    published = sorted(
        (row["practicecode"], row["Register_description"], float(row["prevalence"]))
        for row in file_rows("qof-prevalence-2013-14")
    )
    found = warehouse.execute(
        "select practice_code, indicator_description, prevalence_percent "
        "from pseudonymised.core.fct_quality_outcomes_indicator "
        "where financial_year = '2013/14' order by all"
    ).fetchall()
    assert [row[:2] for row in found] == [row[:2] for row in published]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in published], abs=1e-9)


@pytest.mark.reference_data
def test_vaccination_achievement_is_the_published_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """To five decimals; practices for which a colon is published have none."""
    published = sorted(
        (row["Practice code"], None if row["perc_achievement"] == ":" else row["perc_achievement"])
        for row in file_rows("qof-vaccination-2023-24")
    )
    found = warehouse.execute(
        "select practice_code, achievement_percent "
        "from pseudonymised.core.fct_quality_outcomes_indicator "
        "where financial_year = '2023/24' and indicator_code = 'VI' order by all"
    ).fetchall()
    assert [code for code, _ in found] == [code for code, _ in published]
    for (_, achieved), (_, text) in zip(found, published, strict=True):
        assert (achieved is None) == (text is None)
        assert text is None or abs(achieved - Decimal(text)) <= Decimal("0.000005")


def test_charges_that_do_not_agree_are_the_planted_ones(
    state: State, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """One invoice and one patient-level line: provider, commissioner, month and difference."""
    faults = planted(state, "fct_contract_reconciliation")
    assert {caught_as.split()[0] for _, caught_as in faults} == {
        "invoice_difference",
        "patient_level_difference",
    }
    assert warehouse.execute(NOT_THE_SAME).fetchall() == faults


def test_control_other_charges_agree(warehouse: duckdb.DuckDBPyConnection) -> None:
    """There are charges that hold both checks, drugs and devices left out of the comparison."""
    agree, drugs = one(
        warehouse,
        "select count(*) filter (where is_invoice_equal and is_patient_level_equal), "
        "(select count(*) from pseudonymised.core.fct_patient_contract_line "
        "where is_drug_or_device) from pseudonymised.core.fct_contract_reconciliation",
    )
    assert agree > 0
    assert drugs > 0


def test_practice_payments_that_do_not_add_up_are_the_planted_ones(
    state: State, warehouse: duckdb.DuckDBPyConnection
) -> None:
    """A total that was sent a pound too high is named with its practice and year."""
    faults = planted(state, "fct_gp_payment_total")
    assert faults
    found = warehouse.execute(
        "select financial_year || '|' || practice_code, "
        "'unexplained ' || unexplained::decimal(18, 2) "
        "from pseudonymised.core.fct_gp_payment_total where unexplained <> 0 order by all"
    ).fetchall()
    assert found == faults
