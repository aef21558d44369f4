"""The dbt-duckdb plugin: attaches the zones, offers the keyed function, then locks the door."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from safe_haven import pseudonymise, zones
from safe_haven.build_id import current_build_id
from safe_haven.keyring import Keyring
from safe_haven.load.contract import contracts
from safe_haven.load.landing import ensure_landing
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.release import events
from safe_haven.staff import grant

AGREEMENT_SEED = PROJECT_ROOT / "seeds" / "agreements" / "data_sharing_agreement.csv"


def key_names(agreement_seed: Path = AGREEMENT_SEED) -> list[str]:
    """Every key there must be: zones, person, signing, controlled, per agreement and recipient."""
    names = [f"zone-{zone}" for zone in zones.ZONES] + ["person", "signing", "controlled"]
    with agreement_seed.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            names.append(agreement_key_name(row))
            names.append(f"recipient-{row['recipient_code']}")
    return sorted(set(names))


def agreement_key_name(row: dict[str, str]) -> str:
    """One key per agreement, opt-out regime and version: feeds that differ in any cannot join."""
    return f"agreement-{row['agreement_id']}-{row['opt_out_regime']}-v{row['key_version']}"


class Plugin(BasePlugin):
    """Configures the one DuckDB connection that dbt uses.

    `config.zones`: `files` (default) attaches the encrypted files of `config.target`;
    `memory` attaches empty databases, for linting; `copy` an analyst's copy and scratch file.
    """

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Read the profile's plugin settings."""
        self.zones = plugin_config.get("zones", "files")
        self.target = plugin_config.get("target", "dev")

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Attach, register, lock; on any error close, so that nothing half-open is used."""
        try:
            if self.zones == "memory":
                zones.attach_in_memory(conn)
                make_build_registers(conn)
                pseudonymise.register(conn, lambda _: b"")
                publish_build_id(conn, "lint")
            elif self.zones == "copy":
                self._configure_copy(conn)
            else:
                self._configure_files(conn)
        except Exception:
            conn.close()
            raise

    def _configure_files(self, conn: duckdb.DuckDBPyConnection) -> None:
        state = State.from_environment(self.target)
        self.lock = zones.take_writer_lock(state)
        keyring = Keyring(state.keys)
        if keyring.ensure(key_names()):
            events.record(state)
        ensure_landing(state)
        publish_build_id(conn, current_build_id(state))
        zones.attach(conn, state, keyring)
        make_build_registers(conn)
        offer_landing(conn, state)
        pseudonymise.register(conn, keyring.key)
        lock_down(conn, state)

    def _configure_copy(self, conn: duckdb.DuckDBPyConnection) -> None:
        state = State.from_environment(self.target)
        granted = grant.attach(conn, state, read_only=False)
        publish_build_id(conn, granted.build_id)
        make_build_registers(conn, (grant.SCRATCH,))
        lock_down(conn, state)


def publish_build_id(conn: duckdb.DuckDBPyConnection, build_id: str) -> None:
    """Offer `current_build_id()` to the build register's hook."""
    conn.execute(f"create macro memory.main.current_build_id() as {zones.quoted(build_id)}")


def make_build_registers(
    conn: duckdb.DuckDBPyConnection, databases: Sequence[str] = zones.ZONES
) -> None:
    """Each zone keeps a register of what its relations held when they were last built."""
    for zone in databases:
        conn.execute(f"create schema if not exists {zone}.meta")
        conn.execute(
            f"create table if not exists {zone}.meta.build_register "
            "(relation varchar, build_id varchar, row_count bigint, content_hash varchar)"
        )


def offer_landing(conn: duckdb.DuckDBPyConnection, state: State) -> None:
    """One view per feed over its landed files: the only way SQL reaches a file."""
    conn.execute("create schema memory.landing")
    for feed in contracts():
        files = zones.quoted(str(state.landing / feed / "*.parquet"))
        conn.execute(
            f'create view memory.landing."{feed}" as '  # noqa: S608 - our own folders
            f"select * from read_parquet({files}, union_by_name = true)"
        )


def lock_down(conn: duckdb.DuckDBPyConnection, state: State) -> None:
    """From here on SQL reaches the landing and seed folders and nothing else on this machine.

    Without it any model could read the keyring with read_text().
    """
    temporary = state.warehouse / "spill"
    temporary.mkdir(mode=0o700, exist_ok=True)
    readable = (state.landing, temporary, PROJECT_ROOT / "seeds")
    allowed = ", ".join(zones.quoted(f"{path}{os.sep}") for path in readable)
    conn.execute("set temp_file_encryption = true")
    conn.execute(f"set temp_directory = {zones.quoted(str(temporary))}")
    conn.execute(f"set allowed_directories = [{allowed}]")
    conn.execute("set enable_external_access = false")
    conn.execute("set lock_configuration = true")
