"""`safe-haven audit FILE`: what it prints, its exit codes, and a table of anybody's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from systems import EXACT, HES, protected, relation

from safe_haven.disclosure.command import audit_command

Write = Callable[[str, Any], str]
SAFE = protected(EXACT, {"t": 29, "a": None, "b": None}, relation("t", "a", "b"))
TOLD = protected(EXACT, {"t": 1029, "a": None, "b": 1026}, relation("t", "a", "b"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(audit_command, arguments)


def test_exit_codes(write: Write) -> None:
    """0: safe; 1: a cell fails; 3: nothing was audited."""
    assert run(write("safe.json", SAFE)).exit_code == 0
    assert run(write("told.json", TOLD)).exit_code == 1
    assert run(write("broken.json", "{")).exit_code == 3
    assert (
        run(write("no.json", SAFE | {"shown": {}, "withheld": [], "relations": []})).exit_code == 3
    )
    contradiction = SAFE | {"shown": {"t": 1, "a": None, "b": None}}
    result = run(write("contradiction.json", contradiction))
    assert result.exit_code == 3 and "no table of counts fits" in result.output


def test_no_output_holds_the_count_that_was_told(write: Write, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run(write("told.json", TOLD), "--json", str(report))
    assert "a: withheld, told exactly" in result.output
    content = json.loads(report.read_text())
    assert content["failures"] == [{"cell": "a", "reason": "told exactly (intervals)"}]
    assert "3" not in result.output.split("a: withheld")[1].split("\n")[0]


def test_what_the_reader_demands_is_judged_and_printed(write: Write) -> None:
    lying = write("p.json", SAFE | {"required_width": 0})
    assert run(lying).exit_code == 0
    demanded = run(lying, "--required-width", "27")
    assert demanded.exit_code == 0 and "required width 27" in demanded.output
    assert run(lying, "--required-width", "28").exit_code == 1
    other = write("q.json", TOLD | {"rule": EXACT | {"suppress_hi": 1}})
    assert run(other).exit_code == 0, "3 is not small under the rule in the file"
    assert run(other, "--suppress-hi", "7").exit_code == 1


def test_small_counts_shown_are_named_and_fail_on_demand(write: Write) -> None:
    naked = write("p.json", protected(EXACT, {"t": 30, "a": 3, "b": 27}, relation("t", "a", "b")))
    assert "1 shown counts lie in the suppressed range" in run(naked).output
    assert run(naked).exit_code == 0
    assert run(naked, "--no-small-shown").exit_code == 1


def test_packs_and_files_are_not_mixed(write: Write, tmp_path: Path) -> None:
    assert run(write("p.json", SAFE), str(tmp_path)).exit_code == 2


def test_same_report_twice(write: Write, tmp_path: Path) -> None:
    file = write("p.json", TOLD)
    first, second = tmp_path / "1", tmp_path / "2"
    outputs = [run(file, "--json", str(path)).output for path in (first, second)]
    assert outputs[0] == outputs[1] and first.read_bytes() == second.read_bytes()


MEANING = {
    "dimensions": {
        "area": {"England": [["North", "South"], ["Town", "Land"]]},
        "sex": {"ALL": ["F", "M"]},
    },
    "value": "patients",
    "withheld": ["c"],
    "rule": HES,
    "required_width": 2,
}
TABLE = """area,sex,patients
England,ALL,40
North,ALL,20
South,ALL,20
North,F,c
North,M,15
South,F,10
South,M,10
England,F,15
England,M,25
"""


def test_anybodys_table_is_audited(write: Write) -> None:
    """Rounded, 13-17 women less 8-12 leave 1-7 in the north; exact, 15 less 10 leave 5."""
    table = write("t.csv", TABLE)
    passed = run(table, "--hierarchy", write("h.json", MEANING))
    assert passed.exit_code == 0 and "1 withheld, 6 hidden" in passed.output
    exact = MEANING | {"rule": EXACT | {"suppress_hi": 7}}
    told = run(table, "--hierarchy", write("h2.json", exact))
    assert told.exit_code == 1 and "'North|F': withheld, told exactly" in told.output


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("North,M,15", "North,M,15\nNorth,M,15", "line 7: the cell stands there twice"),
        ("North,M,15", "West,M,15", "line 6: West is not in area"),
        ("North,M,15", "North,M,~15", "line 6: neither a count nor a symbol"),
        ("area,sex,patients", "area,sex,people", "no column patients"),
    ],
)
def test_table_that_does_not_fit_its_description_is_refused(
    write: Write, old: str, new: str, message: str
) -> None:
    hierarchy = write("h.json", MEANING)
    result = run(write("t.csv", TABLE.replace(old, new)), "--hierarchy", hierarchy)
    assert result.exit_code == 3 and message in result.output
    assert run(write("u.csv", TABLE)).exit_code == 3, "a CSV alone says nothing of its totals"


def test_missing_row_may_be_declared_a_zero(write: Write) -> None:
    rows = TABLE.replace("South,M,10\n", "").replace("South,ALL,20", "South,ALL,10")
    rows = rows.replace("England,M,25", "England,M,15").replace("England,ALL,40", "England,ALL,30")
    table = write("t.csv", rows)
    dimensions = {"area": {"England": ["North", "South"]}, "sex": {"ALL": ["F", "M"]}}
    zero = MEANING | {"missing": "zero", "dimensions": dimensions}
    result = run(table, "--hierarchy", write("h.json", zero))
    assert "9 cells" in result.output and "0 hidden" in result.output
