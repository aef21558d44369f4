"""Canaries: simulated people whose every identifying value is recognisable wherever it turns up.

Persons 1 to 12 of every world. Their family names are CANARYBIRD01 to CANARYBIRD12, their postcodes
ZX1 9ZZ to ZX12 9ZZ, their streets CANARYCAGE LANE. Their NHS number is hidden in the record id, the
local patient id and the clinical note of their records, and their birth date in the hospital
spell number. Each has a record in every feed; only the last two object to the use of their data.
"""

from __future__ import annotations

from datetime import date

import duckdb

from safe_haven.paths import State
from safe_haven.simulate.world import World, open_world

FAMILY_NAME = "CANARYBIRD"


def canary_values(seed: int, persons: int) -> list[str]:
    """Every value that must never leave the identifiable zone, for the world of these arguments.

    Sorted. Makes the people of that world (half a second for 20,000); the months do not matter.
    """
    conn = open_world(World(persons=persons, months=1, seed=seed))
    people = conn.sql(
        "select nhs_number, family_name, given_name, date_of_birth, address_line, postcode "
        "from person where is_canary union all "
        "select old_nhs_number, family_name, given_name, date_of_birth, address_line, postcode "
        "from person where is_canary and old_nhs_number is not null"
    ).fetchall()
    conn.close()
    return _values(people)


def canary_values_in(state: State) -> list[str]:
    """The same values, read from the person feed in the landing folder: empty if none is there."""
    with duckdb.connect(":memory:") as conn:
        people = (
            conn.read_parquet(str(state.landing / "person" / "*.parquet"))
            .filter(f"starts_with(family_name, '{FAMILY_NAME}')")
            .project(
                "nhs_number, family_name, given_name, date_of_birth::date, address_line, postcode"
            )
            .fetchall()
        )
    return _values(people)


def _values(people: list[tuple[str, str, str, date, str, str]]) -> list[str]:
    values: set[str] = set()
    for number, family_name, given_name, born, address, postcode in people:
        spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
        values |= {number, spaced, family_name, given_name, address}
        values |= {postcode, postcode.replace(" ", "")}
        values |= {f"{born:%Y-%m-%d}", f"{born:%Y%m%d}", f"{born:%d/%m/%Y}"}
    return sorted(values)
