"""Known attacks as published files: each is found, and each has a control in which it fails.

The control withholds one cell more, or takes away the fact that the attack needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from systems import EXACT, HES, protected, relation

from safe_haven.audit.attack import audit

Content = dict[str, Any]
ReferenceFile = Callable[[str], Path]
WIDE = EXACT | {"suppress_hi": 20}
ZEROS_WITHHELD = EXACT | {"suppress_lo": 0, "suppress_hi": 7, "zero_is_shown": False}


@dataclass(frozen=True)
class Attack:
    """One publication that gives cells away, and one like it that does not."""

    attacked: Content
    told: set[str]
    control: Content


def line(rule: dict[str, Any], total: int | None, *parts: int | None, **more: Any) -> Content:
    """A total `t` and its parts `a`, `b`, …; None is withheld."""
    names = "abcdefgh"[: len(parts)]
    shown = {"t": total} | dict(zip(names, parts, strict=True))
    shown = {name: value for name, value in shown.items() if value != -1}
    return protected(rule, shown, relation("t", *names), **more)


def square(withheld: set[str], corner: int = 3, **more: Any) -> Content:
    """Two rows and two columns of threes but for one corner, with all totals."""
    counts = {"r1c1": 3, "r1c2": 3, "r2c1": 3, "r2c2": corner, "r1": 6, "c1": 6}
    counts |= {"r2": 3 + corner, "c2": 3 + corner}
    shown = {n: None if n in withheld else v for n, v in counts.items()}
    return protected(
        EXACT,
        shown,
        relation("r1", "r1c1", "r1c2"),
        relation("r2", "r2c1", "r2c2"),
        relation("c1", "r1c1", "r2c1"),
        relation("c2", "r1c2", "r2c2"),
        **more,
    )


INNER = {"r1c1", "r1c2", "r2c1", "r2c2"}


def parity_cube(inner: list[int]) -> Content:
    """A cube of eight withheld counts with every total shown."""
    counts = {c: n for c, n in zip(product("01", repeat=3), inner, strict=True)}
    cells, relations = {}, []
    for cell in product("01*", repeat=3):
        below = [c for c in counts if all(x in ("*", y) for x, y in zip(cell, c, strict=True))]
        cells["".join(cell)] = sum(counts[c] for c in below) if "*" in cell else None
        for at in range(3):
            if cell[at] == "*":
                parts = ["".join((*cell[:at], x, *cell[at + 1 :])) for x in "01"]
                relations.append(relation("".join(cell), *parts))
    return protected(ZEROS_WITHHELD, cells, *relations)


def year_to_date(withheld: set[str]) -> Content:
    counts = {"ytd10": 40, "m11": 11, "ytd11": 51, "m12": 3, "ytd12": 54}
    shown = {n: None if n in withheld else v for n, v in counts.items()}
    return protected(
        EXACT, shown, relation("ytd11", "ytd10", "m11"), relation("ytd12", "ytd11", "m12")
    )


def revision(**known: int) -> Content:
    """New and old count of one cell: old + added = new + removed."""
    return protected(
        EXACT,
        {"new": 23},
        relation("both", "new", "removed"),
        relation("both", "old", "added"),
        known={"old": 20} | known,
    )


def zero_siblings(withheld: set[str]) -> Content:
    counts = {"all": 13, "t": 3, "u": 10, "a": 3, "b": 0, "c": 0}
    shown = {n: None if n in withheld else v for n, v in counts.items()}
    return protected(EXACT, shown, relation("all", "t", "u"), relation("t", "a", "b", "c"))


def single_child(withheld: set[str]) -> Content:
    counts = {"all": 19, "p": 9, "q": 10, "child": 9}
    shown = {n: None if n in withheld else v for n, v in counts.items()}
    return protected(WIDE, shown, relation("all", "p", "q"), relation("p", "child"))


def records(count: int) -> Content:
    """People and records of one cell: every person has a record."""
    return protected(
        EXACT, {"people": None}, relation("records", "people", "more"), known={"records": count}
    )


def people(*parts: int | None) -> Content:
    """A total of 12 persons, each in at least one part."""
    content = line(WIDE, 12, *parts)
    content["relations"][0]["op"] = "<="
    return content


def sliver(authority: int | None) -> Content:
    """A board that is an authority and a sliver that nobody published."""
    return protected(
        EXACT, {"board": 100, "authority": authority}, relation("board", "authority", "sliver")
    )


ATTACKS = {
    "subtraction from a total": Attack(
        line(EXACT, 20, None, 17), {"a"}, line(EXACT, 20, None, None)
    ),
    "addition to a total": Attack(line(WIDE, None, 8, 9), {"t"}, line(WIDE, None, None, 9)),
    "subtraction in a column": Attack(square({"r1c1", "r1c2"}), {"r1c1", "r1c2"}, square(INNER)),
    "parity cube with zeros": Attack(
        parity_cube([0, 0, 3, 4, 5, 4, 3, 6]),
        {"".join(c) for c in product("01", repeat=3)},
        parity_cube([2, 2, 3, 4, 5, 4, 3, 6]),
    ),
    "two ones where zeros are shown": Attack(
        line(EXACT, 2, None, None), {"a", "b"}, line(EXACT, 2, None, None, lower_bound=0)
    ),
    "two sevens of fourteen": Attack(
        line(HES, -1, None, None, known={"t": 14}),
        {"a", "b"},
        line(HES, -1, None, None, known={"t": 12}),
    ),
    "two sevens are not capped where values are exact": Attack(
        line(HES, -1, None, None, known={"t": 14}),
        {"a", "b"},
        line(HES | {"round_to": 1}, 14, None, None),
    ),
    "sliver between geographies": Attack(sliver(97), {"sliver"}, sliver(None)),
    "month against year to date": Attack(
        year_to_date({"m12"}), {"m12"}, year_to_date({"m12", "ytd11", "m11"})
    ),
    "quarter minus two months": Attack(
        line(EXACT, 33, None, 14, 16), {"a"}, line(EXACT, 33, None, None, 16)
    ),
    "revised release": Attack(revision(removed=0), {"added"}, revision()),
    "rounded total 25 of 1, 13 and 13": Attack(
        line(HES, 25, None, 15, 15), {"a"}, line(HES, 30, None, 15, 15)
    ),
    "rounded total 45 of 7 and three times 12": Attack(
        line(HES, 45, None, 10, 10, 10), {"a"}, line(HES, 40, None, 10, 10, 10)
    ),
    "exact total 14 of 1 and 13": Attack(
        line(HES, -1, None, 15, known={"t": 14}), {"a"}, line(HES, 15, None, 15)
    ),
    "people against records": Attack(records(2), {"people", "more"}, records(3)),
    "people of a total in one part only": Attack(people(None, 0), {"a"}, people(None, None)),
    "structural zero": Attack(
        square(INNER, corner=0, lower_bound=0, known={"r2c2": 0}),
        INNER - {"r2c2"},
        square(INNER, corner=0, lower_bound=0),
    ),
    "all-zero siblings": Attack(
        zero_siblings({"t", "a"}), {"t", "a"}, zero_siblings({"t", "a", "u"})
    ),
    "single-child parent": Attack(
        single_child({"child"}), {"child"}, single_child({"child", "p", "q"})
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_found(name: str) -> None:
    report = audit(ATTACKS[name].attacked)
    assert {failure.cell for failure in report.failures} == ATTACKS[name].told


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_fails_in_the_control(name: str) -> None:
    report = audit(ATTACKS[name].control)
    assert report.passed and report.withheld + report.hidden > 0


def test_attack_by_two_readers_together() -> None:
    """Each holds a safe table; one cell is withheld from one and shown to the other."""
    mine, yours = line(EXACT, 20, None, None), protected(EXACT, {"b": 17})
    assert audit(mine).passed and audit(yours).passed
    assert {f.cell for f in audit(mine, yours).failures} == {"a"}


def test_attack_on_a_header_that_lies() -> None:
    """The reader's width counts, not the file's."""
    content = line(EXACT, 3, None, None, width=0)
    assert audit(content).passed
    assert len(audit(content, demanded={"required_width": 2}).failures) == 2
    hidden = line(EXACT | {"suppress_hi": 1}, 20, None, 17)
    assert audit(hidden).passed
    assert not audit(hidden, demanded={"suppress_hi": 7}).passed


def _bridge(reference: ReferenceFile, *more: str) -> Content:
    case = json.loads(reference("sdc/sdctable_bridge_4x4.json").read_text())
    inner = case["inner"]
    rows, columns = sorted(inner), sorted(inner["w"])
    shown: dict[str, int | None] = {f"{r}|{c}": inner[r][c] for r in rows for c in columns}
    shown |= {f"{r}|*": sum(inner[r].values()) for r in rows}
    shown |= {f"*|{c}": sum(inner[r][c] for r in rows) for c in columns}
    for name in [*("|".join(pair) for pair in case["suppressed"]), *more]:
        shown[name] = None
    relations = [relation(f"{r}|*", *(f"{r}|{c}" for c in columns)) for r in rows]
    relations += [relation(f"*|{c}", *(f"{r}|{c}" for r in rows)) for c in columns]
    return protected(EXACT | {"suppress_hi": 1000}, shown, *relations)


@pytest.mark.reference_data
def test_attack_on_the_bridge_finds_47_and_nothing_else(reference_file: ReferenceFile) -> None:
    """Two withheld cells in every line are not enough."""
    (failure,) = audit(_bridge(reference_file)).failures
    assert (failure.cell, failure.low, failure.high) == ("w|b", 47, 47)
    for more in ("x|d", "x|b"):
        assert audit(_bridge(reference_file, more)).passed


def _linked(reference: ReferenceFile, tables: list[str], *more: str) -> Content:
    case = json.loads(reference("sdc/sdctable_linked_county_size.json").read_text())
    counts, relations = dict(case["leaf"]), []
    for table in tables:
        for total, parts in reversed(case["tables"][table].items()):
            counts[total] = sum(counts[p] for p in parts)
            relations.append(relation(total, *parts))
    shown = {n: None if n in (*case["expect"]["primary"], *more) else v for n, v in counts.items()}
    return protected(EXACT | {"suppress_hi": 3}, shown, *relations)


@pytest.mark.reference_data
def test_attack_on_linked_groupings_finds_k(reference_file: ReferenceFile) -> None:
    """Each grouping alone is safe; together they give 3 away."""
    assert audit(_linked(reference_file, ["county"])).passed
    assert audit(_linked(reference_file, ["size"])).passed
    (failure,) = audit(_linked(reference_file, ["county", "size"])).failures
    assert (failure.cell, failure.low) == ("K", 3)
    assert audit(_linked(reference_file, ["county", "size"], "N")).passed
