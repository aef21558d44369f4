"""`sql`, `status` and `reconcile`: they read, and show no value where they fail."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from zone_state import SECRET, state_with_zones

from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT
from safe_haven.query import command


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zone files with one table each, and none that a build makes."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(state_with_zones(tmp_path).var))


def test_every_column_of_reconcile_is_explained() -> None:
    glossary = (PROJECT_ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    named = ["layout", "feed", *re.findall(r" as (\w+)", command.RECONCILIATION)]
    assert len(named) == 15
    assert [name for name in named if f"`{name}`" not in glossary] == []


def run(verb: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(verb, [*arguments, "--target", "dev"])


def test_a_query_prints_csv() -> None:
    result = run(command.sql_command, "select v, 1 as n from identifiable.main.t")
    assert (result.exit_code, result.output) == (0, f"v,n\n{SECRET},1\n")


@pytest.mark.parametrize(
    "statement",
    [
        "create table x as select 1",
        "insert into identifiable.main.t values ('more')",
        "select 1; select 2",
        "copy (select 1) to 'file.csv'",
        "",
    ],
)
def test_sql_takes_nothing_but_one_query(statement: str) -> None:
    result = run(command.sql_command, statement)
    assert isinstance(result.exception, SafeHavenError)
    assert "Give one query" in str(result.exception)


@pytest.mark.parametrize(
    "statement",
    [
        "select cast(v as integer) from identifiable.main.t",
        "select no_such_column from identifiable.main.t",
    ],
)
def test_a_query_that_fails_shows_no_value(statement: str) -> None:
    result = run(command.sql_command, statement)
    assert isinstance(result.exception, SafeHavenError)
    assert "The query failed" in str(result.exception)
    assert SECRET not in str(result.exception)


@pytest.mark.parametrize("verb", [command.status_command, command.reconcile_command])
def test_before_its_tables_are_built_a_verb_says_what_to_do(verb: click.Command) -> None:
    result = run(verb)
    assert isinstance(result.exception, SafeHavenError)
    assert "were not built for this target" in str(result.exception)
