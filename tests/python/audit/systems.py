"""Small publications made from a known truth, at random or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random
from typing import Any

EXACT = {"suppress_lo": 1, "suppress_hi": 4, "round_to": 1, "zero_is_shown": True}
HES = {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": True}
LEAVES = (0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 11, 13)


def relation(total: str, *parts: str, op: str = "=") -> dict[str, Any]:
    return {"total": total, "parts": list(parts), "op": op}


def protected(
    rule: dict[str, Any],
    shown: dict[str, int | None],
    *relations: dict[str, Any],
    width: int = 2,
    known: dict[str, int] | None = None,
    lower_bound: int | None = None,
) -> dict[str, Any]:
    """A PROTECTED content; None is withheld."""
    return {
        "relations": list(relations),
        "rule": rule,
        "required_width": width,
        "attacker_lower_bound": (
            int(rule["zero_is_shown"]) if lower_bound is None else lower_bound
        ),
        "known": known or {},
        "shown": shown,
        "withheld": sorted(name for name, value in shown.items() if value is None),
        "summary": {},
    }


def rounded(count: int, rule: dict[str, Any]) -> int:
    base = rule["round_to"]
    return (2 * count + base) // (2 * base) * base


def cube(
    random: Random,
    trees: list[dict[str, list[str]]],
    people: bool,
    counts: Sequence[int] = LEAVES,
    crowd: int = 14,
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Counts of every cell of a table over hierarchies, and its relations.

    With `people`, cells are unions of sets of persons: max(parts) <= total <= sum(parts). Counts of
    the finest cells are drawn from `counts`, their persons from a `crowd` of so many.
    """
    codes = [sorted({*tree, *(c for parts in tree.values() for c in parts)}) for tree in trees]
    bottom = [[c for c in own if c not in tree] for own, tree in zip(codes, trees, strict=True)]
    members: dict[tuple[str, ...], set[int]] = {}
    serial = iter(range(10**6))
    for leaf in product(*bottom):
        count = random.choice(counts)
        members[leaf] = (
            set(random.sample(range(crowd), count))
            if people
            else {next(serial) for _ in range(count)}
        )

    def below(tree: dict[str, list[str]], code: str) -> list[str]:
        return [x for part in tree[code] for x in below(tree, part)] if code in tree else [code]

    truth = {}
    for cell in product(*codes):
        leaves = product(*(below(t, c) for t, c in zip(trees, cell, strict=True)))
        truth["|".join(cell)] = len(set().union(*(members[leaf] for leaf in leaves)))
    relations = [
        relation(
            "|".join(cell), *("|".join((*cell[:at], p, *cell[at + 1 :])) for p in tree[cell[at]])
        )
        for at, tree in enumerate(trees)
        for cell in product(*codes)
        if cell[at] in tree
    ]
    for one in relations:
        one["op"] = "<=" if people else "="
    return truth, relations


SHAPES: list[list[dict[str, list[str]]]] = [
    [{"A": ["a1", "a2", "a3", "a4"]}],
    [{"A": ["B", "C"], "B": ["b1", "b2"], "C": ["c1", "c2", "c3"]}],
    [{"A": ["a1", "a2"]}, {"X": ["x1", "x2"]}],
    [{"A": ["a1", "a2", "a3"]}, {"X": ["x1", "x2", "x3"]}],
    [{"A": ["B", "C"], "B": ["b1", "b2"], "C": ["c1"]}, {"X": ["x1", "x2"]}],
    [{"A": ["a1", "a2"]}, {"X": ["x1", "x2"]}, {"P": ["p1", "p2"]}],
]
BIG_SHAPES = [
    [{"A": ["a1", "a2"]}, {"X": ["x1", "x2"]}, {"P": ["p1", "p2"]}, {"S": ["s1", "s2"]}],
    [{"A": ["a1", "a2", "a3"]}, {"X": ["x1", "x2", "x3"]}, {"P": ["p1", "p2"]}],
]


def small_system(random: Random) -> tuple[dict[str, Any], int]:
    """A publication of a random truth, and a count above all of its counts."""
    is_exact = random.random() < 0.5
    zero_is_shown = random.random() < 0.75
    rule = {
        "suppress_lo": 1 if zero_is_shown else 0,
        "suppress_hi": random.choice((2, 4, 7)),
        "round_to": 1 if is_exact else random.choice((2, 3, 5)),
        "zero_is_shown": zero_is_shown,
    }
    people = random.random() < 0.3
    shapes = SHAPES + BIG_SHAPES if is_exact and not people else SHAPES
    truth, relations = cube(random, random.choice(shapes), people)
    small = range(rule["suppress_lo"], rule["suppress_hi"] + 1)
    more = random.choice((0.0, 0.1, 0.3, 0.6))
    withheld = {
        n
        for n, v in truth.items()
        if v in small or ((v > 0 or not zero_is_shown) and random.random() < more)
    }
    unseen = random.choice((0.0, 0.0, 0.0, 0.08, 0.08, 0.5))
    hidden = {n for n in truth if random.random() < unseen}
    few = 0.08 if random.random() < 0.3 else 0.0
    known = {n: v for n, v in truth.items() if random.random() < few}
    kept = [r for r in relations if random.random() < 0.95]
    used = {n for r in kept for n in (r["total"], *r["parts"])}
    shown = {
        n: None if n in withheld else rounded(v, rule)
        for n, v in truth.items()
        if n not in hidden or n not in used
    }
    bound = 0 if not zero_is_shown or random.random() < 0.2 else 1
    content = protected(
        rule, shown, *kept, width=random.choice((1, 2, 2, 3)), known=known, lower_bound=bound
    )
    return content, 2 * max(truth.values()) + 30


def scattered_system(random: Random) -> tuple[dict[str, Any], int]:
    """Rounded totals over hidden sums of withheld counts that share no relation with each other.

    Here caps that hold one set at a time often do not hold together.
    """
    many = random.randint(2, 4)
    cap, base = random.choice(((7, 5), (4, 3), (2, 2)))
    rule = HES | {"suppress_hi": cap, "round_to": base}
    truth = {f"w{n}": random.choice((1, cap, cap, cap + 1, cap + 3)) for n in range(many)}
    relations, shown = [], dict[str, int | None](dict.fromkeys(truth))
    for n in range(many):
        parts = [f"w{n}"]
        if random.random() < 0.6:
            parts.append(f"s{n}")
            truth[f"s{n}"] = random.choice((8, 10, 13))
        truth[f"h{n}"] = sum(truth[p] for p in parts)
        relations.append(relation(f"h{n}", *parts))
    for n in range(random.randint(1, 2)):
        parts = sorted(random.sample([f"h{n}" for n in range(many)], random.randint(2, many)))
        truth[f"t{n}"] = sum(truth[p] for p in parts)
        relations.append(relation(f"t{n}", *parts))
    shown |= {n: rounded(v, rule) for n, v in truth.items() if n[0] in "st" and v > cap}
    return protected(rule, shown, *relations, width=random.choice((1, 2, 3))), 120


def spoilt(random: Random, content: dict[str, Any]) -> dict[str, Any]:
    """The same with one shown number changed: often no table fits any more."""
    numbers = sorted(n for n, v in content["shown"].items() if v is not None)
    if not numbers:
        return content
    name = random.choice(numbers)
    base = content["rule"]["round_to"]
    changed = content["shown"][name] + base * random.choice((-2, -1, 1, 2, 3))
    if changed < 0 or 0 < changed <= content["rule"]["suppress_hi"]:
        return content
    return content | {"shown": content["shown"] | {name: changed}}
