"""The seeds of organisations, deprivation and codes against the published files they are from."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from safe_haven.paths import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds" / "reference"
CODES = PROJECT_ROOT / "seeds" / "codes"
Rows = list[dict[str, str]]
MERGED_IN_2019 = {"03X", "03Y", "04J", "04R", "99P", "99Q"}
"""Groups of April 2018 of which no source here says when they ended, or who followed."""


def rows(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def successors() -> dict[str, set[str]]:
    found = defaultdict(set)
    for row in rows(SEEDS / "organisation_successor.csv"):
        found[row["predecessor_code"]].add(row["successor_code"])
    return dict(found)


@pytest.fixture
def published(reference_file: Callable[[str], Path]) -> Callable[[str], Rows]:
    """The rows of a published file by its path."""
    return lambda name: rows(reference_file(name))


@pytest.mark.reference_data
def test_trust_successors_are_the_published_ones(published: Callable[[str], Rows]) -> None:
    """Every code that changed, and no other code of a trust."""
    changed = {
        row["old_code"]: {row["new_code"]}
        for row in published("nhp_ref/provider_successors.csv")
        if row["old_code"] != row["new_code"]
    }
    trusts = {
        code: found for code, found in successors().items() if code[0] in "RT" and len(code) == 3
    }
    assert trusts == changed
    assert changed["RW6"] == {"RM3"}
    assert successors()["RW602"] == {"R0A"}


@pytest.mark.reference_data
def test_groups_merged_in_2020_as_their_practices_did(published: Callable[[str], Rows]) -> None:
    """Every practice of an old group that is still there belongs to the group that followed."""
    listed_2020 = {row["CCG20CDH"] for row in published("geography/ccg20_stp20.csv")}
    then = {
        row["org_code"]: row["commissioner"]
        for row in published("ods/epraccur_gp_practices_only.csv")
        if row["status_code"] == "A"
    }
    since = {
        row["Practice Code"]: row["CCG Code"]
        for row in published("gp_payments/nhs_payments_to_gp_2021_22.csv")
    }
    followed = defaultdict(set)
    for practice, group in then.items():
        if practice in since and group not in listed_2020:
            followed[group].add(since[practice])
    merged = {
        row["predecessor_code"]
        for row in rows(SEEDS / "organisation_successor.csv")
        if row["succeeded_on"] == "2020-04-01"
    }
    assert len(merged) == 74
    assert dict(followed) == {code: successors()[code] for code in merged}


@pytest.mark.reference_data
def test_groups_have_the_names_and_partnerships_of_their_lists(
    published: Callable[[str], Rows],
) -> None:
    """Names and parents of April 2020, and the names of the groups that ended that day."""
    history = rows(SEEDS / "organisation_history.csv")
    of_2020 = {
        row["organisation_code"]: (row["organisation_name"], row["parent_code"])
        for row in history
        if row["organisation_role"] == "ccg" and row["valid_from"] == "2020-04-01"
    }
    assert of_2020 == {
        row["CCG20CDH"]: (row["CCG20NM"], row["STP20CDH"])
        for row in published("geography/ccg20_stp20.csv")
    }
    names = {row["CCG18CDH"]: row["CCG18NM"] for row in published("geography/ccg18_nhser18.csv")}
    of_2018 = {
        row["organisation_code"]: row["organisation_name"]
        for row in history
        if row["organisation_role"] == "ccg" and row["valid_from"] == "2018-04-01"
    }
    assert of_2018 == {code: names[code] for code in names.keys() - MERGED_IN_2019}
    assert len(of_2018.keys() - of_2020.keys()) == 74


@pytest.mark.reference_data
def test_area_teams_of_groups_are_those_of_their_closed_practices(
    published: Callable[[str], Rows],
) -> None:
    """A practice keeps the office under which it closed; London had one team."""
    history = rows(SEEDS / "organisation_history.csv")
    teams = {row["organisation_code"] for row in history if row["organisation_role"] == "area_team"}
    listed = {
        row["CCG18CDH"]: row
        for row in published("geography/ccg18_nhser18.csv")
        if row["CCG18CDH"] not in MERGED_IN_2019
    }
    expected = {code: {"Q71"} for code, row in listed.items() if row["NHSRLO18CDH"] == "Q71"}
    for row in published("ods/epraccur_gp_practices_only.csv"):
        if "20130401" <= row["close_date"] <= "20150331" and row["commissioner"] in listed:
            office = row["high_level_health_geography"]
            if office in teams:
                expected.setdefault(row["commissioner"], set()).add(office)
    found = {
        row["organisation_code"]: {row["parent_code"]}
        for row in history
        if row["organisation_role"] == "ccg" and row["valid_to"] == "2015-03-31"
    }
    assert len(teams) == 25
    assert found == expected
    assert len(found) == 89


@pytest.mark.reference_data
def test_local_offices_of_groups_are_those_of_the_list(published: Callable[[str], Rows]) -> None:
    history = rows(SEEDS / "organisation_history.csv")
    of_2018 = [row for row in history if row["valid_from"] == "2018-04-01"]
    listed = published("geography/ccg18_nhser18.csv")
    assert {
        (row["organisation_code"], row["parent_code"])
        for row in of_2018
        if row["organisation_role"] == "ccg"
    } == {
        (row["CCG18CDH"], row["NHSRLO18CDH"])
        for row in listed
        if row["CCG18CDH"] not in MERGED_IN_2019
    }
    assert {
        (row["organisation_code"], row["organisation_name"], row["parent_code"])
        for row in of_2018
        if row["organisation_role"] == "regional_local_office"
    } == {(row["NHSRLO18CDH"], row["NHSRLO18NM"], row["NHSER18CDH"]) for row in listed}


def test_who_oversaw_a_group_is_its_parent_of_the_time() -> None:
    """The relationships name the offices that the history of organisations names."""
    history = {
        (row["organisation_code"], row["valid_from"], row["valid_to"]): row["parent_code"]
        for row in rows(SEEDS / "organisation_history.csv")
    }
    overseen = [
        row
        for row in rows(SEEDS.parent / "relationships/legitimate_commissioning_relationship.csv")
        if row["relationship_type"] == "overseen_by"
    ]
    assert len(overseen) > 250
    for row in overseen:
        group = (row["commissioner_code"], row["valid_from"], row["valid_to"])
        assert history[group] == row["recipient_code"], row


def test_twelve_boards_became_six_and_part_of_a_seventh() -> None:
    """April 2026: nine boards went whole, three were split; one of the seven was there before."""
    boards = {
        row["predecessor_code"]: row
        for row in rows(SEEDS / "organisation_successor.csv")
        if row["succeeded_on"] == "2026-04-01"
    }
    closed = {
        row["organisation_code"]
        for row in rows(SEEDS / "organisation.csv")
        if row["valid_to"] == "2026-03-31"
    }
    opened = {
        row["organisation_code"]
        for row in rows(SEEDS / "organisation.csv")
        if row["valid_from"] == "2026-04-01"
    }
    followed = set().union(*(successors()[code] for code in boards))
    assert set(boards) == closed
    assert len(closed) == 12
    assert followed - opened == {"QRL"}
    assert opened < followed
    assert {code for code, row in boards.items() if row["is_whole"] == "false"} == {
        "QJG",
        "QM7",
        "QNQ",
    }


@pytest.mark.reference_data
def test_ranks_of_2025_are_the_published_ones(published: Callable[[str], Rows]) -> None:
    """Of the areas in the sample, those that kept their code."""
    sample = {row["lsoa_code"] for row in rows(SEEDS / "lsoa_2011.csv")}
    ranks = {
        row["lsoa21_code"]: int(float(row["IMD_rank"]))
        for row in published("geography/imd2025_england_lsoa21_slim.csv")
    }
    seed = {row["lsoa_code"]: int(row["imd_rank"]) for row in rows(SEEDS / "deprivation_2025.csv")}
    assert seed == {code: rank for code, rank in ranks.items() if code in sample}


def test_dated_codes_agree_with_the_codes_in_use(published: Callable[[str], Rows]) -> None:
    """Codes without a last day were used in 2023/24, and no code that was withdrawn was."""
    used = {row["icd10_code"] for row in published("clinical_codes/icd10_usage_2023_24.csv")}
    dated = rows(CODES / "dated_diagnosis_code.csv")
    withdrawn = {row["diagnosis_code"] for row in dated if row["valid_to"]}
    assert withdrawn & used == set()
    assert {row["diagnosis_code"] for row in dated} - withdrawn <= used
    assert withdrawn and len(used) > 10_000


def test_withdrawn_codes_were_in_use_before(published: Callable[[str], Rows]) -> None:
    """Artificial records of 2001/02 hold withdrawn codes, and none that came later."""
    used = {
        value
        for row in published("hes_artificial/artificial_hes_apc_0102_truncated.csv")
        for name, value in row.items()
        if name.startswith("DIAG_4_")
    }
    dated = rows(CODES / "dated_diagnosis_code.csv")
    assert {row["diagnosis_code"] for row in dated if row["valid_from"]} & used == set()
    assert {"I48X", "K359", "L89X"} <= used


def test_treatment_functions_are_those_of_the_specification(
    published: Callable[[str], Rows],
) -> None:
    """Every code of TRETSPEF, and no other."""
    allowed = {
        row["code"]
        for row in published("hes_artificial/hes_allowed_values_apc_ae_op.csv")
        if row["field"] == "TRETSPEF" and row["code"] != "Null"
    }
    listed = {row["treatment_function_code"] for row in rows(CODES / "treatment_function.csv")}
    assert listed == allowed
