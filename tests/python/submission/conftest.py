"""One small built world for all tests here; what a test sends is taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pytest
from haven import FEED, LAST_MONTH, MONTH, Core, Haven

from safe_haven.paths import State
from safe_haven.simulate.command import simulate
from safe_haven.simulate.world import World as Simulated

UNFINISHED_SINCE = "case when episode_end_date is null then episode_start_date end"
SIMULATED = Simulated(persons=2_000, months=4, seed=5)


@dataclass(frozen=True)
class World:
    """The world as built before any test sent a file: its core, and what stands of MONTH.

    Of stays that have not ended: of LAST_MONTH.
    """

    haven: Haven
    core: Core
    outpatients: pa.Table
    attendances: pa.Table
    finished_episodes: pa.Table
    unfinished_episodes: pa.Table
    by_day: dict[str, int]


@pytest.fixture(scope="session")
def session_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A haven with a small world, built once."""
    state = State(var=tmp_path_factory.mktemp("submission") / "var", target="operator")
    state.make_folders()
    simulate(state, SIMULATED)
    haven = Haven(state)
    try:
        core = haven.build_by_dbt()
        yield World(
            haven=haven,
            core=core,
            outpatients=haven.standing(FEED, *MONTH, "appointment_date"),
            attendances=haven.standing("emergency_attendance", *MONTH, "arrival_date"),
            finished_episodes=haven.standing("apc_episode", *MONTH, "episode_end_date"),
            unfinished_episodes=haven.standing("apc_episode", *LAST_MONTH, UNFINISHED_SINCE),
            by_day=haven.by_day(),
        )
    finally:
        haven.close()


@pytest.fixture
def world(session_world: World) -> Iterator[World]:
    """The world to send files to."""
    yield session_world
    session_world.haven.take_back()
