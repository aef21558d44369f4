"""The build register: what each relation held when the build that made it ended."""

from __future__ import annotations


def content_hash_sql(relation: str) -> str:
    """SQL that gives (row_count, content_hash) of `relation`, whatever the order of its rows.

    The same expression stands in macros/tests/register_build.sql; tests/python/test_build_register
    holds the two together.
    """
    return (
        "select count(*) as row_count, "  # noqa: S608 - names come from the project
        "coalesce(sum(hash(relation_row)::hugeint), 0)::varchar as content_hash "
        f"from {relation} as relation_row"
    )
