"""Larger blocks, pushed as a whole or in parts: against the independent auditor."""

from __future__ import annotations

import numpy as np
import pytest
from cubes import COMMISSIONER, POD, PROVIDER, SEX, Cube, Event, events

from safe_haven.disclosure import protect
from safe_haven.disclosure.system import Rule, build_system
from safe_haven.suppression import rounded


@pytest.fixture(scope="module")
def cube() -> Cube:
    """About two hundred records over areas, providers, points of delivery and sexes."""
    random = np.random.default_rng(7)
    records = []
    for person in range(130):
        board = ("QAA", "QBB")[int(random.integers(2))]
        at = {
            "icb_code": board,
            "sub_icb_code": f"{board[1:]}{int(random.integers(2))}",
            "provider_code": f"R{int(random.integers(3))}",
            "point_of_delivery": ("AE", "DC", "EL")[int(random.integers(3))],
            "sex": str(int(random.integers(1, 3))),
        }
        records += [Event(person, at) for _ in range(1 + int(random.integers(2)))]
    tables = {
        "by_provider": (COMMISSIONER, PROVIDER, POD),
        "by_sex": (COMMISSIONER, POD, SEX),
    }
    return Cube(tables, records)


@pytest.fixture(autouse=True, params=[0, rounded.SWEPT_CELLS], ids=["in parts", "as a whole"])
def swept_cells(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounded, "SWEPT_CELLS", request.param)


def pattern_of(cube: Cube) -> dict[str, str]:
    block = build_system(cube.cell_table(), cube.relation_table()).blocks[0]
    withheld = protect.protect_block(block, Rule()).withheld
    names = ("shown", "withheld")
    return {cell: names[int(hidden)] for cell, hidden in zip(block.cell_ids, withheld, strict=True)}


@pytest.fixture(scope="module")
def breakable() -> Cube:
    """Rounding alone gives the 1 away: shown (withheld, 15, 15; total 25)."""
    return Cube(
        {"by_provider": (PROVIDER,)},
        events({("R1",): 1, ("R2",): 13, ("R3",): 13}, ["provider_code"]),
    )


def test_attack_on_a_protected_block_finds_nothing(cube, breakable, audit) -> None:
    for one in (cube, breakable):
        assert [str(failure) for failure in audit(one, pattern_of(one)).failures] == []


def test_control_primaries_alone_fall_to_the_auditor(breakable, audit) -> None:
    assert audit(breakable, breakable.primaries()).failures


def test_every_small_cell_is_withheld(cube) -> None:
    pattern = pattern_of(cube)
    assert all(
        pattern[cell] == "withheld"
        for cell, status in cube.primaries().items()
        if status == "withheld"
    )


def test_same_block_same_pattern(cube) -> None:
    assert pattern_of(cube) == pattern_of(cube)


def test_a_large_component_without_any_cap_is_judged(audit) -> None:
    """A certainly large cell beside the only small one: nobody believes a cap."""
    counts = {(f"R{number:03}", sex): 50 for number in range(70) for sex in "12"}
    counts |= {("R070", "1"): 3}
    cube = Cube({"by_provider": (PROVIDER, SEX)}, events(counts, ["provider_code", "sex"]))
    pattern = cube.primaries() | {"provider_code=R000": "withheld"}
    assert [str(failure) for failure in audit(cube, pattern).failures] == []
