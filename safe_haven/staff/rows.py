"""Which rows of core and governance are in an analyst's copy, and what becomes of their keys.

The rules are the seed analyst_copy. A relation that it does not name, or names wrongly, stops the
copy. Every key (UUID) is replaced by another under a key that lives as long as the copying and is
kept nowhere: two copies share no key of a person, and none leads back into the warehouse.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from safe_haven import pseudonymise
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import KEY_BYTES
from safe_haven.zones import quoted

TARGET = "copy"
WHOLE, LEFT_OUT, RECORD, PERSON = "whole", "left_out", "record", "person"
CONDITIONS = {
    "office": "{column} = {office}",
    "organisation": (
        "{column} in (select organisation_code "
        "from pseudonymised.governance.gov_office_organisation "
        "where data_services_office_code = {office})"
    ),
    RECORD: "{column} in (select copied_key from memory.main.copied_record)",
    PERSON: "{column} in (select copied_key from memory.main.copied_person)",
    WHOLE: "true",
}
IS_OPEN = (
    "not coalesce({column} in "
    "(select closed_key from restricted.governance.gov_closed_to_analyst), false)"
)
WITHHELD = "withheld_identity_reason"


@dataclass(frozen=True)
class Rule:
    """One row of the seed analyst_copy."""

    database: str
    schema: str
    relation: str
    rule: str
    column: str | None

    @property
    def name(self) -> str:
        """The relation with its zone and schema."""
        return ".".join(map(identifier, (self.database, self.schema, self.relation)))


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def read_rules(connection: duckdb.DuckDBPyConnection) -> list[Rule]:
    """The rules as last built, in the order of their steps.

    Errors: SafeHavenError for a relation of core or governance without a rule.
    """
    rows = connection.execute(
        "select database_name, schema_name, relation, rule, column_name "
        "from pseudonymised.seeds.analyst_copy order by step, database_name, schema_name, relation"
    ).fetchall()
    rules = [Rule(*row) for row in rows]
    built = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'pseudonymised' "
        "union all select schema_name, view_name from duckdb_views() "
        "where database_name = 'pseudonymised' order by all"
    ).fetchall()
    told = {(rule.schema, rule.relation) for rule in rules}
    missing = [name for name in built if name[0] in ("core", "governance") and name not in told]
    if missing:
        raise _wrong(f"{'.'.join(missing[0])} has no rule")
    return rules


def copy_rows(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], office: str
) -> list[str]:
    """Copy the rows of one office's area into the attached database `copy`; returns the relations.

    Errors: SafeHavenError for a rule that cannot be applied.
    """
    key = secrets.token_bytes(KEY_BYTES)
    pseudonymise.register(connection, lambda _: key)
    for name in ("copied_record", "copied_person"):
        connection.execute(f"create table memory.main.{name} (copied_key uuid)")
    copied = [rule for rule in rules if rule.rule != LEFT_OUT]
    for rule in copied:
        connection.execute(f"create schema if not exists {TARGET}.{identifier(rule.schema)}")
        _copy(connection, rule, office)
    return [f"{rule.schema}.{rule.relation}" for rule in copied]


def _copy(connection: duckdb.DuckDBPyConnection, rule: Rule, office: str) -> None:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = ? "
        "and schema_name = ? and table_name = ? order by column_index",
        [rule.database, rule.schema, rule.relation],
    ).fetchall()
    keys = _keys(rule, columns)
    chosen = f"from {rule.name} where {_condition(rule, [n for n, _ in columns], keys, office)}"
    listed = ", ".join(_renewed(name) if name in keys else identifier(name) for name, _ in columns)
    # In the order of the new keys: the old order would tell which rows of two copies are the same.
    connection.execute(
        f"create table {TARGET}.{identifier(rule.schema)}.{identifier(rule.relation)} as "
        f"select {listed} {chosen} order by all"
    )
    told = {"copied_record": keys[:1] if keys and columns[0][0] == keys[0] else []}
    told["copied_person"] = [name for name in keys if name == "person_key"]
    for table, names in told.items():
        for name in names:
            connection.execute(
                f"insert into memory.main.{table} select distinct {identifier(name)} {chosen}"
            )


def _keys(rule: Rule, columns: Sequence[tuple[str, str]]) -> list[str]:
    """The columns with keys of records and persons."""
    if not columns:
        raise _wrong(f"{rule.schema}.{rule.relation} was not built")
    keys = [name for name, kind in columns if kind == "UUID"]
    if any("UUID" in kind and kind != "UUID" for _, kind in columns):
        raise _wrong(f"{rule.schema}.{rule.relation} has keys inside other values")
    if rule.rule == WHOLE and keys:
        raise _wrong(f"{rule.schema}.{rule.relation} has keys and cannot be copied whole")
    return keys


def _condition(rule: Rule, names: Sequence[str], keys: Sequence[str], office: str) -> str:
    if rule.rule not in CONDITIONS or (rule.rule != WHOLE and rule.column not in names):
        raise _wrong(f"the rule of {rule.schema}.{rule.relation} cannot be applied")
    column = identifier(rule.column or "")
    parts = [CONDITIONS[rule.rule].format(column=column, office=quoted(office))]
    parts += [IS_OPEN.format(column=identifier(name)) for name in keys]
    parts += [f"{WITHHELD} is null"] if WITHHELD in names else []
    return " and ".join(parts)


def _renewed(name: str) -> str:
    column = identifier(name)
    return f"keyed_uuid('copy', {column}::varchar)::uuid as {column}"


def _wrong(what: str) -> SafeHavenError:
    return SafeHavenError(
        f"No copy can be made: {what}. Say in seeds/rules/analyst_copy.csv which of its rows an "
        "analyst may have, and run ./run build."
    )
