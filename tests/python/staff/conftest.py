"""Fixtures: one built world, made once, copied for each test; the clock stands still."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from staff_world import TODAY, World, build_world, opened_by_operator, set_clock

from safe_haven.paths import State
from safe_haven.staff import copies


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A built warehouse of which nobody has a copy."""
    return build_world(tmp_path_factory.mktemp("staff") / "var")


@pytest.fixture
def world(small_world: World, tmp_path: Path, quick: None) -> World:
    """A copy of it."""
    return small_world.copy(tmp_path / "var")


@pytest.fixture
def analyst(world: World) -> State:
    """What the analyst of the South West was handed."""
    return world.give()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the day TODAY; the encryption extension is loaded once; nobody waits for the disk."""
    set_clock(monkeypatch, TODAY)
    monkeypatch.setattr(copies, "open_read_only", opened_by_operator)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
