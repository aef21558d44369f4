"""Run named steps one after another or side by side, and say what each took."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click

from safe_haven.errors import SafeHavenError
from safe_haven.heartbeat import heartbeat
from safe_haven.paths import PROJECT_ROOT, State

BINARIES = Path(sys.executable).parent
# Unit tests prove the code on rows of their own, whatever the data: `./run test` runs them.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Step:
    """A command with a name; `quiet` keeps its output back unless it fails."""

    name: str
    command: Sequence[str]
    quiet: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def tool(name: str) -> str:
    """Path of a program installed beside this Python."""
    return str(BINARIES / name)


def dbt(*arguments: str, target: str) -> list[str]:
    """A dbt command line for `target`."""
    return [tool("dbt"), *arguments, "--target", target]


def copy_parsed(built: State, target_folder: Path) -> None:
    """Let dbt, run in a state of its own, parse only what differs from the project as built.

    `built` is the world of `./run test`; without it dbt parses everything. The run must have the
    target of `built` and no variables, else dbt does not take what was parsed. Seeds remember the
    folder in which they were parsed.
    """
    parsed = built.target_dir / "partial_parse.msgpack"
    if parsed.exists():
        target_folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(parsed, target_folder)


def step_environment(state: State) -> dict[str, str]:
    """What every step's process is told: where the state lives, and where dbt writes."""
    return os.environ | {
        "SAFE_HAVEN_VAR": str(state.var),
        "DBT_TARGET_PATH": str(state.target_dir),
        "DBT_LOG_PATH": str(state.logs),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        # What a step prints is seen at once, through a pipe too.
        "PYTHONUNBUFFERED": "1",
    }


def run_step(step: Step, state: State) -> float:
    """Run one step and return its seconds; a step that fails ends the run with its output."""
    started = time.monotonic()
    click.secho(f"» {step.name}", bold=True)
    with heartbeat(step.name):
        result = subprocess.run(
            list(step.command),
            cwd=PROJECT_ROOT,
            env=step_environment(state) | dict(step.environment),
            stdout=subprocess.PIPE if step.quiet else None,
            stderr=subprocess.STDOUT if step.quiet else None,
            text=True,
            check=False,
        )
    seconds = time.monotonic() - started
    if result.returncode != 0:
        if result.stdout:
            click.echo(result.stdout)
        raise SafeHavenError(
            f"Step '{step.name}' failed (exit {result.returncode}). Run it alone: "
            f"{' '.join(step.command)}"
        )
    click.echo(f"  {step.name}: {seconds:.1f} s")
    return seconds


def run_side_by_side(lanes: Sequence[Sequence[Step]], state: State) -> None:
    """Run each lane's steps in order, the lanes at the same time; the first failure ends it."""
    with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
        for outcome in [pool.submit(_run_lane, lane, state) for lane in lanes]:
            outcome.result()


def _run_lane(lane: Sequence[Step], state: State) -> None:
    for step in lane:
        run_step(step, state)
