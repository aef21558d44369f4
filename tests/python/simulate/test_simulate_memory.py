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


SIMULATE = """
import re, sys
from safe_haven.cli import cli
try:
    cli(["simulate", "--persons", sys.argv[1], "--months", "1"], standalone_mode=False)
finally:
    (kib,) = re.findall(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    open(sys.argv[2], "w").write(kib)
"""
"""The kernel's own figure of a process: what wait4 tells begins with the size of the parent."""


def peak(var: Path, persons: int) -> int:
    """Bytes of the largest moment of a simulation of one month, as a process of its own."""
    make_state(var)
    told = var / "peak"
    subprocess.run(
        [sys.executable, "-c", SIMULATE, str(persons), str(told)],
        env=os.environ | {"SAFE_HAVEN_VAR": str(var)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return int(told.read_text()) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's figure is read from /proc")
def test_memory_grows_by_a_bounded_amount_for_each_person(tmp_path: Path) -> None:
    few, many = peak(tmp_path / "few", FEW), peak(tmp_path / "many", MANY)
    assert few < PROGRAM
    assert many < few + PER_PERSON * (MANY - FEW)
