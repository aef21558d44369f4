"""`sql`, `status` and `reconcile`: they read, and show no value where they fail."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from zone_state import SECRET, state_with_zones

from safe_haven import audit_log
from safe_haven.audit_log import Event
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.query import command
from safe_haven.release import events, signing


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


def logged() -> list[Event]:
    """What the audit log has."""
    state = State.from_environment("dev")
    key = signing.private_key(Keyring(state.keys)).public_key()
    return audit_log.load(events.folder(state), key)


def test_a_query_is_logged_before_it_runs_and_without_its_words() -> None:
    """Also one that fails while it runs. A name that may be a person's number is not kept."""
    number = "999 000 0000"
    queries = [
        "with a as (from identifiable.main.t) select * from a, restricted.main.t",
        "select cast(v as integer) from identifiable.main.t",
        f"select '{number}' from \"{number}\"",
    ]
    for query in queries:
        run(command.sql_command, query)
    run(command.sql_command, "create table x as select 1")
    told = logged()
    assert [event.event for event in told] == [events.QUERIED] * 3
    assert [event.detail["tables"] for event in told] == [
        ["identifiable.main.t", "restricted.main.t"],
        ["identifiable.main.t"],
        ['"[number]"'],
    ]
    assert number not in str(told)


def test_nothing_is_shown_that_the_log_cannot_be_told_of() -> None:
    """The log was tampered with; once it is whole again, the query is answered."""
    run(command.sql_command, "select 1")
    state = State.from_environment("dev")
    log = events.folder(state) / audit_log.LOG
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b"queried", b"nothing"))
    refused = run(command.sql_command, "from identifiable.main.t")
    assert (refused.output, type(refused.exception)) == ("", SafeHavenError)
    log.write_bytes(whole)
    assert SECRET in run(command.sql_command, "from identifiable.main.t").output


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
