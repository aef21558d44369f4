"""A system that contradicts itself or cannot be protected is refused, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from safe_haven.errors import SafeHavenError
from safe_haven.suppression.command import protect_command
from safe_haven.suppression.protection import UnprotectableError
from safe_haven.suppression.system import MalformedSystemError
from safe_haven.suppression.tool import protect_system

EXACT = {"suppress_lo": 1, "suppress_hi": 4, "round_to": 1, "zero_is_shown": True}


def system(**changed: Any) -> dict[str, Any]:
    """Two areas of one total."""
    return {
        "cells": [{"id": "t", "value": 20}, {"id": "a", "value": 3}, {"id": "b", "value": 17}],
        "relations": [{"total": "t", "parts": ["a", "b"]}],
        "rule": EXACT,
        "required_width": 2,
    } | changed


def cells(**values: Any) -> dict[str, Any]:
    return {"cells": [{"id": name, "value": value} for name, value in values.items()]}


MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "no cells": ({"cells": [], "relations": []}, "no cells"),
    "a total that does not add up": (cells(t=21, a=3, b=17), "do not agree"),
    "a negative count": (cells(t=20, a=-3, b=23), "negative"),
    "a fraction": (cells(t=20, a=3.5, b=17), "whole number"),
    "a truth value": (cells(t=20, a=True, b=19), "whole number"),
    "no count": (cells(t=20, a=None, b=17), "whole number"),
    "a cell twice": ({"cells": [*system()["cells"], {"id": "a", "value": 3}]}, "twice"),
    "no name": ({"cells": [{"id": None, "value": 3}]}, "text"),
    "a relation of nothing": ({"relations": [{"total": "t", "parts": []}]}, "no parts"),
    "a part that is no cell": ({"relations": [{"total": "t", "parts": ["x"]}]}, "not in the cells"),
    "a part twice": ({"relations": [{"total": "t", "parts": ["a", "a"]}]}, "twice"),
    "a part of itself": ({"relations": [{"total": "t", "parts": ["t"]}]}, "twice"),
    "another sign": ({"relations": [{"total": "t", "parts": ["a", "b"], "op": ">="}]}, "op"),
    "reversed bounds": ({"rule": EXACT | {"suppress_lo": 5}}, "above"),
    "a rule that lacks a word": ({"rule": {"suppress_lo": 1}}, "exactly"),
    "zeros shown and withheld": ({"rule": EXACT | {"suppress_lo": 0}}, "zero"),
    "rounding that hides in zeros": ({"rule": EXACT | {"round_to": 20}}, "rounding"),
    "no width": ({"required_width": 0}, "at least 1"),
    "an unknown key": ({"speed": 1}, "not known"),
    "an unknown primary": ({"primary": ["x"]}, "not in the cells"),
    "an unknown hidden cell": ({"hidden": ["x"]}, "not in the cells"),
    "a known value that is not true": ({"known": {"b": 18}}, "another value"),
    "a primary that is known": ({"known": {"a": 3}}, "already known"),
    "a bound of the attacker": ({"attacker_lower_bound": 2}, "0 or 1"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_system_is_refused(name: str) -> None:
    changed, reason = MALFORMED[name]
    with pytest.raises(MalformedSystemError, match=reason):
        protect_system(system(**changed))


def test_relations_that_go_round_are_refused() -> None:
    round_ = [{"total": "a", "parts": ["b"]}, {"total": "b", "parts": ["a"]}]
    with pytest.raises(MalformedSystemError, match="circle"):
        protect_system(system(**cells(a=3, b=3), relations=round_))


def test_attack_a_primary_that_known_values_determine_is_refused() -> None:
    with pytest.raises(UnprotectableError, match="'a'"):
        protect_system(system(known={"t": 20, "b": 17}))
    # The control: with one of them unknown it can be withheld.
    assert protect_system(system(known={"t": 20}))["withheld"] == ["a", "b"]


def test_all_cells_small_and_a_single_cell_are_safe() -> None:
    every = protect_system(system(**cells(t=3, a=1, b=2)))
    assert every["withheld"] == ["a", "b", "t"]
    single = protect_system(system(**cells(a=3), relations=[]))
    assert single["shown"] == {"a": None}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"cells": NaN}', '{"rule": 1, "rule": 2}', "[" * 100_000, "\ufffd"],
    ids=["empty", "cut off", "no object", "not a number", "a key twice", "deep", "no JSON"],
)
def test_a_file_that_is_no_system_is_refused_and_nothing_written(tmp_path: Path, text: str) -> None:
    given, out = tmp_path / "system.json", tmp_path / "out.json"
    given.write_text(text)
    result = CliRunner().invoke(protect_command, [str(given), "--out", str(out)])
    assert isinstance(result.exception, SafeHavenError)
    assert list(tmp_path.iterdir()) == [given]


def test_the_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    given = tmp_path / "system.json"
    given.write_text(json.dumps(system()))
    written = []
    for name in ("one.json", "two.json.gz", "three.json", "four.json.gz"):
        result = CliRunner().invoke(protect_command, [str(given), "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        assert result.output.startswith("3 cells, 2 withheld")
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[2]
    assert written[1] == written[3]


# -- the form of a CSV ------------------------------------------------------------------------

TABLE = "area,sex,value\nNorth,f,3\nNorth,m,12\nEast,f,9\nEast,m,20\nWest,f,15\nWest,m,0\n"
SETTINGS: dict[str, Any] = {
    "rule": EXACT,
    "required_width": 2,
    "hierarchies": {"area": {"Upper": ["North", "East"]}},
}


@pytest.fixture
def protect_table(tmp_path: Path) -> Callable[..., Any]:
    """Protect a CSV by the command; its result and what it wrote."""

    def run(table: str, **changed: Any) -> tuple[Any, Any]:
        (tmp_path / "table.csv").write_text(table)
        (tmp_path / "rule.json").write_text(json.dumps(SETTINGS | changed))
        out = tmp_path / "out.json"
        arguments = [str(tmp_path / "table.csv"), "--rule", str(tmp_path / "rule.json")]
        result = CliRunner().invoke(protect_command, [*arguments, "--out", str(out)])
        return result, json.loads(out.read_text()) if out.exists() else None

    return run


def test_a_table_is_protected_with_all_its_totals(protect_table: Callable[..., Any]) -> None:
    result, content = protect_table(TABLE)
    assert result.exit_code == 0, result.exception
    shown = content["shown"]
    assert len(shown) == 5 * 3
    assert (shown["North|f"], shown["West|m"], shown["ALL|ALL"]) == (None, 0, 59)
    assert len(content["withheld"]) == 4


BAD_TABLES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no rows": ("area,value\n", {}, "no rows"),
    "no header": ("", {}, "header"),
    "an empty category": (TABLE + ",f,3\n", {}, "empty"),
    "a category twice": (TABLE + "West,m,0\n", {}, "had a row"),
    "a fraction": (TABLE + "South,m,1.5\n", {}, "whole number"),
    "a negative count": (TABLE + "South,m,-1\n", {}, "whole number"),
    "a row that is short": (TABLE + "South\n", {}, "columns"),
    "a total among the rows": (TABLE + "Upper,m,3\n", {}, "total"),
    "two parents": (
        TABLE,
        {"hierarchies": {"area": {"U": ["East"], "V": ["East"]}}},
        "two parents",
    ),
    "a circle": (TABLE, {"hierarchies": {"area": {"U": ["V"], "V": ["U"]}}}, "above itself"),
    "an unknown dimension": (TABLE, {"hierarchies": {"age": {"U": ["V"]}}}, "no column"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_is_refused(protect_table: Callable[..., Any], name: str) -> None:
    table, changed, reason = BAD_TABLES[name]
    result, content = protect_table(table, **changed)
    assert isinstance(result.exception, MalformedSystemError)
    assert reason in str(result.exception)
    assert content is None
