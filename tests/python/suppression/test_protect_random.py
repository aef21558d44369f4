"""Whatever system is drawn, what is published of it keeps every withheld count unknown."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from drawn_systems import drawn_system, primaries_only
from exhaustive import Exhaustive, TooSlowError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from safe_haven.audit.attack import audit
from safe_haven.audit.protected import PublishedError
from safe_haven.suppression.protection import UnprotectableError
from safe_haven.suppression.tool import protect_system

seeds = st.integers(0, 2**32 - 1)
drawn = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def published(system: dict[str, Any]) -> dict[str, Any]:
    """What may be published; draws that cannot be protected are left out."""
    try:
        return protect_system(system)
    except UnprotectableError:
        assume(False)
        raise


@settings(drawn, max_examples=2000)
@given(seeds)
def test_the_auditor_can_tell_nothing(seed: int) -> None:
    report = audit(published(drawn_system(Random(seed))))
    assert [finding.cell for finding in report.failures] == []


@settings(drawn, max_examples=200)
@given(seeds)
def test_a_complete_search_of_all_tables_can_tell_nothing(seed: int) -> None:
    system = drawn_system(Random(seed))
    far = 2 * max(cell["value"] for cell in system["cells"]) + 30
    try:
        told = Exhaustive(published(system), far).failing()
    except TooSlowError:
        assume(False)
    assert not any(told)


@settings(drawn, max_examples=200)
@given(seeds)
def test_withheld_are_all_small_cells_and_no_zero_that_is_shown(seed: int) -> None:
    system = drawn_system(Random(seed))
    content = published(system)
    rule, values = system["rule"], {cell["id"]: cell["value"] for cell in system["cells"]}
    for name, shown in content["shown"].items():
        value = values[name]
        if rule["suppress_lo"] <= value <= rule["suppress_hi"]:
            assert shown is None
        if value == 0 and rule["zero_is_shown"]:
            assert shown == 0
        if shown is not None:
            assert abs(shown - value) <= rule["round_to"] // 2


@settings(drawn, max_examples=100)
@given(seeds)
def test_the_order_of_cells_and_relations_changes_nothing(seed: int) -> None:
    random = Random(seed)
    system = drawn_system(random)
    shuffled = system | {
        "cells": random.sample(system["cells"], len(system["cells"])),
        "relations": random.sample(system["relations"], len(system["relations"])),
    }
    assert json.dumps(published(system)) == json.dumps(published(shuffled))


def test_attack_without_company_every_second_publication_tells_a_count() -> None:
    """The control: withheld is what the rule says, and nothing more."""
    told = refused = unprotected = 0
    for seed in range(200):
        system = drawn_system(Random(seed))
        try:
            bare = primaries_only(system, protect_system(system))
            told += not audit(bare).passed
        except UnprotectableError:
            unprotected += 1
        except PublishedError:
            refused += 1
    assert told > 60
    assert (refused, unprotected < 20) == (0, True)


@pytest.mark.parametrize("seed", range(20))
def test_the_published_form_holds_what_it_says_and_no_more(seed: int) -> None:
    system = drawn_system(Random(seed))
    system["cells"] = [cell | {"cost": 987_654_321} for cell in system["cells"]]
    content = protect_system(system)
    assert set(content) == {
        *("relations", "rule", "required_width", "attacker_lower_bound", "known", "shown"),
        *("withheld", "summary"),
    }
    hidden = set(system.get("hidden", []))
    assert set(content["shown"]) == {cell["id"] for cell in system["cells"]} - hidden
    assert content["withheld"] == sorted(n for n, v in content["shown"].items() if v is None)
    assert "987654321" not in json.dumps(content)
