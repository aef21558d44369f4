"""The rows that packs hold, read from the warehouse for many agreements at a time.

A pass over each relation gives the rows of as many agreements as fit in memory together, so that a
release to two hundred recipients does not read every relation two hundred times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from safe_haven.errors import SafeHavenError
from safe_haven.release import render, tables
from safe_haven.release.render import Field, Table

Owed = Mapping[str, Mapping[str, tuple[Field, ...]]]
"""The columns that are owed, by agreement and table."""
BATCH_ROWS = 500_000
"""Rows that are held at once, but where one agreement has more."""


def read(
    connection: duckdb.DuckDBPyConnection, owed: Owed, most: int = BATCH_ROWS
) -> Iterator[dict[str, list[Table]]]:
    """The tables of every agreement, batch by batch: the rows and columns owed, in total order.

    Errors: SafeHavenError where a relation has not the columns that are owed.
    """
    for together in batches(_sizes(connection, owed), most):
        yield _read(connection, {agreement: owed[agreement] for agreement in together})


def batches(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Names in their order, in groups of at most `most` rows, or of one name that has more."""
    together: list[str] = []
    rows = 0
    for name, size in sizes.items():
        if together and rows + size > most:
            yield together
            together, rows = [], 0
        together.append(name)
        rows += size
    if together:
        yield together


def _sizes(connection: duckdb.DuckDBPyConnection, owed: Owed) -> dict[str, int]:
    """Rows of each agreement over all its tables."""
    found: Counter[str] = Counter()
    for table in sorted({name for columns in owed.values() for name in columns}):
        agreements = [agreement for agreement, columns in owed.items() if table in columns]
        counted = _answer(
            connection,
            agreements,
            table,
            f"select agreement_id, count(*) from {tables.content_relation(table)} "  # noqa: S608 (vetted)
            "where agreement_id in (select unnest(?)) group by agreement_id",
        )
        found.update({row["agreement_id"]: row["count_star()"] for row in counted.to_pylist()})
    return {agreement: found[agreement] for agreement in owed}


def _read(connection: duckdb.DuckDBPyConnection, owed: Owed) -> dict[str, list[Table]]:
    alike: dict[tuple[str, tuple[Field, ...]], list[str]] = {}
    for agreement, columns in owed.items():
        for table, fields in columns.items():
            alike.setdefault((table, fields), []).append(agreement)
    content: dict[str, list[Table]] = {agreement: [] for agreement in owed}
    for (table, fields), agreements in sorted(alike.items(), key=lambda item: item[0][0]):
        rows = _answer(
            connection,
            agreements,
            table,
            f"select agreement_id, {render.cast_list(fields)} "  # noqa: S608 (vetted)
            f"from {tables.content_relation(table)} where agreement_id in (select unnest(?)) "
            f"order by agreement_id, {render.total_order(fields)}",
        )
        size = {row["values"]: row["counts"] for row in pc.value_counts(rows[0]).to_pylist()}
        rows, first = rows.remove_column(0), 0
        for agreement in sorted(agreements):
            own = rows.slice(first, size.get(agreement, 0))
            content[agreement].append(Table(table, fields, own))
            first += own.num_rows
    return content


def _answer(
    connection: duckdb.DuckDBPyConnection, agreements: Sequence[str], table: str, statement: str
) -> pa.Table:
    try:
        return connection.execute(statement, [list(agreements)]).to_arrow_table()
    except duckdb.Error as error:
        raise SafeHavenError(
            f"{', '.join(agreements)}: {tables.content_relation(table)} cannot be read as "
            f"rel_field says ({type(error).__name__}). Build again and compare it with the model."
        ) from None
