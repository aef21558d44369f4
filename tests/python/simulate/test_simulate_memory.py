"""What a world needs in memory: so much for the program, and a few bytes for each person."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from simulated_world import make_state

FEW, MANY = 5_000, 40_000
PROGRAM = 320 * 1024**2
"""At most, in a world of few. The interpreter with DuckDB and Arrow takes about 130 MiB of it."""
PER_PERSON = 3_000
"""Bytes at most for each person more: about twice what was measured (DECISIONS.md)."""


def peak(var: Path, persons: int) -> int:
    """Bytes of the largest moment of a simulation of one month, as a process of its own."""
    make_state(var)
    child = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "safe-haven"),
            "simulate",
            f"--persons={persons}",
            "--months=1",
        ],
        env=os.environ | {"SAFE_HAVEN_VAR": str(var)},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return usage.ru_maxrss * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is counted in KiB on Linux")
def test_memory_grows_by_a_bounded_amount_for_each_person(tmp_path: Path) -> None:
    few, many = peak(tmp_path / "few", FEW), peak(tmp_path / "many", MANY)
    assert few < PROGRAM
    assert many < few + PER_PERSON * (MANY - FEW)
