"""A small simulated world, and helpers of the tests of the simulator."""

from __future__ import annotations

from pathlib import Path

from safe_haven.paths import State
from safe_haven.simulate.world import World

WORLD = World(persons=6_000, months=6, seed=8)


def make_state(var: Path) -> State:
    """An empty installation."""
    state = State(var=var)
    state.make_folders()
    return state


def landing_bytes(state: State) -> dict[str, bytes]:
    """Every file in the landing folder, by its path."""
    return {
        str(path.relative_to(state.landing)): path.read_bytes()
        for path in sorted(state.landing.rglob("*"))
        if path.is_file()
    }
