"""A database in memory in which the compiled governance models read rows made by a test."""

from __future__ import annotations

import re
from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

Rows = Mapping[str, pa.Table | list[dict[str, Any]]]
"""Rows by the name of the seed or model that they stand for; a column left out is NULL."""

CHAIN = (
    "governance/gov_agreement_version",
    "governance/gov_assured_organisation",
    "governance/gov_agreement_party",
    "governance/gov_agreement_limit",
    "governance/gov_agreement_conflict",
    "governance/gov_agreement",
    "governance/gov_agreement_setting",
    "governance/gov_relationship",
    "governance/gov_recipient_scope",
    "governance/gov_entitlement",
    "governance/gov_aggregate_scope",
    "governance/gov_record",
    "governance/gov_record_recipient",
    "governance/gov_objection_in_force",
    "governance/reasons/gov_legal_gate",
    "governance/reasons/gov_release_eligibility",
    "releases/rel_pack",
    "releases/rel_field",
    "releases/rel_entitlement",
)
"""Models under test, each after those it reads."""

PLACES = {
    "governance": "pseudonymised.governance",
    "governance/reasons": "restricted.governance",
    "releases": "restricted.releases",
}
"""Where the models of a folder stand."""

LEGAL = {
    "is_legally_restricted": "legally_restricted_code",
    "is_identity_withheld": "identity_withheld",
    "is_sensitive_person": "sensitive_person",
    "is_opted_out": "opted_out",
    "not is_known_person": "person_not_established",
}
"""What the legal gate says of a record, and the reason that it gives."""

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
        place = {Path(name).name: PLACES[str(Path(name).parent)] for name in CHAIN}
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
    """Every reason of refusal by record and agreement that a relationship links to it, by
    agreement, data set and relationship, by recipient and code, by record and by pack; the terms of
    each entitlement; the areas owed in tables, and for which period; the columns of each pack."""

    eligibility: Mapping[tuple[str, ...], frozenset[str]]
    entitlement: Mapping[tuple[str, ...], frozenset[str]]
    scope: Mapping[tuple[str, ...], frozenset[str]]
    legal: Mapping[tuple[str, ...], frozenset[str]]
    packs: Mapping[tuple[str, ...], frozenset[str]]
    terms: frozenset[tuple[Any, ...]]
    areas: frozenset[tuple[Any, ...]]
    fields: frozenset[tuple[str, ...]]

    @classmethod
    def of_all(cls, some: Iterable[Decisions]) -> Decisions:
        """The decisions of several worlds together."""
        every = list(some)

        def together(name: str) -> Any:
            found = [getattr(one, name) for one in every]
            is_set = isinstance(found[0], frozenset)
            return frozenset().union(*found) if is_set else dict(ChainMap(*map(dict, found)))

        return cls(**{one.name: together(one.name) for one in fields(cls)})


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
            scope=_reasons(
                connection,
                "pseudonymised.governance.gov_recipient_scope",
                "recipient_code, linked_by, linked_code",
            ),
            legal=_reasons(
                connection,
                "(select activity_key, list_filter([{}], lambda reason: reason is not null) "
                "as reasons, len(reasons) = 0 as is_allowed "
                "from restricted.governance.gov_legal_gate)".format(
                    ", ".join(f"case when {flag} then '{LEGAL[flag]}' end" for flag in LEGAL)
                ),
                "activity_key",
            ),
            packs=_reasons(
                connection,
                "(select *, allowed as is_allowed from restricted.releases.rel_pack)",
                "agreement_id",
            ),
            terms=_rows(
                connection,
                "select agreement_id, data_set, relationship_id, agreement_version, "
                "recipient_code, flow, commissioner_code, period_start, period_end "
                "from pseudonymised.governance.gov_entitlement",
            ),
            areas=_rows(
                connection,
                # Worlds may have two relationships of one pair, which the build refuses.
                "select distinct "
                "agreement_id, data_set, icb_code, sub_icb_code, period_start, period_end "
                "from pseudonymised.governance.gov_aggregate_scope",
            ),
            fields=_rows(
                connection,
                "select 'rel_field', agreement_id, table_name, field_name "
                "from restricted.releases.rel_field union all "
                "select 'rel_entitlement', agreement_id, item ->> 'table', item ->> 'field' "
                "from restricted.releases.rel_entitlement where kind = 'field'",
            ),
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> frozenset[tuple[Any, ...]]:
    """The rows of a query; one that is there twice is marked."""
    rows = Counter(connection.execute(query).fetchall())
    return frozenset(row if often == 1 else (*row, "twice") for row, often in rows.items())


def _reasons(
    connection: duckdb.DuckDBPyConnection, relation: str, keys: str
) -> dict[tuple[str, ...], frozenset[str]]:
    rows = connection.execute(f"select {keys}, reasons, is_allowed from {relation}").fetchall()
    decided: dict[tuple[str, ...], frozenset[str]] = {}
    for *key, reasons, is_allowed in rows:
        twice = {"decided twice"} if tuple(map(str, key)) in decided else set()
        odd = set() if is_allowed == (not reasons) else {f"is_allowed: {is_allowed}"}
        decided[tuple(map(str, key))] = frozenset(reasons) | twice | odd
    return decided
