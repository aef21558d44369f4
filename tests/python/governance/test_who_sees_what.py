"""Who sees what in the built world, and what vanishes when one ground of it is taken away."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sql_world import Models, decide

from safe_haven.paths import State
from safe_haven.zones import open_read_only

Area = tuple[Any, ...]
Pair = tuple[str, ...]
DAY = datetime.date(2026, 3, 31)
"""Release date of the project."""
Row = dict[str, Any]
Lists = dict[tuple[str, int], tuple[str, bool]]
RECORDS = ("fct_activity", "fct_apc_episode", "fct_apc_spell", "fct_emergency_attendance")
RECORDS += ("fct_outpatient_appointment", "brg_diagnosis", "brg_procedure")


@dataclass(frozen=True)
class Owed:
    """Record and agreement, and areas of an agreement's tables, where nothing refuses."""

    pairs: set[Pair]
    areas: set[Area]

    @property
    def giving(self) -> set[str]:
        """Agreements under which anything is owed."""
        return {agreement for _, agreement in self.pairs} | {area[0] for area in self.areas}


@pytest.fixture(scope="module")
def built(models: Models) -> dict[str, pa.Table]:
    """What the models read in the built world."""
    with open_read_only(State.from_environment("operator")) as warehouse:
        return {
            relation.rpartition(".")[2]: warehouse.execute(f"from {relation}").to_arrow_table()
            for relation in models.sources
        }


@pytest.fixture(scope="module")
def lists(built: dict[str, pa.Table]) -> Lists:
    """Of each agreement's version in use the list of fields, and whether it is allowed."""
    with open_read_only(State.from_environment("operator")) as warehouse:
        rows = warehouse.execute(
            "select agreement_id, agreement_version, field_list, is_allowed "
            "from pseudonymised.governance.gov_agreement"
        ).fetchall()
    assert len(rows) < built["data_sharing_agreement"].num_rows
    return {(agreement, version): (names, allowed) for agreement, version, names, allowed in rows}


@pytest.fixture(scope="module")
def owed(models: Models, built: dict[str, pa.Table]) -> Owed:
    """What is owed in the built world."""
    return allowed(models, built)


@pytest.fixture(scope="module")
def links(built: dict[str, pa.Table]) -> dict[str, set[str]]:
    """Codes of payer and area of each record."""
    with duckdb.connect() as connection:
        for name in ("fct_activity", "gov_responsible_commissioner", "dim_geography"):
            connection.register(name, built[name])
        rows = connection.execute(
            "select activity_key::varchar, responsible_commissioner_code, local_authority_code "
            "from fct_activity join gov_responsible_commissioner using (activity_key) "
            "left join dim_geography using (lsoa_code)"
        ).fetchall()
    return {key: {code for code in codes if code} for key, *codes in rows}


def allowed(models: Models, rows: dict[str, pa.Table]) -> Owed:
    decided = decide(models, rows)
    pairs = {pair for pair, reasons in decided.eligibility.items() if not reasons}
    return Owed(pairs, set(decided.areas))


def is_used(row: Row, lists: Lists) -> bool:
    """Whether a row is of the version of its agreement that counts."""
    return (row["agreement_id"], row["agreement_version"]) in lists


def is_party(row: Row) -> bool:
    """Neither one that left nor one that is to join."""
    return row["joined_on"] <= DAY and (row["left_on"] is None or row["left_on"] >= DAY)


def vanished(
    models: Models,
    built: dict[str, pa.Table],
    owed: Owed,
    seed: str,
    is_revoked: Callable[[Row], bool],
) -> Owed:
    """What is owed no more without some rows of a seed; nothing new may be owed."""
    kept = [row for row in built[seed].to_pylist() if not is_revoked(row)]
    assert len(kept) < built[seed].num_rows
    left = allowed(models, built | {seed: pa.Table.from_pylist(kept, built[seed].schema)})
    assert left.pairs <= owed.pairs
    assert left.areas <= owed.areas
    return Owed(owed.pairs - left.pairs, owed.areas - left.areas)


def areas_of(owed: Owed, agreements: set[str], code: str, boards: dict[str, str]) -> set[Area]:
    """Areas that rest on a sub-ICB: itself, its board's total, and the nation that is left alone.

    boards: the board of each sub-ICB.
    """
    gone = set()
    for area in owed.areas:
        agreement, table, board, part, *_ = area
        others = {
            other[3]
            for other in owed.areas
            if other[:2] == (agreement, table) and other[3] not in ("ALL", code)
        }
        if agreement in agreements and (
            part == code
            or (part == "ALL" and board == boards.get(code))
            or (board == "ALL" and not others)
        ):
            gone.add(area)
    return gone


def test_the_models_here_decide_as_they_did_in_the_build(owed: Owed) -> None:
    with open_read_only(State.from_environment("operator")) as warehouse:
        rows = warehouse.execute(
            "select activity_key::varchar, agreement_id "
            "from restricted.governance.gov_release_eligibility where is_allowed"
        ).fetchall()
        areas = warehouse.execute(
            "select agreement_id, data_set, icb_code, sub_icb_code, period_start, period_end "
            "from pseudonymised.governance.gov_aggregate_scope"
        ).fetchall()
    assert owed == Owed(set(rows), set(areas))
    assert owed.pairs and owed.areas
    assert {area[2] == "ALL" for area in owed.areas} == {True, False}


def test_without_a_relationship_exactly_its_records_and_areas_vanish(
    models: Models,
    built: dict[str, pa.Table],
    owed: Owed,
    links: dict[str, set[str]],
    lists: Lists,
) -> None:
    recipients = {
        row["agreement_id"]: row["recipient_code"]
        for row in built["data_sharing_agreement"].to_pylist()
        if row["agreement_id"] in owed.giving and is_used(row, lists)
    }
    boards = {row["sub_icb_code"]: row["icb_code"] for row in built["dim_commissioner"].to_pylist()}
    reached = {
        (code, recipients[agreement]) for key, agreement in owed.pairs for code in links[key]
    } | {(area[3], recipients[area[0]]) for area in owed.areas}
    related = {
        (row["commissioner_code"], row["recipient_code"])
        for row in built["legitimate_commissioning_relationship"].to_pylist()
    }
    tried = sorted(reached & related)
    assert len(tried) > len(set(recipients.values())) > 2
    assert {area[3] for area in owed.areas} - {"ALL"} <= {code for code, _ in tried}
    for code, recipient in tried:
        gone = vanished(
            models,
            built,
            owed,
            "legitimate_commissioning_relationship",
            lambda row, pair=(code, recipient): (
                (row["commissioner_code"], row["recipient_code"]) == pair
            ),
        )
        theirs = {agreement for agreement, to in recipients.items() if to == recipient}
        expected = {pair for pair in owed.pairs if pair[1] in theirs and code in links[pair[0]]}
        assert gone.pairs == expected, (code, recipient)
        assert gone.areas == areas_of(owed, theirs, code, boards), (code, recipient)


@pytest.mark.parametrize(
    ("seed", "column", "named_in"),
    [
        ("framework_contract", "contract_reference", "data_sharing_agreement"),
        ("security_assurance", "organisation_code", "agreement_party"),
        ("legal_basis", "legal_basis", "data_sharing_agreement"),
        ("agreement_field", "field_list", "data_sharing_agreement"),
        ("data_sharing_agreement", "agreement_id", "data_sharing_agreement"),
        ("agreement_party", "agreement_id", "data_sharing_agreement"),
    ],
)
def test_without_a_ground_exactly_its_agreements_give_nothing(
    models: Models,
    built: dict[str, pa.Table],
    owed: Owed,
    seed: str,
    column: str,
    named_in: str,
    lists: Lists,
) -> None:
    rests = {
        (row[column], row["agreement_id"])
        for row in built[named_in].to_pylist()
        if is_used(row, lists) and (named_in != "agreement_party" or is_party(row))
    }
    grounds = sorted({ground for ground, agreement in rests if agreement in owed.giving})
    assert grounds
    for ground in grounds:
        gone = vanished(models, built, owed, seed, lambda row, g=ground: row[column] == g)
        assert gone.pairs == {pair for pair in owed.pairs if (ground, pair[1]) in rests}, ground
        assert gone.areas == {area for area in owed.areas if (ground, area[0]) in rests}, ground


def test_without_a_field_exactly_its_column_vanishes(
    models: Models, built: dict[str, pa.Table], lists: Lists
) -> None:
    """Every row of the fields, one of each list at a time: other lists do not miss it."""
    small = built | {name: built[name].slice(0, 0) for name in RECORDS}
    whole = decide(models, small)
    given = built["agreement_field"].to_pylist()
    by_list: dict[str, list[Row]] = {}
    for row in given:
        by_list.setdefault(row["field_list"], []).append(row)
    assert len(by_list) > 3
    for some in zip_longest(*by_list.values()):
        dropped = [row for row in some if row is not None]
        kept = [row for row in given if row not in dropped]
        table = pa.Table.from_pylist(kept, built["agreement_field"].schema)
        left = decide(models, small | {"agreement_field": table})
        assert whole.fields - left.fields == {
            (where, agreement, row["table_name"], row["field_name"])
            for row in dropped
            for (agreement, _), (field_list, is_allowed) in lists.items()
            if row["field_list"] == field_list
            for where in ("rel_field", "rel_entitlement")
            if is_allowed or where == "rel_field"
        }
        assert left.fields <= whole.fields
        assert (left.areas, left.terms, left.packs) == (whole.areas, whole.terms, whole.packs)
