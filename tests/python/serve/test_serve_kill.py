"""kill -9 of a process that loads, at random moments, while a reader looks on.

`./run soak-kill` does the same with `safe-haven serve` on a built world, many times.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from live_world import Live
from test_serve_load import version

from safe_haven.errors import SafeHavenError
from safe_haven.run.kill import Victim, moments
from safe_haven.run.soak_kill import kill_in_turn, served_tables
from safe_haven.serve.packs import Agreement

SEED, KILLS = 20260331, 6
NAMES = ("recipient_qaa", "recipient_qbb")
LOCKED = "select 1 from pg_locks where locktype = 'advisory'"
LOAD = """
import pickle, sys
import psycopg
from safe_haven.serve import load
agreements, dsn, passwords = pickle.load(open(sys.argv[1], "rb"))
load.load(psycopg.connect(dsn, autocommit=True), agreements, passwords.get)
"""
SWAP_IN_TWO_STEPS = """
import time
from safe_haven.serve import load
swap = load._swap
def in_two_steps(connection, old, new):
    swap(connection, old, set())
    connection.execute("commit")
    time.sleep(0.5)
    connection.execute("begin")
    swap(connection, set(), new)
load._swap = in_two_steps
"""


@pytest.fixture
def loads(live: Live, current: list[Agreement], tmp_path: Path) -> Iterator[list[Path]]:
    """Two files of what is to be loaded; afterwards the usual releases are served again."""
    dsn = f"{live.server.dsn('safe_haven_admin')} password={live.password('safe_haven_admin')}"
    passwords = {name: live.password(name) for name in NAMES}
    files = []
    for code in ("AAA", "BBB"):
        files.append(tmp_path / code)
        files[-1].write_bytes(pickle.dumps((version(current, code), dsn, passwords)))
    yield files
    live.load(current)


def kill(live: Live, loads: Sequence[Path], number: int, script: str = LOAD) -> str:
    """Kill a load at random moments; it showed itself once it holds the lock of loads."""
    with live.admin() as admin:

        def loading() -> bool:
            return bool(
                admin.execute("select 1 from pg_locks where locktype = 'advisory'").rowcount
            )

        victims = [
            Victim([sys.executable, "-c", script, str(path)], os.environ, loading) for path in loads
        ]
        return kill_in_turn(
            victims, lambda: served_tables(live.state, live.server, NAMES), moments(number, SEED)
        )


def test_attack_a_load_killed_at_random_moments_leaves_old_or_new(
    live: Live, loads: list[Path]
) -> None:
    assert kill(live, loads, KILLS).startswith(f"serve: {KILLS} kills")


def test_attack_a_load_in_two_transactions_is_seen(live: Live, loads: list[Path]) -> None:
    """The control: between the two the reader finds no tables."""
    with pytest.raises(SafeHavenError, match=r"reader saw|failed by itself"):
        kill(live, loads, 2, SWAP_IN_TWO_STEPS + LOAD)
