"""Attacks on published tables, each on a system made for it: none succeeds on what is published.

The control of each: with nothing withheld but what the rule says, the same attack tells a count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn_systems import primaries_only

from safe_haven.audit.attack import audit
from safe_haven.suppression import exact
from safe_haven.suppression.attacker import belief
from safe_haven.suppression.protection import Alternative, Protection, UnprotectableError, check
from safe_haven.suppression.section import Section, cut
from safe_haven.suppression.system import read_system
from safe_haven.suppression.tool import protect, protect_system

EXACT = {"suppress_lo": 1, "suppress_hi": 4, "round_to": 1, "zero_is_shown": True}
HES = {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": True}


def system(
    values: dict[str, int], *relations: tuple[str, str], rule: Any = EXACT, **more: Any
) -> dict[str, Any]:
    """relations: a total and its parts, such as ("t", "a b") or, of people, ("t", "<= a b")."""
    return {
        "cells": [{"id": name, "value": value} for name, value in values.items()],
        "relations": [
            {"total": total, "parts": parts.removeprefix("<= ").split()}
            | ({"op": "<="} if parts.startswith("<=") else {})
            for total, parts in relations
        ],
        "rule": rule,
        "required_width": 2,
    } | more


def square(rows: list[list[int]]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A table with its totals: r0c0 …, r0 …, c0 …, t."""
    values = {f"r{i}c{j}": v for i, row in enumerate(rows) for j, v in enumerate(row)}
    relations = []
    for i, row in enumerate(rows):
        values[f"r{i}"] = sum(row)
        relations.append((f"r{i}", " ".join(f"r{i}c{j}" for j in range(len(row)))))
    for j, column in enumerate(zip(*rows, strict=True)):
        values[f"c{j}"] = sum(column)
        relations.append((f"c{j}", " ".join(f"r{i}c{j}" for i in range(len(rows)))))
    values["t"] = sum(map(sum, rows))
    relations.append(("t", " ".join(f"r{i}" for i in range(len(rows)))))
    relations.append(("t", " ".join(f"c{j}" for j in range(len(rows[0])))))
    return values, relations


def of_square(rows: list[list[int]], **more: Any) -> dict[str, Any]:
    values, relations = square(rows)
    return system(values, *relations, **more)


MONTHS = {"m1": 3, "m2": 20, "m3": 30, "q": 53, "m4": 40, "ytd": 93}
ATTACKS: dict[str, dict[str, Any]] = {
    "subtraction along a row": system({"t": 20, "a": 3, "b": 17}, ("t", "a b")),
    "subtraction in every direction": of_square([[3, 20, 30], [25, 2, 40], [50, 60, 70]]),
    "two ones of two": of_square([[1, 1, 30], [20, 25, 40], [50, 60, 70]]),
    "a total with all but one of its parts zero": system(
        {"t": 23, "a": 3, "b": 0, "c": 20, "s": 43, "u": 20}, ("t", "a b c"), ("s", "t u")
    ),
    "a total of one part": system({"t": 40, "a": 3, "x": 3, "b": 37}, ("t", "a b"), ("a", "x")),
    "capped symbols: 7 and 7 of 14": system({"t": 14, "a": 7, "b": 7}, ("t", "a b"), rule=HES),
    "rounding: 1, 13, 13 of 27": system(
        {"t": 27, "a": 1, "b": 13, "c": 13}, ("t", "a b c"), rule=HES
    ),
    "rounding: 7, 12, 12, 12 of 43": system(
        {"t": 43, "a": 7, "b": 12, "c": 12, "d": 12}, ("t", "a b c d"), rule=HES
    ),
    "linked groupings of the same cells": system(
        {"t": 90, "a": 3, "b": 40, "c": 47, "ab": 43, "bc": 87},
        *(("t", "ab c"), ("ab", "a b"), ("t", "a bc"), ("bc", "b c")),
    ),
    "a sliver between two geographies": system(
        {"icb": 60, "la": 58, "both": 58, "sliver": 2, "rest": 50, "n": 110},
        *(("icb", "both sliver"), ("la", "both"), ("n", "icb rest")),
        hidden=["both", "sliver"],
    ),
    "months against the year to date": system(
        MONTHS, ("q", "m1 m2 m3"), ("ytd", "q m4"), ("ytd", "m1 m2 m3 m4")
    ),
    "a quarter less two months": system({"q": 53, "m1": 3, "m2": 20, "m3": 30}, ("q", "m1 m2 m3")),
    "a release that was revised": system(
        {"old": 50, "new": 52, "added": 2, "x": 30, "t": 82},
        *(("new", "old added"), ("t", "new x")),
        known={"old": 50},
        hidden=["added"],
    ),
    "people in two places": system({"t": 5, "a": 2, "b": 5}, ("t", "<= a b"), required_width=5),
}


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_attack_on_a_protected_system_tells_nothing(name: str) -> None:
    given = ATTACKS[name]
    content = protect_system(given)
    assert audit(content).passed
    # The control: the rule alone.
    assert not audit(primaries_only(given, content)).passed


def test_attack_parity_a_cube_with_a_zero_on_each_side() -> None:
    """Its eight counts could only change together, and the zeros stop them in both directions."""
    cube = [f"{i}{j}{k}" for i in "01" for j in "01" for k in "01"]
    values = dict.fromkeys(cube, 9) | {"000": 0, "001": 0}
    relations: list[tuple[str, str]] = []
    for at in range(3):
        for edge in ("00", "01", "10", "11"):
            parts = [edge[:at] + k + edge[at:] for k in "01"]
            values[edge[:at] + "T" + edge[at:]] = sum(values[part] for part in parts)
            relations.append((edge[:at] + "T" + edge[at:], " ".join(parts)))
    rule = EXACT | {"suppress_lo": 0, "zero_is_shown": False}
    given = system(values, *relations, rule=rule, primary=cube)
    content = protect_system(given)
    assert audit(content).passed
    # The control: the eight alone, two in every line.
    withheld = [*cube, "00T"]
    shown = {name: None if name in withheld else value for name, value in values.items()}
    assert not audit(content | {"withheld": sorted(withheld), "shown": shown}).passed


def test_attack_a_bridge_is_told_although_no_line_is_narrow() -> None:
    """Two withheld cells in every row and column; one of them joins two halves and is told."""
    rows = [[1, 4, 30, 31], [3, 2, 3, 35], [30, 32, 1, 2], [36, 37, 2, 4]]
    given = of_square(rows)
    content = protect_system(given)
    assert audit(content).passed
    # The control: the first company alone, with no proof.
    bare = primaries_only(given, content)
    assert not audit(bare).passed
    told = {finding.cell for finding in audit(bare).failures}
    assert "r1c2" in told


def test_attack_what_was_shown_is_known_for_ever() -> None:
    """A cell that was shown before cannot be withheld as company: another one is."""
    values, relations = square([[3, 20, 30], [25, 35, 40], [50, 60, 70]])
    given = system(values, *relations)
    before = protect_system(given)["withheld"]
    company = sorted(set(before) - {"r0c0"})
    assert company
    known = {name: values[name] for name in company}
    after = protect_system(system(values, *relations, known=known))
    assert audit(after).passed
    assert not set(after["withheld"]) & set(known)
    # The control: who forgets what was shown withholds the same cells again, and all is told.
    forgetful = after | {
        "withheld": before,
        "shown": {n: None if n in before else v for n, v in values.items()},
    }
    assert not audit(forgetful).passed


# -- the proof --------------------------------------------------------------------------------


@pytest.fixture(params=[EXACT, HES], ids=["exact", "rounded"])
def proved(request: pytest.FixtureRequest) -> Protection:
    """A protected square and its proof."""
    rows = [[3, 20, 30, 12], [25, 2, 40, 16], [50, 60, 70, 9], [5, 8, 13, 21]]
    return protect(read_system(of_square(rows, rule=request.param)))


def nothing(proved: Protection) -> np.ndarray:
    return np.zeros(proved.system.size, dtype=bool)


def test_the_proof_of_what_is_published_holds(proved: Protection) -> None:
    check(proved, nothing(proved))


def test_attack_a_forged_proof_is_found(proved: Protection) -> None:
    """Any one number of it changed, or any one table left out that is needed."""
    for number, alternative in enumerate(proved.alternatives):
        for place in range(len(alternative.cells)):
            moved = alternative.moved.copy()
            moved[place] += 1
            forged = list(proved.alternatives)
            forged[number] = Alternative(alternative.cells, moved)
            with pytest.raises(UnprotectableError):
                check(with_alternatives(proved, forged), nothing(proved))
    with pytest.raises(UnprotectableError):
        check(with_alternatives(proved, []), nothing(proved))


def test_attack_a_pattern_without_its_company_has_no_proof() -> None:
    """Another pattern with the same tables: they move what is shown."""
    proved = protect(read_system(of_square([[3, 20, 30], [25, 2, 40], [50, 60, 70]])))
    bare = proved.system.primary
    assert (bare != proved.withheld).any()
    given = proved.given.__class__(
        bare,
        proved.given.capped,
        np.where(bare, proved.given.low, proved.system.value),
        np.where(bare, proved.given.high, proved.system.value),
    )
    forged = Protection(proved.system, given, proved.base, proved.alternatives)
    with pytest.raises(UnprotectableError):
        check(forged, nothing(proved))


def with_alternatives(proved: Protection, found: list[Alternative]) -> Protection:
    return Protection(proved.system, proved.given, proved.base, found)


def test_nothing_is_published_without_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that takes every cell for proved is caught by the check of the proof."""
    monkeypatch.setattr(exact.Section, "prove", lambda self: None)
    monkeypatch.setattr(exact.Section, "narrow", lambda self: {})
    with pytest.raises(UnprotectableError):
        protect_system(ATTACKS["subtraction in every direction"])


def test_what_a_failed_attempt_to_spare_a_cell_exempted_is_in_doubt_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without p neither c nor t can move: t refuses, and c, a 5, must not stay exempt with p."""
    monkeypatch.setattr(Section, "_is_needed", lambda self, place: False)
    values = {"c": 5, "p": 20, "t": 3, "x": 25, "y": 23}
    given = read_system(system(values, ("x", "c p"), ("y", "p t")))
    withheld = np.array([name in "cpt" for name in given.ids])
    bounds = belief(given, withheld, np.zeros(given.size, dtype=bool))
    section = cut(given, np.flatnonzero(withheld), given.value, (bounds.low, bounds.high), withheld)
    section.prove()
    assert section.narrow() == {}
    assert section.spare([1]) == []
    assert not section.exempt.any()
