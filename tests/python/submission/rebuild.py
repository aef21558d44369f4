"""Builds models again without dbt: the SQL that dbt compiled, into the tables that dbt made.

Of the seconds that dbt takes for a small world nearly all are its own, not DuckDB's; and between
two builds of one test no SQL changes, only what lies in the landing folder.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from safe_haven import plugin, pseudonymise
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.zones import attach, writer_lock

Models = dict[str, str]
"""The compiled SQL of models by name."""
RELATION = re.compile(r'"\w+"\."\w+"\."(\w+)"')
APPENDED = {"idn_person_key"}
"""Models that keep the rows of earlier builds."""
TABLES = 'select table_name, format(\'"{}"."{}"."{}"\', database_name, schema_name, table_name) '


def read_compiled(target: Path) -> Models:
    """Every model that dbt compiled into a target folder."""
    found = (target / "compiled" / "safe_haven" / "models").rglob("*.sql")
    return {path.stem: path.read_text(encoding="utf-8") for path in found}


def in_order(models: Models, wanted: Collection[str]) -> list[str]:
    """The wanted models and all that they read, each after what it reads."""
    reads = {
        name: (set(RELATION.findall(sql)) & set(models)) - {name} for name, sql in models.items()
    }
    needed, stack = set(), list(wanted)
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack.extend(reads[name])
    return list(TopologicalSorter({name: reads[name] for name in needed}).static_order())


def rebuild(state: State, models: Models, wanted: Collection[str]) -> None:
    """Fill the tables of the wanted models, and of all that they read, from what is landed now.

    On the connection that the plugin gives dbt: the zones with their keys, the landing folder, the
    keyed function, and the door locked. A view needs no filling.
    """
    keyring = Keyring(state.keys)
    # of so few rows a second thread costs more than it saves
    with writer_lock(state), duckdb.connect(config={"threads": 1}) as connection:
        attach(connection, state, keyring)
        plugin.offer_landing(connection, state)
        pseudonymise.register(connection, keyring.key)
        plugin.lock_down(connection, state)
        tables = dict(connection.execute(f"{TABLES} from duckdb_tables()").fetchall())
        for name in in_order(models, wanted):
            if name in tables:
                if name not in APPENDED:
                    connection.execute(f"delete from {tables[name]}")
                connection.execute(f"insert into {tables[name]} by name {models[name]}")
