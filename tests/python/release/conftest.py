"""Fixtures: one released world, made once, copied for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from release_world import BUILD_ID, World, build_world, open_quickly

from safe_haven.release import cut, lifecycle


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A built warehouse from which nothing was released yet."""
    return build_world(tmp_path_factory.mktemp("built") / "var")


@pytest.fixture(scope="session")
def released(built: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same, after one release."""
    world = built.copy(tmp_path_factory.mktemp("released") / "var")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "current_build_id", lambda state: BUILD_ID)
        # This one opens the warehouse as a real run does.
        world.release()
    return world


@pytest.fixture(autouse=True)
def fixed_build_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build id hashes the whole project, which is being edited while tests run."""
    monkeypatch.setattr(cut, "current_build_id", lambda state: BUILD_ID)


@pytest.fixture(autouse=True)
def quick_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the encryption extension for each of some 200 tests would take most of a minute."""
    monkeypatch.setattr(cut, "open_read_only", open_quickly)
    monkeypatch.setattr(lifecycle, "open_read_only", open_quickly)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """test_release_crash shows what is flushed; elsewhere the wait is a tenth of the time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def fresh(built: World, tmp_path: Path) -> World:
    """A copy of the world before any release."""
    return built.copy(tmp_path / "var")


@pytest.fixture
def world(released: World, tmp_path: Path) -> World:
    """A copy of the released world."""
    return released.copy(tmp_path / "var")
