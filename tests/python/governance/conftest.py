"""The models that decide who gets what, as the built world compiled them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sql_world import Models

from safe_haven.paths import State
from safe_haven.zones import open_read_only


@pytest.fixture(scope="session")
def models(built_state: State) -> Models:
    """Compiled SQL of the models under test, and the columns of what they read."""
    compiled: Path = built_state.target_dir / "compiled" / "safe_haven" / "models"
    with open_read_only(built_state) as warehouse:
        return Models.read(compiled, warehouse)
