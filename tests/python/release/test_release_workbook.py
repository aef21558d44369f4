"""Workbooks of a large release are written in other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from release_world import World

from safe_haven.release import cut, pack, workbook

HELD = """
import os, sys
from safe_haven.release import workbook
if sys.argv[1] == "left":
    workbook._end_with_parent = os.getpid
with workbook.writers(workbook.MANY) as write:
    write({key: "" for _, key in workbook.COVER_LINES}, [])
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every release writes its workbooks in processes; their numbers of workbooks."""
    asked: list[int] = []

    def writers(workbooks: int) -> object:
        asked.append(workbooks)
        return workbook.writers(workbook.MANY)

    monkeypatch.setattr(cut, "writers", writers)
    return asked


def test_workbooks_of_other_processes_are_the_same(
    fresh: World, tmp_path: Path, in_processes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = fresh.copy(tmp_path / "alone")
    fresh.release()
    monkeypatch.setattr(cut, "writers", workbook.writers)
    alone.release()
    assert in_processes == [2]
    packs = [fresh.folder(*pair) / pack.WORKBOOK for pair in (("QAA", "AGG-A"), ("QBB", "AGG-B"))]
    for path in packs:
        same = alone.state.var / path.relative_to(fresh.state.var)
        assert path.read_bytes() == same.read_bytes()


def test_few_workbooks_start_no_process() -> None:
    with workbook.writers(workbook.MANY - 1) as write:
        assert write is workbook.workbook


@pytest.mark.parametrize("ended", [True, False])
def test_attack_killed_parent_leaves_no_process(ended: bool) -> None:
    """The control leaves out what makes a worker end with its parent: it waits for ever."""
    mark = f"safe_haven_workbook_{os.getpid()}_{ended}"
    with subprocess.Popen(
        [sys.executable, "-c", HELD, "ended" if ended else "left"],
        env=os.environ | {"MARK": mark},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"ready\n"
        assert set(marked(mark)) - {parent.pid}
        parent.kill()
    try:
        assert bool(left_after(mark, seconds=10 if ended else 2)) != ended
    finally:
        for process in marked(mark):
            os.kill(process, signal.SIGKILL)


def left_after(mark: str, seconds: float) -> list[int]:
    """Which of them are still there: as soon as none is, else after so many seconds."""
    until = time.monotonic() + seconds
    while (left := list(marked(mark))) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def marked(mark: str) -> Iterator[int]:
    """Processes that were started with this mark in their environment."""
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"MARK={mark}".encode() in path.read_bytes().split(b"\0"):
                yield int(path.parts[2])
        except OSError:
            continue
