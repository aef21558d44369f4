"""Open data: published tables that no agreement is needed for, as a pack that anybody can audit."""

from __future__ import annotations

import duckdb

from safe_haven.release import files, render
from safe_haven.release.datapackage import document
from safe_haven.release.render import Field, Table

NATION = {"national": True}
FIELDS = {
    "mart_quality_by_provider": (
        Field("feed", "string", "Feed of the records"),
        Field(
            "provider_code",
            "string",
            "Organisation that gave the care, ALL, or UNREGISTERED where no register knows it",
        ),
        Field("data_item", "string", "Column of the contract; ALL for the rows themselves"),
        Field(
            "outcome", "string", "valid, default, invalid or missing; ALL for the rows themselves"
        ),
        Field("quarter", "string", "Quarter of the financial year, such as 2024-25 Q1"),
        Field("records", "integer", "Rows received, rounded; empty where withheld"),
        Field("status", "string", "shown or withheld"),
    ),
}
"""The tables of tables.OPEN, column by column."""


def open_data(connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    """Bytes of datapackage.json and of every data file, by path inside the pack."""
    content = {f"data/{name}.csv": render.to_csv(_table(connection, name)) for name in FIELDS}
    for name, data in content.items():
        render.refuse_formulas(name, data)
    described = files.canonical_json(document("open-data", NATION, FIELDS))
    return {"datapackage.json": described, **content}


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> Table:
    columns = ", ".join(field.name for field in FIELDS[name])
    rows = connection.execute(
        f"select {columns} from aggregated.marts.{name}"  # noqa: S608 (constants)
    ).to_arrow_table()
    return Table(name, FIELDS[name], render.sorted_rows(FIELDS[name], rows))
