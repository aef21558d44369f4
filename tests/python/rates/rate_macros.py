"""The macros of macros/rates, rendered and run in DuckDB without dbt."""

from __future__ import annotations

from typing import Any

import duckdb
import jinja2

from safe_haven.paths import PROJECT_ROOT

MACROS = PROJECT_ROOT / "macros" / "rates" / "directly_standardised_rate.sql"
NORMAL_95 = 1.959963984540054
NORMAL_998 = 3.090232306167813


def macros() -> Any:
    """The macros as functions that give SQL."""
    return jinja2.Environment(autoescape=False).from_string(MACROS.read_text()).module


def rates(bands: list[tuple[str, int, int, float]], multiplier: int) -> dict[str, tuple[Any, ...]]:
    """Rate, 95 % limits and 99.8 % limits by area, computed by the macros in DuckDB."""
    module = macros()
    columns = ("events", "population", "weight", multiplier)
    expressions = [module.directly_standardised_rate(*columns)] + [
        module.directly_standardised_rate_limit(*columns, limit, deviations)
        for deviations in (NORMAL_95, NORMAL_998)
        for limit in ("lower", "upper")
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "create table band (area varchar, events integer, population integer, weight double)"
        )
        connection.executemany("insert into band values (?, ?, ?, ?)", bands)
        found = connection.execute(
            f"select area, {', '.join(expressions)} from band group by area"
        ).fetchall()
    return {area: tuple(values) for area, *values in found}
