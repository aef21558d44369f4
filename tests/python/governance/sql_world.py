"""A database in memory in which the compiled governance models read rows made by a test."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

Rows = Mapping[str, pa.Table | list[dict[str, Any]]]
"""Rows by the name of the seed or model that they stand for; a column left out is NULL."""

CHAIN = (
    "gov_agreement_version",
    "gov_agreement_party",
    "gov_agreement_limit",
    "gov_agreement_conflict",
    "gov_agreement",
    "gov_agreement_setting",
    "gov_relationship",
    "gov_recipient_scope",
    "gov_entitlement",
    "gov_aggregate_scope",
    "gov_record",
    "gov_record_recipient",
    "gov_objection_in_force",
    "reasons/gov_legal_gate",
    "reasons/gov_release_eligibility",
)
"""Models under test, each after those it reads."""

RELATION = re.compile(r'"(\w+)"\."(\w+)"\."(\w+)"')


@dataclass(frozen=True)
class Models:
    """SQL by model name, where each model stands, and the columns of the relations they read."""

    sql: Mapping[str, str]
    place: Mapping[str, str]
    sources: Mapping[str, str]

    @classmethod
    def read(cls, compiled: Path, warehouse: duckdb.DuckDBPyConnection) -> Models:
        """Take the compiled SQL from a target folder and the columns from built zone files."""
        sql = {Path(name).name: (compiled / f"{name}.sql").read_text() for name in CHAIN}
        place = {
            name: f"{'restricted' if f'reasons/{name}' in CHAIN else 'pseudonymised'}.governance"
            for name in sql
        }
        read = {match.groups() for text in sql.values() for match in RELATION.finditer(text)}
        sources = {}
        for database, schema, name in sorted(read):
            if name not in sql:
                described = warehouse.sql(f"describe {database}.{schema}.{name}").fetchall()
                columns = ", ".join(f"{column} {kind}" for column, kind, *_ in described)
                sources[f"{database}.{schema}.{name}"] = columns
        return cls(sql, place, sources)

    def with_text(self, model: str, text: str, instead: str) -> Models:
        """The models with every occurrence of a text of one of them replaced."""
        assert text in self.sql[model], f"{model} does not hold {text!r}"
        return replace(self, sql={**self.sql, model: self.sql[model].replace(text, instead)})


@dataclass(frozen=True)
class Decisions:
    """Every reason of refusal by record and agreement that a relationship links to it, and by
    agreement, data set and relationship; the areas owed in tables."""

    eligibility: Mapping[tuple[str, ...], frozenset[str]]
    entitlement: Mapping[tuple[str, ...], frozenset[str]]
    areas: frozenset[tuple[str, ...]]

    @classmethod
    def of_all(cls, some: Iterable[Decisions]) -> Decisions:
        """The decisions of several worlds together."""
        every = list(some)
        return cls(
            eligibility=dict(ChainMap(*(dict(one.eligibility) for one in every))),
            entitlement=dict(ChainMap(*(dict(one.entitlement) for one in every))),
            areas=frozenset().union(*(one.areas for one in every)),
        )


def decide(models: Models, rows: Rows) -> Decisions:
    """What the models decide about the rows of one or of many worlds."""
    with duckdb.connect() as connection:
        places = {relation.rpartition(".")[0] for relation in models.sources}
        places |= set(models.place.values())
        for database in sorted({place.partition(".")[0] for place in places}):
            connection.execute(f"attach ':memory:' as {database}")
        for place in sorted(places):
            connection.execute(f"create schema {place}")
        for relation, columns in models.sources.items():
            connection.execute(f"create table {relation} ({columns})")
            if given := rows.get(relation.rpartition(".")[2]):
                table = given if isinstance(given, pa.Table) else pa.Table.from_pylist(given)
                connection.register("given", table)
                connection.execute(f"insert into {relation} by name from given")
        for name, sql in models.sql.items():
            connection.execute(f"create table {models.place[name]}.{name} as {sql}")
        return Decisions(
            eligibility=_reasons(
                connection,
                "restricted.governance.gov_release_eligibility",
                "activity_key, agreement_id",
            ),
            entitlement=_reasons(
                connection,
                "pseudonymised.governance.gov_entitlement",
                "agreement_id, data_set, relationship_id",
            ),
            areas=frozenset(
                connection.execute(
                    "select agreement_id, data_set, icb_code, sub_icb_code "
                    "from pseudonymised.governance.gov_aggregate_scope"
                ).fetchall()
            ),
        )


def _reasons(
    connection: duckdb.DuckDBPyConnection, relation: str, keys: str
) -> dict[tuple[str, ...], frozenset[str]]:
    rows = connection.execute(f"select {keys}, reasons, is_allowed from {relation}").fetchall()
    decided: dict[tuple[str, ...], frozenset[str]] = {}
    for *key, reasons, is_allowed in rows:
        assert is_allowed == (not reasons), relation
        twice = {"decided twice"} if tuple(map(str, key)) in decided else set()
        decided[tuple(map(str, key))] = frozenset(reasons) | twice
    return decided
