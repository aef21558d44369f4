"""A built warehouse of a few rows, in which two regional offices and every legal gate occur."""

from __future__ import annotations

import contextlib
import csv
import datetime
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_world import open_quickly, shared_database

from safe_haven import audit_log, zones
from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.release import events, signing
from safe_haven.staff import copies, grant, rows

TODAY = datetime.date(2026, 6, 1)
NUMBER = "9990000018"
RULES = PROJECT_ROOT / "seeds" / "rules" / "analyst_copy.csv"
OPEN, SENSITIVE, RESTRICTED, ELSEWHERE = range(1, 5)
"""Persons: of both regions, sensitive, with one restricted record, of the other region only."""


def key(number: int) -> str:
    """A key of a record or a person."""
    return f"00000000-0000-4000-8000-{number:012d}"


def table(name: str, columns: str, *rows: tuple[Any, ...]) -> list[str]:
    """Statements that make a table of these rows."""
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return [f"create table {name} ({columns})", f"insert into {name} values {values}"]


def literal(value: Any) -> str:
    """A Python value as an SQL literal."""
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else zones.quoted(str(value))


# activity, person, provider's office: 103 is closed by its person, 104 by its code
ACTIVITIES = [
    (key(101), key(OPEN), "SWE"),
    (key(102), key(OPEN), "YOR"),
    (key(103), key(SENSITIVE), "SWE"),
    (key(104), key(RESTRICTED), "SWE"),
    (key(105), key(ELSEWHERE), "YOR"),
    (key(106), key(RESTRICTED), "unplaced"),
]
CONTACTS = [
    (key(301), key(OPEN), "RAA", None),
    (key(302), key(OPEN), "RBB", None),
    (key(303), key(SENSITIVE), "RAA", None),
    (key(304), key(RESTRICTED), "RAA", None),
    (key(305), key(OPEN), "RAA", "02"),
]
STAFF = [
    ("analyst_swe", "SWE", "analyst", "2026-01-01", "2026-12-31"),
    ("analyst_yor", "YOR", "analyst", "2026-01-01", "2026-12-31"),
    ("moved", "SWE", "analyst", "2024-01-01", "2025-12-31"),
    ("moved", "YOR", "analyst", "2026-01-01", "2026-12-31"),
    ("lapsed", "SWE", "analyst", "2025-01-01", "2026-05-31"),
    ("manager", "SWE", "operator", "2026-01-01", "2026-12-31"),
]


def statements() -> list[str]:
    """What the build of this world made."""
    core, governance = "pseudonymised.core", "pseudonymised.governance"
    restricted = "restricted.governance"
    made = [f"create schema {schema}" for schema in (core, governance, restricted)]
    made += ["create schema pseudonymised.seeds", "create schema identifiable.identity"]
    made += table(
        f"{core}.fct_activity",
        "activity_key uuid, person_key uuid, data_services_office_code varchar",
        *ACTIVITIES,
    )
    made += table(
        f"{core}.fct_apc_spell", "spell_key uuid, person_key uuid", *(a[:2] for a in ACTIVITIES)
    )
    made += table(
        f"{core}.fct_apc_episode",
        "record_key uuid, spell_key uuid, person_key uuid",
        *((key(200 + n), key(100 + n), person) for n, (_, person, _) in enumerate(ACTIVITIES, 1)),
    )
    codes = ["I10", "J45", "I10", "N46", "J45", "I10"]
    made += table(
        f"{core}.brg_diagnosis",
        "record_key uuid, diagnosis_code varchar",
        *((key(200 + n), code) for n, code in enumerate(codes, 1)),
    )
    made += table(
        f"{core}.fct_community_contact",
        "record_key uuid, person_key uuid, provider_code varchar, withheld_identity_reason varchar",
        *CONTACTS,
    )
    # the first came to a record that a legal gate closes
    made += table(
        f"{core}.fct_ambulance_incident",
        "record_key uuid, person_key uuid, provider_code varchar, attendance_record_key uuid",
        (key(401), key(RESTRICTED), "RAA", key(104)),
        (key(402), key(RESTRICTED), "RAA", None),
    )
    made += table(
        f"{core}.dim_person",
        "person_key uuid, surviving_person_key uuid, is_sensitive boolean",
        *((key(n), key(n), n == SENSITIVE) for n in (OPEN, SENSITIVE, RESTRICTED, ELSEWHERE)),
    )
    made += table(f"{core}.dim_month", "calendar_month varchar", ("2026-01",))
    made += table(
        f"{governance}.gov_office_organisation",
        "organisation_code varchar, data_services_office_code varchar",
        ("RAA", "SWE"),
        ("RBB", "YOR"),
    )
    made += table(f"{governance}.gov_objection_in_force", "person_key uuid", (key(OPEN),))
    made += table(
        f"{restricted}.gov_closed_to_analyst",
        "closed_key uuid",
        (key(103),),
        (key(104),),
        (key(SENSITIVE),),
    )
    made += table(
        f"{restricted}.gov_staff_eligibility",
        "activity_key uuid, agreement_id varchar, data_services_office_code varchar, "
        "reasons varchar[]",
        (key(101), "A-1", "SWE", ["period_not_in_agreement"]),
        (None, "A-1", "SWE", ["legal gate"]),
        (key(102), "A-1", "YOR", ["period_not_in_agreement"]),
    )
    made += table(
        "pseudonymised.seeds.staff_access",
        "staff_role varchar, office_code varchar, access_role varchar, training_valid_from date, "
        "training_valid_to date",
        *STAFF,
    )
    made += table("identifiable.identity.idn_person", "nhs_number varchar", (NUMBER,))
    made += table(
        "pseudonymised.seeds.analyst_copy",
        "database_name varchar, schema_name varchar, relation varchar, step integer, "
        "rule varchar, column_name varchar",
        *rules(" ".join(made)),
    )
    for zone in ("pseudonymised", "restricted"):
        register = f"{zone}.meta.build_register"
        made += [f"create schema {zone}.meta"]
        made += table(
            register, "relation varchar, build_id varchar", ("core.a", "b1"), ("governance.b", "b1")
        )
    return made


def rules(made: str) -> list[tuple[Any, ...]]:
    """The project's own rules for the relations that this world has."""
    with RULES.open(newline="", encoding="utf-8") as handle:
        found = [list(row.values())[:6] for row in csv.DictReader(handle)]
    names = [(row, ".".join(row[:3])) for row in found]
    return [tuple(v or None for v in row) for row, name in names if f"table {name} " in made]


@dataclass
class World:
    """One installation with a built warehouse."""

    state: State

    @property
    def keyring(self) -> Keyring:
        """The operator's keyring."""
        return Keyring(self.state.keys)

    def sql(self, *queries: str) -> None:
        """Change the warehouse."""
        with shared_database().cursor() as connection:
            zones.attach(connection, self.state, self.keyring)
            for query in queries:
                connection.execute(query)
            for zone in zones.ZONES:
                connection.execute(f"detach {zone}")

    def copy(self, var: Path) -> World:
        """The same installation in another folder."""
        shutil.copytree(self.state.var, var, symlinks=True)
        return World(State(var=var, target=self.state.target))

    def log(self) -> list[audit_log.Event]:
        """The audit log."""
        public_key = signing.private_key(self.keyring).public_key()
        return audit_log.load(events.folder(self.state), public_key)

    def give(self, staff_role: str = "analyst_swe") -> State:
        """Make a copy; the folder that is handed over."""
        return copies.give(self.state, staff_role)


def build_world(var: Path) -> World:
    """Make the installation."""
    world = World(State(var=var, target="operator"))
    world.state.make_folders()
    world.keyring.ensure(["person", "signing", *(f"zone-{zone}" for zone in zones.ZONES)])
    world.sql(*statements())
    return world


def ask(analyst: State, query: str) -> list[tuple[Any, ...]]:
    """What an analyst reads from its copy."""
    with opened(analyst) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def opened(analyst: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """What `grant.open_read_only` gives, from the shared database."""
    with shared_database().cursor() as connection:
        try:
            grant.attach(connection, analyst, read_only=True)
            yield connection
        finally:
            for name in (grant.CATALOG, grant.SCRATCH):
                connection.execute(f"detach database if exists {name}")


@contextmanager
def opened_by_operator(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """What `open_read_only` gives, from the shared database, which forgets what was made in it."""
    with open_quickly(state) as connection:
        try:
            yield connection
        finally:
            connection.execute(f"detach database if exists {rows.TARGET}")
            for name in ("copied_record", "copied_person"):
                connection.execute(f"drop table if exists memory.main.{name}")
            with contextlib.suppress(duckdb.InvalidInputException):
                connection.remove_function("keyed_uuid")


def set_clock(monkeypatch: pytest.MonkeyPatch, day: datetime.date) -> None:
    """Let it be noon of `day`."""
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
    monkeypatch.setattr(audit_log, "now", lambda: noon)
