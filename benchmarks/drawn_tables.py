"""Hierarchical tables drawn at random, as systems that `safe-haven protect` reads.

Counts are Poisson about a product of effects, one per place and diagnosis, so that they spread over
several powers of ten; the scale is chosen so that the rule withholds about a tenth of all cells.
The same size and seed give the same system.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, product
from operator import mul
from typing import Any

import numpy as np

EXACT = {"suppress_lo": 1, "suppress_hi": 4, "round_to": 1, "zero_is_shown": True}
HES = {"suppress_lo": 1, "suppress_hi": 7, "round_to": 5, "zero_is_shown": True}
"""HES and ECDS since September 2018 (seeds/rules/disclosure_rule.csv)."""

SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "1k-2D": ((4, 10), (4, 4)),
    "1k-3D": ((3, 5), (4, 3), (2,)),
    "10k-2D": ((7, 20), (10, 6)),
    "10k-3D": ((5, 8), (6, 10), (2,)),
    "100k-2D": ((7, 6, 25), (10, 8)),
    "100k-3D": ((7, 6, 8), (10, 8), (2,)),
    "1M-2D": ((7, 6, 40), (10, 8, 6)),
    "1M-3D": ((7, 6, 25), (10, 29), (2,)),
}
"""How each level of each dimension branches: place, diagnosis, sex."""

LETTERS = "gds"
SPREAD = (1.2, 1.0, 0.1)
"""Standard deviation of the logarithm of an effect, by dimension."""
NOISE = 0.6
PRIMARY_SHARE = 0.1
ALL = "ALL"


@dataclass(frozen=True)
class Dimension:
    """Codes in the order of a walk that reaches a total before its parts; `parts` by their place.

    leaves: of each code, the range of finest codes below it, counted among the finest codes.
    """

    codes: list[str]
    parts: dict[int, list[int]]
    leaves: list[tuple[int, int]]


def drawn_table(size: str, seed: int, rule: dict[str, Any], width: int = 2) -> dict[str, Any]:
    """A table of one of SHAPES with all its totals, in the form that `safe-haven protect` reads."""
    shape = SHAPES[size]
    dimensions = [
        dimension(letter, branching)
        for letter, branching in zip(LETTERS[: len(shape)], shape, strict=True)
    ]
    values = _counts(dimensions, seed, rule).ravel().tolist()
    ids = ["|".join(codes) for codes in product(*(own.codes for own in dimensions))]
    return {
        "cells": [{"id": ids[at], "value": value} for at, value in enumerate(values)],
        "relations": _relations(dimensions, ids),
        "rule": dict(rule),
        "required_width": width,
    }


def dimension(letter: str, branching: tuple[int, ...]) -> Dimension:
    """ALL, and below it a tree in which every code of a level has equally many parts."""
    codes, parts, leaves = [ALL], dict[int, list[int]](), [(0, 0)]
    size = list(accumulate(reversed(branching), mul, initial=1))[::-1]

    def below(parent: int, prefix: str, level: int, first: int) -> None:
        leaves[parent] = first, first + size[level]
        if level == len(branching):
            return
        parts[parent] = []
        for at in range(branching[level]):
            parts[parent].append(len(codes))
            codes.append(f"{prefix}{at:02}")
            leaves.append((0, 0))
            below(len(codes) - 1, codes[-1], level + 1, first + at * size[level + 1])

    below(0, letter, 0, 0)
    return Dimension(codes, parts, leaves)


def _counts(dimensions: list[Dimension], seed: int, rule: dict[str, Any]) -> np.ndarray:
    """Counts of all cells, the scale halved and halved again until the share is closest."""
    low, high = -2.0, 12.0
    for _ in range(20):
        middle = (low + high) / 2
        table = _table(dimensions, seed, middle)
        small = (table >= rule["suppress_lo"]) & (table <= rule["suppress_hi"])
        is_dense = small.mean() < PRIMARY_SHARE and (table == 0).mean() < 0.5
        low, high = (low, middle) if is_dense else (middle, high)
    return table


def _table(dimensions: list[Dimension], seed: int, scale: float) -> np.ndarray:
    random = np.random.default_rng(seed)
    fine = [own.leaves[0][1] for own in dimensions]
    effect = np.full(fine, scale)
    for axis, count in enumerate(fine):
        one = random.normal(0, SPREAD[axis], count)
        effect += one.reshape([-1 if at == axis else 1 for at in range(len(fine))])
    table = random.poisson(np.exp(effect + random.normal(0, NOISE, fine)))
    for axis, own in enumerate(dimensions):
        sums = np.insert(np.cumsum(table, axis=axis), 0, 0, axis=axis)
        first, last = np.array(own.leaves).T
        table = sums.take(last, axis=axis) - sums.take(first, axis=axis)
    return table


def _relations(dimensions: list[Dimension], ids: list[str]) -> list[dict[str, Any]]:
    shape = [len(own.codes) for own in dimensions]
    place = np.arange(len(ids)).reshape(shape)
    return [
        {"total": ids[total], "parts": [ids[part] for part in parts]}
        for axis, own in enumerate(dimensions)
        for parent, children in own.parts.items()
        for total, parts in zip(
            place.take(parent, axis=axis).ravel().tolist(),
            np.moveaxis(place.take(children, axis=axis), axis, -1)
            .reshape(-1, len(children))
            .tolist(),
            strict=True,
        )
    ]
