"""Who sees what in the built world, and what vanishes when one ground of it is taken away."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from sql_world import Models, decide

from safe_haven.paths import State
from safe_haven.zones import open_read_only

Pair = tuple[str, ...]
DAY = datetime.date(2026, 3, 31)
"""Release date of the project."""
Row = dict[str, Any]


@pytest.fixture(scope="module")
def built(models: Models) -> dict[str, pa.Table]:
    """What the models read in the built world."""
    with open_read_only(State.from_environment("operator")) as warehouse:
        return {
            relation.rpartition(".")[2]: warehouse.execute(f"from {relation}").to_arrow_table()
            for relation in models.sources
        }


@pytest.fixture(scope="module")
def owed(models: Models, built: dict[str, pa.Table]) -> set[Pair]:
    """Record and agreement, where nothing refuses."""
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


def allowed(models: Models, rows: dict[str, pa.Table]) -> set[Pair]:
    return {pair for pair, reasons in decide(models, rows).eligibility.items() if not reasons}


def is_party(row: Row) -> bool:
    """Neither one that left nor one that is to join."""
    return row["joined_on"] <= DAY and (row["left_on"] is None or row["left_on"] >= DAY)


def vanished(
    models: Models,
    built: dict[str, pa.Table],
    owed: set[Pair],
    seed: str,
    is_revoked: Callable[[Row], bool],
) -> set[Pair]:
    """What is owed no more without some rows of a seed; nothing new may be owed."""
    kept = [row for row in built[seed].to_pylist() if not is_revoked(row)]
    assert len(kept) < built[seed].num_rows
    left = allowed(models, built | {seed: pa.Table.from_pylist(kept, built[seed].schema)})
    assert left <= owed
    return owed - left


def test_the_models_here_decide_as_they_did_in_the_build(owed: set[Pair]) -> None:
    with open_read_only(State.from_environment("operator")) as warehouse:
        rows = warehouse.execute(
            "select activity_key::varchar, agreement_id "
            "from restricted.governance.gov_release_eligibility where is_allowed"
        ).fetchall()
    assert owed == set(rows)
    assert owed


def test_without_a_relationship_exactly_its_records_vanish(
    models: Models,
    built: dict[str, pa.Table],
    owed: set[Pair],
    links: dict[str, set[str]],
) -> None:
    giving = {agreement for _, agreement in owed}
    recipients = {
        row["agreement_id"]: row["recipient_code"]
        for row in built["data_sharing_agreement"].to_pylist()
        if row["agreement_id"] in giving
    }
    reached = {(code, recipients[agreement]) for key, agreement in owed for code in links[key]}
    related = {
        (row["commissioner_code"], row["recipient_code"])
        for row in built["legitimate_commissioning_relationship"].to_pylist()
    }
    tried = sorted(reached & related)
    assert len(tried) > len(set(recipients.values())) > 2
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
        assert gone == {
            pair for pair in owed if recipients[pair[1]] == recipient and code in links[pair[0]]
        }, (code, recipient)


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
    owed: set[Pair],
    seed: str,
    column: str,
    named_in: str,
) -> None:
    rests = {
        (row[column], row["agreement_id"])
        for row in built[named_in].to_pylist()
        if named_in != "agreement_party" or is_party(row)
    }
    giving = {agreement for _, agreement in owed}
    grounds = sorted({ground for ground, agreement in rests if agreement in giving})
    assert grounds
    for ground in grounds:
        gone = vanished(models, built, owed, seed, lambda row, g=ground: row[column] == g)
        assert gone == {pair for pair in owed if (ground, pair[1]) in rests}, ground
