"""What a world needs in memory: the program, what DuckDB may hold, and no more for more people."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from simulated_world import make_state

MIB = 1024**2
FEW, MANY = 2_000, 120_000
LIMIT = 100 * MIB
SLICE = 20_000
ASIDE = 40 * MIB
"""What is written and read outside of DuckDB's own count, at most."""

SIMULATE = """
import re, sys
from safe_haven.cli import cli
from safe_haven.simulate import world
told, persons, limit, people = sys.argv[1:]
world.MEMORY_LIMIT, world.PEOPLE_AT_ONCE = f"{limit}B", int(people)
try:
    cli(["simulate", "--persons", persons, "--months", "1"], standalone_mode=False)
finally:
    (kib,) = re.findall(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    open(told, "w").write(kib)
"""
"""The kernel's own figure of a process: what wait4 tells begins with the size of the parent."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel's figure is read from /proc"
)


def peak(var: Path, persons: int, limit: int, people_at_once: int) -> int:
    """Bytes of the largest moment of a simulation of one month, as a process of its own."""
    make_state(var)
    told = var / "peak"
    arguments = [str(number) for number in (persons, limit, people_at_once)]
    subprocess.run(
        [sys.executable, "-c", SIMULATE, str(told), *arguments],
        env=os.environ | {"SAFE_HAVEN_VAR": str(var)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return int(told.read_text()) * 1024


@pytest.fixture(scope="module")
def most(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bytes that no world may exceed: of one of few people, and what DuckDB may hold beside it."""
    return peak(tmp_path_factory.mktemp("few"), FEW, LIMIT, SLICE) + LIMIT + ASIDE


def test_memory_does_not_grow_with_people(tmp_path: Path, most: int) -> None:
    assert peak(tmp_path, MANY, LIMIT, SLICE) < most


def test_control_people_made_at_once_and_without_a_limit_need_more(
    tmp_path: Path, most: int
) -> None:
    assert peak(tmp_path, MANY, 2**31, MANY) > most
