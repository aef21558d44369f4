"""A small simulated world in a landing folder of its own, made once for all tests here."""

from __future__ import annotations

import duckdb
import pytest
from simulated_world import WORLD, make_state

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.simulate.command import simulate
from safe_haven.simulate.fault_key import KEY_FILE


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> State:
    """An installation into which WORLD was simulated. Do not change it."""
    state = make_state(tmp_path_factory.mktemp("simulate") / "var")
    simulate(state, WORLD)
    return state


@pytest.fixture(scope="session")
def feeds(landed: State) -> duckdb.DuckDBPyConnection:
    """Every feed of WORLD as a view, and `final_episode`: what stands after the last sending."""
    conn = duckdb.connect(":memory:")
    for feed in contracts():
        files = str(landed.landing / feed / "*.parquet")
        conn.read_parquet(files, union_by_name=True).create_view(feed)
    conn.read_parquet(str(landed.landing / KEY_FILE)).create_view("fault_key")
    conn.execute(
        """
        create table final_episode as
        select episode.*
        from apc_episode as episode
        inner join submission on episode.submission_id = submission.submission_id
        where submission.test_indicator = '0'
        qualify row_number() over (
            partition by episode.cds_unique_identifier order by submission.extract_at desc
        ) = 1
        """
    )
    return conn
