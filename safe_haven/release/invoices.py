"""Invoice validation: whose care an invoice is for, with NHS numbers, for a controlled environment.

Those who pay check that the patient is theirs: of identifiers by NHS number alone, in a controlled
environment for finance, with opt-outs waived, under approval CAG 7-07(a-c)/2013
(https://www.england.nhs.uk/ig/in-val/). Which records is the entitlement's word, as for every flow;
the agreement's list of fields says what of them. Dates are judged on the day of use too.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import controlled, events, lifecycle, render, signing, tables
from safe_haven.release.render import Field, Table
from safe_haven.zones import open_read_only, writer_lock

FLOW = "invoice_validation"
NUMBER = "nhs_number"
FILE = "records.duckdb"
JUDGED = """
select
    agreement.recipient_code as recipient,
    agreement.information_flow,
    agreement.is_allowed,
    agreement.reasons,
    agreement.starts_on,
    agreement.ends_on,
    basis.valid_to as basis_ends_on
from pseudonymised.governance.gov_agreement as agreement
left join pseudonymised.seeds.legal_basis as basis using (legal_basis, information_flow)
where agreement.agreement_id = ?
"""


@dataclass(frozen=True)
class Given:
    """What was written: how many records, and where."""

    records: int
    path: Path


def refusals(
    agreement: Mapping[str, Any] | None, is_destroyed: bool, today: datetime.date
) -> Iterator[str]:
    """Every reason against writing the file today."""
    if agreement is None or agreement["information_flow"] != FLOW:
        yield "agreement_is_not_for_invoice_validation"
        return
    yield from agreement["reasons"] or ([] if agreement["is_allowed"] else ["not_allowed"])
    if not agreement["starts_on"] <= today <= (agreement["ends_on"] or today):
        yield "agreement_not_in_date_today"
    if (agreement["basis_ends_on"] or today) < today:
        yield "legal_basis_expired"
    if is_destroyed:
        yield "agreement_destroyed"


def give(state: State, agreement_id: str) -> Given:
    """Write the records owed under an agreement, in place of those written before.

    Errors: SafeHavenError with every reason when it is refused, which is logged too.
    """
    with writer_lock(state), open_read_only(state) as connection:
        lifecycle.recover(state)
        found = controlled.rows_of(connection, JUDGED, agreement_id)
        agreement = found[0] if len(found) == 1 else None
        public_key = signing.publish_public_key(state, Keyring(state.keys))
        known = lifecycle.known_register(state, public_key)
        is_destroyed = agreement is not None and known.is_destroyed(
            agreement["recipient"], agreement_id
        )
        against = list(refusals(agreement, is_destroyed, audit_log.now().date()))
        about = {"agreement": events.text(agreement_id)}
        if against:
            events.record(state, [(events.INVOICES_REFUSED, about | {"reasons": against})])
            raise SafeHavenError(f"{agreement_id} is refused: {', '.join(against)}.")
        content = list(_content(connection, agreement_id))
        counts = {table.name: table.rows.num_rows for table in content}
        path = controlled.give(
            state,
            content,
            (events.INVOICES_GIVEN, about | {"row_counts": counts}),
            lambda log: Path(FLOW) / agreement_id / FILE,
        )
        return Given(sum(counts.values()), path)


def _content(connection: duckdb.DuckDBPyConnection, agreement: str) -> Iterator[Table]:
    """The tables that the agreement names: its fields, of its records, of people with a number.

    Errors: SafeHavenError when a list of fields is not of records by NHS number.
    """
    fields: dict[str, list[Field]] = {}
    for table, name, data_type, description in connection.execute(
        "select table_name, field_name, data_type, description from restricted.releases.rel_field "
        "where agreement_id = ? order by table_name, field_position",
        [agreement],
    ).fetchall():
        fields.setdefault(table, []).append(
            Field(name, render.field_type(data_type), description or "")
        )
    for table, owed in fields.items():
        names = {field.name for field in owed}
        if table not in tables.RECORD_LEVEL or NUMBER not in names:
            raise SafeHavenError(f"{agreement}: {table} is no table of records by NHS number.")
        if tables.RECORD_LEVEL[table].person in names:
            # Beside the number it would undo every pseudonym of the agreement.
            raise SafeHavenError(f"{agreement}: {table} has number and pseudonym side by side.")
        yield Table(table, tuple(owed), _rows(connection, agreement, table, owed))


def _rows(
    connection: duckdb.DuckDBPyConnection, agreement: str, table: str, fields: Sequence[Field]
) -> Any:
    columns = ", ".join(
        f"{'person' if field.name == NUMBER else 'record'}.{render.identifier(field.name)}"
        for field in fields
    )
    rows = connection.execute(
        f"select {render.cast_list(fields)} from (select {columns} "  # noqa: S608 (vetted names)
        f"from {tables.content_relation(table)} as record "
        "inner join restricted.releases.rel_person_pseudonym as pseudonym "
        "using (agreement_id, person_pseudonym) "
        "inner join identifiable.identity.idn_person as person "
        "on pseudonym.person_key = person.person_key "
        "where record.agreement_id = ? and person.nhs_number is not null)",
        [agreement],
    ).to_arrow_table()
    return render.sorted_rows(fields, rows)
