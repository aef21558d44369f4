"""The arguments of a simulated world, and the connection in which it is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT

SQL = Path(__file__).parent / "sql"
SEEDS = PROJECT_ROOT / "seeds" / "reference"
SEED_TABLES = (
    "organisation",
    "organisation_successor",
    "sub_icb",
    "gp_practice",
    "lsoa_2011",
    "ccg_2021_merger",
    "lsoa_2011_wales",
    "prison",
    "direct_commissioner",
)

CANARIES = 12
FIRST_BOARDS = ("QNX", "QRV", "QUY")
"""Every world has these four: Greater Manchester, North East and North Cumbria, Sussex, and North
West London (one of the nine merged CCGs)."""

MOST_IN_999 = 900_000
"""999 and six digits give about 909,090 numbers with a check digit; 0.3 % of people have two."""
MOST_PERSONS = 60_000_000
FEWEST_PERSONS = 100
MOST_MONTHS = 120
MEMORY_LIMIT = "400MB"
"""What DuckDB may hold in memory; what is not at hand lies in the folder for it."""
PEOPLE_AT_ONCE = 200_000
"""People are made in slices, and their activity of a month, so that memory does not grow with them.
What happens to them does not depend on it."""


@dataclass(frozen=True)
class World:
    """What one simulated world is made from: equal arguments give equal bytes.

    `first_month` is `YYYY-MM`; the period is `months` whole months from there.
    """

    persons: int = 20_000
    months: int = 24
    seed: int = 1
    first_month: str = "2024-04"

    def __post_init__(self) -> None:
        """Refuse a world that cannot be made, saying which argument and what it may be."""
        if not FEWEST_PERSONS <= self.persons <= MOST_PERSONS:
            raise SafeHavenError(
                f"--persons {self.persons} cannot be simulated: choose {FEWEST_PERSONS} to "
                f"{MOST_PERSONS} (above {MOST_IN_999} only for scale runs: the numbers are then "
                "from the unissued 9xx block instead of 999)."
            )
        if not 1 <= self.months <= MOST_MONTHS:
            raise SafeHavenError(
                f"--months {self.months} cannot be simulated: choose 1 to {MOST_MONTHS}."
            )
        if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", self.first_month):
            raise SafeHavenError(
                f"--first-month {self.first_month} is not a month: write YYYY-MM, such as 2024-04."
            )

    def month_start(self, index: int) -> date:
        """First day of the month `index` months after the first (0 = the first month)."""
        year, month = (int(part) for part in self.first_month.split("-"))
        years, month_index = divmod(month - 1 + index, 12)
        return date(year + years, month_index + 1, 1)

    def month_end(self, index: int) -> date:
        """Last day of a month."""
        return self.month_start(index + 1) - timedelta(days=1)

    @property
    def first_day(self) -> date:
        """First day of the period."""
        return self.month_start(0)

    @property
    def last_day(self) -> date:
        """Last day of the period."""
        return self.month_end(self.months - 1)


def open_world(world: World, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory connection that holds the people, places and providers of a world.

    `spill` is where DuckDB may put what does not fit in memory; it must be inside `var/`, because
    the world stands for identifiable data. Without it nothing is spilled.
    """
    conn = connect(world, spill)
    run_sql(conn, "areas")
    run_sql(conn, "special_place")
    _set_place_variables(conn)
    make_numbers(conn)
    run_sql(conn, "superseded")
    run_sql(conn, "age_band")
    for people in slices_of_people(world):
        set_range(conn, "person", people)
        add_rows(conn, "person", read_sql("person"))
    run_sql(conn, "objection")
    return conn


def slices_of_people(world: World) -> Iterator[range]:
    """The people of a world by number, from 1, as many at a time as are made at once."""
    return _slices(range(1, world.persons + 1))


def make_numbers(conn: duckdb.DuckDBPyConnection) -> None:
    """Make the table `nhs_number`: so many numbers as the variables of the world ask for."""
    conn.execute("create table nhs_number (ordinal bigint, nhs_number varchar)")
    (tried,) = conn.execute("select getvariable('numbers_tried')").fetchone() or (0,)
    for positions in _slices(range(tried)):
        set_range(conn, "position", positions)
        add_rows(conn, "nhs_number", read_sql("nhs_number"))


def _slices(numbers: range) -> Iterator[range]:
    for start in range(0, len(numbers), PEOPLE_AT_ONCE):
        yield numbers[start : start + PEOPLE_AT_ONCE]


def second_connection(conn: duckdb.DuckDBPyConnection, world: World) -> duckdb.DuckDBPyConnection:
    """Another connection to an open world: the same people, temporary tables of its own."""
    second = conn.cursor()
    _set_variables(second, world)
    _set_place_variables(second)
    return second


def connect(world: World, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory connection with the reference seeds, the macros and the variables of a world."""
    conn = duckdb.connect(":memory:")
    conn.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    conn.execute("set temp_directory = $folder", {"folder": str(spill or "")})
    for name in SEED_TABLES:
        conn.read_csv(str(SEEDS / f"{name}.csv"), header=True).create(f"seed_{name}")
    _set_variables(conn, world)
    run_sql(conn, "macros")
    return conn


def run_sql(conn: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run every statement of `sql/<name>.sql`."""
    conn.execute(read_sql(name))


def read_sql(name: str) -> str:
    """The text of `sql/<name>.sql`."""
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def add_rows(conn: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
    """Append the rows of a query to a table, which is made where it is not there."""
    conn.execute(f"create table if not exists {table} as from ({rows}) limit 0")
    conn.execute(f"insert into {table} {rows}")


def set_range(conn: duckdb.DuckDBPyConnection, name: str, numbers: range) -> None:
    """Set the variables first_<name> and last_<name>."""
    set_variable(conn, f"first_{name}", numbers[0])
    set_variable(conn, f"last_{name}", numbers[-1])


def set_variable(conn: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    """Set a variable that the SQL files read with getvariable()."""
    conn.execute(f"set variable {name} = $value", {"value": value})


def _set_variables(conn: duckdb.DuckDBPyConnection, world: World) -> None:
    in_999 = world.persons <= MOST_IN_999
    half_size = 1_000 if in_999 else 10_000
    # 0.3 % of people have a second, superseded number.
    needed = world.persons + world.persons // 250 + 100
    variables: dict[str, object] = {
        "seed": world.seed,
        "persons": world.persons,
        "months": world.months,
        "first_day": world.first_day,
        "last_day": world.last_day,
        "canaries": CANARIES,
        "icb_codes": _boards(conn, world.persons),
        "postcodes_per_lsoa": max(6, min(40, world.persons // 25_000)),
        "half_size": half_size,
        "number_prefix": 999_000_000 if in_999 else 900_000_000,
        "numbers_needed": needed,
        # One stem in eleven has no check digit; in the wide block one in a hundred is 999.
        "numbers_tried": min(half_size**2, needed * 9 // 8 + 2_000),
    }
    for name, value in variables.items():
        set_variable(conn, name, value)


def _set_place_variables(conn: duckdb.DuckDBPyConnection) -> None:
    conn.execute("set variable trusts = (select count(*) from trust)")
    conn.execute(
        "set variable area_codes = (select list(sub_icb_code order by area_index) from area)"
    )


def _boards(conn: duckdb.DuckDBPyConnection, persons: int) -> list[str]:
    """One board for each 25,000 people, 3 to 42: the first three, then the others by code.

    Real boards hold over a million; in smaller ones most counts are too small to be shown.
    """
    query = "select distinct icb_code from seed_sub_icb order by icb_code"
    every = [code for (code,) in conn.execute(query).fetchall()]
    others = [code for code in every if code not in FIRST_BOARDS]
    count = max(len(FIRST_BOARDS), min(len(every), persons // 25_000))
    return [*FIRST_BOARDS, *others][:count]
