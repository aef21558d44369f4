"""What a person who types a command meets first."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from safe_haven import cli
from safe_haven.errors import SafeHavenError, shown
from safe_haven.load.contract import contracts
from safe_haven.load.landing import read_submissions
from safe_haven.load.mapping import find_mapping, layouts
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.query.command import never_received
from safe_haven.run import command
from safe_haven.zones import writer_lock

PERSON = ",".join(contracts()["person"].column_names)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """An empty state folder."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "var"))
    return State.from_environment("operator")


def person_csv(folder: Path) -> Path:
    """A file of one person, in the layout landing-person."""
    path = folder / "person.csv"
    row = "9990000042" + "," * PERSON.count(",")
    path.write_text(f"{PERSON}\n{row}\n", encoding="utf-8")
    return path


def test_a_path_is_the_callers(tmp_path: Path) -> None:
    """Of the file, and of the folder of the state."""
    person_csv(tmp_path)
    done = subprocess.run(
        [PROJECT_ROOT / "run", "load", "landing-person", "person.csv", "--sender", "X26"],
        cwd=tmp_path,
        env=os.environ | {"SAFE_HAVEN_VAR": "its-var"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(read_submissions(State(var=tmp_path / "its-var"))) == 1


def test_a_second_build_hears_of_the_first_at_once(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: once the first has ended, the steps begin."""
    begun: list[str] = []
    monkeypatch.setattr(command, "run_step", lambda step, _: begun.append(step.name))
    monkeypatch.setattr(command, "run_side_by_side", lambda lanes, _: begun.append("lanes"))
    with writer_lock(state):
        result = CliRunner().invoke(cli.cli, ["build"])
    assert isinstance(result.exception, SafeHavenError)
    assert "Another build or release is writing" in str(result.exception)
    assert begun == []
    assert CliRunner().invoke(cli.cli, ["build"]).exit_code == 0
    assert begun[:2] == ["lanes", "dbt build"]


@pytest.mark.parametrize(("wrong", "near"), [("hes", "hes-apc"), ("persons", "landing-person")])
def test_an_unknown_layout_is_answered_with_similar_ones(wrong: str, near: str) -> None:
    """Not with all of them, which fill a screen."""
    with pytest.raises(SafeHavenError, match=near) as caught:
        find_mapping(wrong)
    assert sum(layout in str(caught.value) for layout in layouts()) <= 5
    assert len(str(caught.value)) < 300


def test_feeds_of_which_nothing_came_are_named(state: State, tmp_path: Path) -> None:
    assert "person" in never_received(state)
    arguments = ["load", "landing-person", str(person_csv(tmp_path)), "--sender", "X26"]
    assert CliRunner().invoke(cli.cli, arguments).exit_code == 0
    assert set(contracts()) - set(never_received(state)) == {"person", "submission"}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("landing-person/RXX/people 1.csv", "landing-person/RXX/people 1.csv"),
        ("\x1b[2J", "'\\x1b[2J'"),
        ("a\nb", "'a\\nb'"),
        ("=1+1", "'=1+1'"),
        ("\udcff", "'\\udcff'"),
        ("", "''"),
        ("a" * 300, "'" + "a" * 200 + "\\u2026'"),
    ],
)
def test_names_of_others_are_shown_so_that_they_do_nothing(name: str, seen: str) -> None:
    assert shown(name) == seen


def test_an_error_moves_no_cursor(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it quotes; its own lines stay lines."""
    monkeypatch.setattr("sys.argv", ["safe-haven", "load", "hes-apc", "\x1b[2J.csv"])
    with pytest.raises(SystemExit):
        cli.main()
    shown_error = capsys.readouterr().err
    assert "\x1b" not in shown_error
    assert "There is no file \\x1b[2J.csv." in shown_error
