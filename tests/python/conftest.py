"""What the tests of more than one folder share: who runs which folder, and third-party files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from safe_haven.paths import State
from safe_haven.run.command import reference_data
from safe_haven.zones import zone_file

LONGEST = ("submission", "mutants", "acceptance", "load")
"""Folders that take longest, which start first so that no process is left with one at the end."""


class ByFolder(LoadScopeScheduling):
    """Gives each process whole folders of tests/python."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("tests/python/")[2].partition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    """Share out the tests by folder."""
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest folders first."""
    here = Path(__file__).parent
    folders = {item: item.path.relative_to(here).parts[0] for item in items}
    items.sort(key=lambda item: [folders[item] != folder for folder in LONGEST])


@pytest.fixture(scope="session")
def built_state() -> State:
    """State of the small world that `./run test` built, which SAFE_HAVEN_VAR names."""
    state = State.from_environment("operator")
    if not zone_file(state, "restricted").exists():
        pytest.skip("no built world: run ./run test")
    return state


@pytest.fixture(scope="session")
def reference_file() -> Callable[[str], Path]:
    """A third-party file or folder by its path; a test that needs it is skipped without it.

    Such a test is marked `reference_data`.
    """

    def find(name: str) -> Path:
        path = reference_data() / name
        if not path.exists():
            pytest.skip(f"SAFE_HAVEN_REFERENCE_DATA has no {name}: {reference_data()}")
        return path

    return find
