"""Zones: encrypted files, a locked connection, one writer."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pytest
from zone_state import SECRET, state_with_zones

from safe_haven import plugin, zones
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return state_with_zones(tmp_path)


def test_every_zone_reads_back(state: State) -> None:
    conn = zones.open_read_only(state)
    for zone in zones.ZONES:
        assert conn.execute(f"select v from {zone}.main.t").fetchone() == (SECRET,)


def test_before_any_build_it_says_what_to_do(tmp_path: Path) -> None:
    """Neither file nor key is there yet: the build makes both."""
    with pytest.raises(SafeHavenError, match="Nothing was built for target"):
        zones.open_read_only(State(var=tmp_path / "var", target="dev"))


def test_zone_files_are_private(state: State) -> None:
    for zone in zones.ZONES:
        assert zones.zone_file(state, zone).stat().st_mode & 0o077 == 0


def test_attack_bytes_of_a_zone_show_nothing(state: State) -> None:
    for zone in zones.ZONES:
        assert SECRET.encode() not in zones.zone_file(state, zone).read_bytes()


def test_control_an_unencrypted_file_shows_its_values(tmp_path: Path) -> None:
    path = tmp_path / "plain.duckdb"
    conn = duckdb.connect(str(path))
    conn.execute(f"create table t as select '{SECRET}' as v")
    conn.close()
    assert SECRET.encode() in path.read_bytes()


def test_attack_another_zones_key_opens_nothing(state: State) -> None:
    keyring = Keyring(state.keys)
    swapped = zones.zone_file(state, "identifiable")
    swapped.rename(zones.zone_file(state, "aggregated"))
    conn = duckdb.connect()
    with pytest.raises(duckdb.Error):
        zones.attach(conn, state, keyring, ("aggregated",), read_only=True)


def test_a_missing_warehouse_says_what_to_do(tmp_path: Path) -> None:
    state = State(var=tmp_path / "var")
    state.make_folders()
    Keyring(state.keys).ensure([f"zone-{zone}" for zone in zones.ZONES])
    with pytest.raises(SafeHavenError, match=r"\./run build"):
        zones.open_read_only(state)


def test_one_writer_at_a_time(state: State) -> None:
    with (
        zones.writer_lock(state),
        pytest.raises(SafeHavenError, match="One writer at a time"),
        zones.writer_lock(state),
    ):
        pass
    with zones.writer_lock(state):
        pass


def test_targets_do_not_share_files(state: State) -> None:
    other = dataclasses.replace(state, target="operator")
    assert zones.zone_file(state, "aggregated") != zones.zone_file(other, "aggregated")


def test_attack_a_model_cannot_read_the_keyring(state: State) -> None:
    conn = duckdb.connect()
    plugin.lock_down(conn, state)
    key = Keyring(state.keys).path("zone-identifiable")
    with pytest.raises(duckdb.PermissionException):
        conn.execute("select content from read_text(?)", [str(key)]).fetchall()


def test_control_an_open_connection_reads_the_keyring(state: State) -> None:
    key = Keyring(state.keys).path("zone-identifiable")
    text = duckdb.connect().execute("select content from read_text(?)", [str(key)]).fetchone()
    assert text is not None and text[0].strip() == key.read_text().strip()


@pytest.mark.parametrize(
    "statement",
    [
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set lock_configuration = false",
        "attach '{folder}/other.duckdb' as other",
        "copy (select 1) to '{folder}/out.csv'",
        "install httpfs",
    ],
)
def test_attack_the_lock_cannot_be_undone(state: State, statement: str, tmp_path: Path) -> None:
    conn = duckdb.connect()
    plugin.lock_down(conn, state)
    with pytest.raises(duckdb.Error):
        conn.execute(statement.format(folder=tmp_path))


def test_control_without_the_lock_files_are_written(tmp_path: Path) -> None:
    duckdb.connect().execute(f"copy (select 1) to '{tmp_path}/out.csv'")
    assert (tmp_path / "out.csv").exists()
