"""A state whose five zone files hold one value each."""

from __future__ import annotations

from pathlib import Path

import duckdb

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import signing

SECRET = "canary-value-in-a-zone"


def state_with_zones(folder: Path) -> State:
    """Make the keyring and the files of the target dev."""
    state = State(var=folder / "var", target="dev")
    state.make_folders()
    keyring = Keyring(state.keys)
    keyring.ensure([signing.KEY_NAME, *(f"zone-{zone}" for zone in zones.ZONES)])
    conn = duckdb.connect()
    zones.attach(conn, state, keyring)
    for zone in zones.ZONES:
        conn.execute(f"create table {zone}.main.t as select '{SECRET}' as v")
    conn.close()
    return state
