"""The small world that `./run test` built, whose state SAFE_HAVEN_VAR names."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.zones import open_read_only


@pytest.fixture(scope="module")
def state(built_state: State) -> State:
    """State of the built world."""
    return built_state


@pytest.fixture(scope="module")
def warehouse(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """The zone files of the world, read-only."""
    with open_read_only(state) as connection:
        yield connection
