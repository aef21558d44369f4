"""Mutation tests: each rule broken on purpose turns its named test red.

In scratch copies of the project, over an empty built world. First the control: with nothing broken
every named test passes. A mutant is caught only by a failing assertion; a broken build does not
count. dbt and pytest mutants run side by side, in copies of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mutant_table import MUTANTS, Mutant

from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.run.command import DBT_FOLDERS
from safe_haven.run.steps import copy_parsed

COPIED = (
    "analyses",
    "dbt_project.yml",
    "macros",
    "models",
    "profiles.yml",
    "pyproject.toml",
    "safe_haven",
    "seeds",
    "tests",
)
DRIVER = Path(__file__).with_name("dbt_driver.py")
PASSED, FAILED = 0, 1


def scratch_copy(folder: Path) -> Path:
    """A copy of the project's own files, without state and without these tests."""
    ignored = shutil.ignore_patterns("__pycache__", "mutants", "*.pyc")
    for name in COPIED:
        source = PROJECT_ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Settings that keep everything inside the scratch copy."""
    var = folder / "var"
    var.mkdir(exist_ok=True)
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SAFE_HAVEN_VAR": str(var),
        "DBT_TARGET_PATH": str(var / "target"),
        "DBT_LOG_PATH": str(var / "logs"),
        "DBT_PROFILES_DIR": str(folder),
    }


def run_dbt(folder: Path, mutants: list[Mutant]) -> dict[str, dict[str, str]]:
    """Control and statuses of the dbt mutants."""
    scratch_copy(folder)
    copy_parsed(State.from_environment("operator"), folder / "var" / "target")
    done = subprocess.run(
        [sys.executable, str(DRIVER)],
        cwd=folder,
        env=environment(folder),
        input=json.dumps([asdict(mutant) for mutant in mutants]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_pytest_once(folder: Path, tests: list[str]) -> int:
    """The exit code of pytest over the given tests of a scratch copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    # Tests make states of their own, which dbt's folders follow.
    own = {name: value for name, value in environment(folder).items() if name not in DBT_FOLDERS}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    return done.returncode


def run_pytest(folder: Path, mutants: list[Mutant]) -> dict[str, Any]:
    """Control and statuses of the pytest mutants."""
    scratch_copy(folder)
    statuses = {}
    control = run_pytest_once(folder, sorted({mutant.test for mutant in mutants}))
    for mutant in mutants:
        path = folder / mutant.file
        text = path.read_text()
        if text.count(mutant.old) != 1:
            statuses[mutant.rule] = f"{mutant.file}: the text to change does not stand once"
            continue
        path.write_text(text.replace(mutant.old, mutant.new))
        code = run_pytest_once(folder, [mutant.test])
        statuses[mutant.rule] = {PASSED: "pass", FAILED: "fail"}.get(code, f"exit code {code}")
        path.write_text(text)
    return {"control": "pass" if control == PASSED else f"exit code {control}", "mutants": statuses}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything run once: control and mutants, of both kinds."""
    folder = tmp_path_factory.mktemp("mutants")
    with ThreadPoolExecutor() as pool:
        dbt = pool.submit(run_dbt, folder / "dbt", [item for item in MUTANTS if item.is_dbt])
        python = pool.submit(
            run_pytest, folder / "python", [item for item in MUTANTS if not item.is_dbt]
        )
        return {"dbt": dbt.result(), "python": python.result()}


def test_each_mutant_changes_a_text_that_stands_once() -> None:
    """Told before anything is run: a text that a change of the project took away."""
    counts = {
        mutant.rule: (PROJECT_ROOT / mutant.file).read_text().count(mutant.old)
        for mutant in MUTANTS
    }
    assert {rule: count for rule, count in counts.items() if count != 1} == {}


def test_control_the_unbroken_project_passes_every_named_test(outcome: dict[str, Any]) -> None:
    """Without this a test that always fails would seem to catch its mutant."""
    named = {mutant.test for mutant in MUTANTS if mutant.is_dbt}
    assert {name: outcome["dbt"]["control"].get(name) for name in named} == dict.fromkeys(
        named, "pass"
    )
    assert outcome["python"]["control"] == "pass"


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.rule for mutant in MUTANTS])
def test_mutant_is_caught(mutant: Mutant, outcome: dict[str, Any]) -> None:
    """The broken rule makes its named test fail."""
    kind = "dbt" if mutant.is_dbt else "python"
    assert outcome[kind]["mutants"].get(mutant.rule) == "fail"
