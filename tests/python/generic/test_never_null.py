"""The generic test `never_null`, rendered and run in DuckDB without dbt."""

from __future__ import annotations

import duckdb
import jinja2
import pytest

from safe_haven.paths import PROJECT_ROOT

TEST = PROJECT_ROOT / "tests" / "generic" / "never_null.sql"
COLUMNS = ("record_key", "sent_on", "errors")
WHOLE = "('a', date '2025-01-01', [{'rule': null}])"


def failures(*rows: str) -> list[tuple[str, int]]:
    """What the test finds in a table of these rows: columns and how many NULLs each has."""
    text = TEST.read_text().replace("{% test", "{% macro").replace("endtest", "endmacro")
    module = jinja2.Environment(autoescape=False).from_string(text).module
    with duckdb.connect() as connection:
        connection.execute(
            "create table held (record_key varchar, sent_on date, errors struct(rule varchar)[])"
        )
        for row in rows:
            connection.execute(f"insert into held values {row}")
        return connection.execute(module.never_null("held", COLUMNS)).fetchall()


@pytest.mark.parametrize("rows", [(), (WHOLE,), (WHOLE, WHOLE)])
def test_control_whole_rows_pass(rows: tuple[str, ...]) -> None:
    """Empty text and a NULL inside a value are values."""
    assert failures(*rows, "('', date '2025-01-01', [])") == []


@pytest.mark.parametrize("column", COLUMNS)
def test_one_null_in_any_column_is_found(column: str) -> None:
    """Among whole rows, whichever column it is in."""
    values = ("'b'", "date '2025-01-02'", "[]")
    row = ("null" if name == column else value for name, value in zip(COLUMNS, values, strict=True))
    assert failures(WHOLE, f"({', '.join(row)})", WHOLE) == [(column, 1)]


def test_each_column_is_named_with_its_count() -> None:
    """One row a column; columns without NULL are not named."""
    assert failures("(null, null, [])", WHOLE, "(null, date '2025-01-01', [])") == [
        ("record_key", 2),
        ("sent_on", 1),
    ]
