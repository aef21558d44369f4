"""The small world that `./run test` built, whose state SAFE_HAVEN_VAR names."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.zones import open_read_only, zone_file


@pytest.fixture(scope="module")
def state() -> State:
    """State of the built world."""
    state = State.from_environment("operator")
    if not zone_file(state, "restricted").exists():
        pytest.skip("no built world: run ./run test")
    return state


@pytest.fixture(scope="module")
def warehouse(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """The zone files of the world, read-only."""
    with open_read_only(state) as connection:
        yield connection
