"""kill -9 of a process that releases, at random moments, while a reader looks on.

`./run soak-kill` does the same with `safe-haven release` on a built world, many times. Here the
process releases the small invented world, by the same code from `cut.release` on.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from release_world import World
from test_release_crash import changed

from safe_haven.errors import SafeHavenError
from safe_haven.run.kill import Moment, Readings, moments
from safe_haven.run.soak_kill import kill_releases, old_or_new

SEED, KILLS = 20260406, 4
RELEASE = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from release_world import BUILD_ID, NO_CHECKS
from safe_haven.paths import State
from safe_haven.release import cut
cut.current_build_id = lambda state: BUILD_ID
cut.release(State.from_environment("operator"), checks=NO_CHECKS)
"""
# The control: links first, then the register. A kill between them leads readers to a release that
# the register does not know.
LINKS_FIRST = RELEASE.replace(
    "cut.release(",
    """
import time
real = cut.files.move
def move(source, place):
    real(source, place)
    cut.files.point(place.parent / "current", place.name)
    time.sleep(0.3)
cut.files.move = move
cut.release(""",
)


def command(script: str = RELEASE) -> list[str]:
    """A process of its own that releases."""
    return [sys.executable, "-c", script]


@pytest.fixture
def worlds(released: World, tmp_path: Path) -> tuple[World, World]:
    """A world in which two packs changed since its release, and a copy of it."""
    start = changed(released.copy(tmp_path / "start"))
    return start, start.copy(tmp_path / "whole")


def test_attack_killed_at_random_moments_leaves_old_or_new(worlds: tuple[World, World]) -> None:
    """Control: `test_attack_killed_between_links_and_register_is_seen`."""
    start, whole = worlds
    told = kill_releases(start.state, whole.state, moments(KILLS, SEED), command())
    assert told.startswith(f"release: {KILLS} kills")
    assert "old" in told


def test_attack_killed_between_links_and_register_is_seen(worlds: tuple[World, World]) -> None:
    """The control: where links are moved before the register, the same reader sees it."""
    start, whole = worlds
    with pytest.raises(SafeHavenError, match="not in the register"):
        kill_releases(start.state, whole.state, [Moment(0.5, True)], command(LINKS_FIRST))


def test_the_same_seed_draws_the_same_moments() -> None:
    assert moments(6, 1) == moments(6, 1) != moments(6, 2)
    assert [moment.after_sign for moment in moments(4, 1)] == [False, True, False, True]


@pytest.mark.parametrize(
    ("state", "fine"),
    [
        ({"a": "1", "b": "1"}, True),
        ({"a": "1", "b": "2"}, True),
        ({"a": "1", "b": "2", "c": "2"}, True),
        ({"a": "1", "b": "2", "c": "1"}, False),
        ({"a": "1", "b": "3"}, False),
        ({"a": "1"}, False),
    ],
)
def test_what_is_neither_old_nor_new_is_told(state: dict[str, str], fine: bool) -> None:
    """Each pack is old or new; a missing one is a gap, one that is new may not be there yet."""
    known = [{"a": "1", "b": "1"}, {"a": "2", "b": "2", "c": "2"}]
    if fine:
        old_or_new(Readings(seen=[state]), known)
    else:
        with pytest.raises(SafeHavenError, match="neither"):
            old_or_new(Readings(seen=[state]), known)
    with pytest.raises(SafeHavenError, match="gap"):
        old_or_new(Readings(seen=[state], errors=["FileNotFoundError"]), known)
