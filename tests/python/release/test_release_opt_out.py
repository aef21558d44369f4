"""The manifest says how many people opted out, by the rule for counts, never exactly.

The control of each attack: where nobody asks whether the count obeys the rule, it is released.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from release_world import World, literal

from safe_haven.errors import SafeHavenError
from safe_haven.release import pack, tables

Unchecked = Callable[[], None]
RULE = {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": True}


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> Unchecked:
    """Switches off the one check of the count."""
    return lambda: monkeypatch.setattr(pack, "opt_out_findings", lambda _: iter(()))


def applies_opt_outs(world: World, status: str, people: int | None) -> None:
    """Let REC-A honour opt-outs, and the warehouse count so many."""
    world.keyring.ensure(["agreement-REC-A-applied-v1"])
    world.sql(
        "update restricted.releases.rel_pack set opt_out_regime = 'applied', "
        f"opt_out_status = {literal(status)}, opted_out_people = {literal(people)} "
        "where agreement_id = 'REC-A'"
    )


def stated(world: World) -> dict[str, Any]:
    """What the manifest of REC-A says."""
    return json.loads((world.record_level / pack.MANIFEST).read_bytes())["opt_out"]


@pytest.mark.parametrize(("status", "people"), [("shown", 0), ("shown", 10), ("withheld", None)])
def test_opt_outs_are_counted_where_the_agreement_honours_them(
    fresh: World, status: str, people: int | None
) -> None:
    applies_opt_outs(fresh, status, people)
    assert fresh.release()["REC-A"] == "released"
    assert stated(fresh) == {"regime": "applied", "status": status, "people": people, "rule": RULE}


def test_an_agreement_that_honours_no_opt_outs_says_so(world: World) -> None:
    said = {"regime": "not_applied", "status": "not_applied", "people": None, "rule": RULE}
    assert stated(world) == said
    manifest = json.loads((world.aggregate / pack.MANIFEST).read_bytes())
    assert manifest["opt_out"] == said


@pytest.mark.parametrize(
    ("status", "people", "message"),
    [
        ("shown", 12, "not one that the rule for counts could show"),
        ("shown", 5, "not one that the rule for counts could show"),
        ("shown", -5, "not one that the rule for counts could show"),
        ("shown", None, "contradict each other"),
        ("withheld", 10, "contradict each other"),
        ("not_applied", None, "cannot be 'not_applied' under the regime 'applied'"),
        (None, None, "cannot be 'None'"),
    ],
)
def test_attack_an_exact_count_of_opt_outs_is_never_published(
    fresh: World, status: str, people: int | None, message: str, unchecked: Unchecked
) -> None:
    """Control: unchecked, it is."""
    applies_opt_outs(fresh, status, people)
    with pytest.raises(SafeHavenError, match=message):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    unchecked()
    assert fresh.release()["REC-A"] == "released"
    assert stated(fresh)["people"] == people


def test_attack_opt_outs_counted_for_an_agreement_that_honours_none(
    fresh: World, unchecked: Unchecked
) -> None:
    """Control: unchecked, the count is published."""
    fresh.sql(
        "update restricted.releases.rel_pack set opt_out_status = 'shown', opted_out_people = 10 "
        "where agreement_id = 'REC-A'"
    )
    with pytest.raises(SafeHavenError, match="under the regime 'not_applied'"):
        fresh.release()
    unchecked()
    assert fresh.release()["REC-A"] == "released"
    assert stated(fresh)["people"] == 10


def test_attack_manifest_signed_with_another_count(world: World, unchecked: Unchecked) -> None:
    """Verification with public material alone notices, whoever signed. Control: unchecked, not."""
    said = stated(world)
    forged = [
        said | {"regime": "applied", "status": "shown", "people": 10},
        said | {"people": 3},
        said | {"rule": RULE | {"suppress_hi": 0}},
        said | {"exact": 3},
        None,
    ]
    for opt_out in forged:
        world.seal(world.record_level, opt_out=opt_out)
        assert world.verify(world.record_level).failed
    unchecked()
    for opt_out in forged:
        world.seal(world.record_level, opt_out=opt_out)
        assert not world.verify(world.record_level).failed


def test_counts_that_the_rule_can_show() -> None:
    """Every count from 0 to 100, withheld or rounded, by hand."""
    shown = {0} | {(count + 2) // 5 * 5 for count in range(8, 101)}
    assert {value for value in range(-10, 101) if pack._may_be_shown(value)} == shown
    assert not pack._may_be_shown(True) and not pack._may_be_shown(10.0)
    assert tables.COUNT_RULE == RULE
