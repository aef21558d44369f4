"""The models that decide who gets what, as the built world compiled them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_world import Models

from safe_haven.paths import State
from safe_haven.zones import open_read_only, zone_file


@pytest.fixture(scope="session")
def models() -> Models:
    """Compiled SQL of the models under test, and the columns of what they read."""
    state = State.from_environment("operator")
    if not zone_file(state, "restricted").exists():
        pytest.skip("no built world: run ./run test")
    compiled: Path = state.target_dir / "compiled" / "safe_haven" / "models" / "governance"
    with open_read_only(state) as warehouse:
        return Models.read(compiled, warehouse)
