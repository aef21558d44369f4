"""SQL as DuckDB itself reads it.

The tree comes from the engine that will run the SQL (`json_serialize_sql`), so there is no second
grammar that could see a harmless statement where DuckDB sees a leak. What DuckDB cannot serialise
(anything but SELECT, a PIVOT without a list) is an error here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

Tree = dict[str, Any]


class UnreadableSqlError(ValueError):
    """The SQL is not exactly one SELECT statement that DuckDB can serialise."""


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_external_access = false")
    return connection


@cache
def _serialised(sql: str) -> str:
    row = (
        _parser()
        .execute(
            "select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true)", [sql]
        )
        .fetchone()
    )
    return row[0]


def parse(sql: str) -> Tree:
    """The query node of the one SELECT in `sql`. Raises UnreadableSqlError otherwise.

    The message names the kind of error, never the text around it.
    """
    try:
        answer = json.loads(_serialised(sql))
    except duckdb.Error as error:
        raise UnreadableSqlError(type(error).__name__) from None
    if answer.get("error"):
        raise UnreadableSqlError(answer.get("error_type", "error"))
    statements = answer.get("statements", [])
    if len(statements) != 1:
        raise UnreadableSqlError(f"{len(statements)} statements instead of one")
    return statements[0]["node"]


def walk(tree: Any) -> Iterator[Tree]:
    """Every object of the tree, parents first."""
    stack = [tree]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            yield item
            stack.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def functions(tree: Tree) -> Iterator[Tree]:
    """Every function call, scalar, aggregate, window or table."""
    for item in walk(tree):
        if "function_name" in item:
            yield item
