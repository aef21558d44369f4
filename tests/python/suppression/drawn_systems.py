"""Small systems drawn at random from a known truth, in the form that `safe-haven protect` reads."""

from __future__ import annotations

from random import Random
from typing import Any

from systems import cube, rounded

Tree = dict[str, list[str]]
COUNTS = (0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 21, 40)
SHAPES: list[list[Tree]] = [
    [{"A": ["a", "b", "c"]}],
    [{"A": ["B", "C"], "B": ["b1", "b2"], "C": ["c1", "c2"]}],
    [{"A": ["a", "b"]}, {"X": ["x", "y"]}],
    [{"A": ["a", "b", "c"]}, {"X": ["x", "y", "z"]}],
    [{"A": ["B", "c"], "B": ["b1", "b2"]}, {"X": ["x", "y", "z"]}],
    [{"A": ["B"], "B": ["b1", "b2"]}, {"X": ["x", "y"]}],
    [{"A": ["a", "b"]}, {"X": ["x", "y"]}, {"S": ["f", "m"]}],
    [{"A": ["a", "b"]}, {"X": ["x", "y"]}, {"S": ["f", "m"]}, {"T": ["t1", "t2"]}],
]


def drawn_system(random: Random) -> dict[str, Any]:
    """A system of one to four dimensions, with any of the things that a system may have."""
    is_exact, zero_is_shown = random.random() < 0.6, random.random() < 0.8
    people = random.random() < 0.25
    values, relations = cube(random, random.choice(SHAPES), people, COUNTS, crowd=45)
    top = random.choice((2, 4, 7))
    rule = {
        "suppress_lo": int(zero_is_shown),
        "suppress_hi": top,
        "round_to": 1 if is_exact else random.choice((2, 3, 5)),
        "zero_is_shown": zero_is_shown,
    }
    width = random.choice((1, 2, 2, 2, 3)) if top > 2 or is_exact else 1
    system: dict[str, Any] = {
        "cells": [
            {"id": name, "value": value} | ({"cost": 1 + value} if random.random() < 0.3 else {})
            for name, value in values.items()
        ],
        "relations": [one for one in relations if random.random() < 0.95],
        "rule": rule,
        "required_width": width,
    }
    small = range(int(zero_is_shown), top + 1)
    large = sorted(name for name, value in values.items() if value not in small)
    if random.random() < 0.2:
        system["known"] = {name: values[name] for name in large if random.random() < 0.1}
    used = {cell for one in system["relations"] for cell in (one["total"], *one["parts"])}
    if random.random() < 0.2:
        known = system.get("known", {})
        system["hidden"] = [name for name in sorted(used - set(known)) if random.random() < 0.1]
    if random.random() < 0.2:
        system["attacker_lower_bound"] = 0
    return system


def primaries_only(system: dict[str, Any], published: dict[str, Any]) -> dict[str, Any]:
    """The same publication with no cell withheld but those of the rule."""
    rule = system["rule"]
    values = {cell["id"]: cell["value"] for cell in system["cells"]}

    def is_small(value: int) -> bool:
        small = rule["suppress_lo"] <= value <= rule["suppress_hi"]
        return small or (value == 0 and not rule["zero_is_shown"])

    shown = {
        name: None if is_small(values[name]) else rounded(values[name], rule)
        for name in published["shown"]
    }
    withheld = [name for name, value in shown.items() if value is None]
    return published | {"shown": shown, "withheld": withheld}
