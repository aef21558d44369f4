"""The published tables: read from the marts and the signed register, written as CSV and workbook.

None holds a person, and counts only as they are published. The same build and register give the
same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import xlsxwriter

from safe_haven.release.register import Register
from safe_haven.release.render import refuse_formulas
from safe_haven.release.workbook import CREATED

MARTS = {
    "regional_office_support": "mart_regional_office_support",
    "agreement_register": "mart_agreement_register",
    "agreement_party": "mart_agreement_party",
    "agreement_field": "mart_agreement_field",
    "quality_scorecard": "mart_quality_scorecard",
}
"""Name of the published file, and the mart it shows whole."""
RELEASE_REGISTER, RECORD_OF_PROCESSING = "release_register", "record_of_processing"
NAMES = (*MARTS, RELEASE_REGISTER, RECORD_OF_PROCESSING)

PEOPLE = "People who had NHS care, or care that the NHS paid for"
SAFEGUARDS = {
    "aggregated": "Counts only: small ones withheld, others rounded, the whole proved by an attack",
    "identifiable": "NHS number and no other name; encrypted file in a controlled environment",
    "pseudonymised": "A pseudonym of this agreement in place of names and numbers; encrypted file",
}


@dataclass(frozen=True)
class Lookup:
    """A published table: its name, its columns, and its rows in their order."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows by column."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


def read_lookups(connection: duckdb.DuckDBPyConnection, known: Register) -> dict[str, Lookup]:
    """Every published table by name, in the order of NAMES."""
    found = {name: _mart(connection, name, mart) for name, mart in MARTS.items()}
    found[RELEASE_REGISTER] = release_register(known)
    found[RECORD_OF_PROCESSING] = record_of_processing(found)
    return found


def _mart(connection: duckdb.DuckDBPyConnection, name: str, mart: str) -> Lookup:
    result = connection.execute(
        f"select * from aggregated.marts.{mart} order by all"  # noqa: S608 (a constant)
    )
    columns = tuple(column for column, *_ in result.description)
    return Lookup(name, columns, tuple(result.fetchall()))


def release_register(known: Register) -> Lookup:
    """What was released, recalled and destroyed: the register's entries, unchained."""
    columns = (
        "sequence",
        "event",
        "recipient",
        "agreement",
        "release_id",
        "status",
        "reason",
        "manifest_sha256",
    )
    rows = [tuple(getattr(entry, column) for column in columns) for entry in known.entries]
    return Lookup(RELEASE_REGISTER, columns, tuple(rows))


def record_of_processing(found: dict[str, Lookup]) -> Lookup:
    """What UK GDPR article 30 asks for: who, why, what, how long.

    Of each version under which data may be held, whether anything new is given under it or not.
    """
    parties = list(found["agreement_party"].records())
    fields = list(found["agreement_field"].records())
    columns = (
        "agreement_id",
        "agreement_version",
        "standing",
        "controllers",
        "processors",
        "purpose",
        "legal_basis",
        "people",
        "data",
        "territory",
        "kept_until",
        "safeguards",
    )
    rows = []
    for agreement in found["agreement_register"].records():
        if not agreement["may_be_held"]:
            continue
        label = (agreement["agreement_id"], agreement["agreement_version"])
        mine = [p for p in parties if (p["agreement_id"], p["agreement_version"]) == label]
        mine = [p for p in mine if p["may_hold"]]
        tables = {
            f["table_name"] for f in fields if (f["agreement_id"], f["agreement_version"]) == label
        }
        rows.append(
            (
                *label,
                agreement["standing"],
                _names(p for p in mine if p["party_role"] != "processor"),
                _names(p for p in mine if p["party_role"] == "processor"),
                agreement["purpose"],
                agreement["legal_basis"],
                PEOPLE,
                "; ".join(sorted(tables)),
                agreement["territory"],
                agreement["retained_until"],
                SAFEGUARDS[agreement["information_level"]],
            )
        )
    return Lookup(RECORD_OF_PROCESSING, columns, tuple(rows))


def _names(parties: Iterator[dict[str, Any]]) -> str:
    return "; ".join(
        sorted(f"{p['organisation_name']} ({p['organisation_code']})" for p in parties)
    )


def to_csv(lookup: Lookup) -> bytes:
    """The bytes of the CSV. Errors: SafeHavenError where a cell would be a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(lookup.columns)
    writer.writerows([_cell(value) for value in row] for row in lookup.rows)
    content = text.getvalue().encode()
    refuse_formulas(lookup.name, content)
    return content


def to_workbook(lookups: Sequence[Lookup]) -> bytes:
    """One workbook with a sheet per table."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": "Safe haven: published lookups", "created": CREATED})
        heading = book.add_format({"bold": True})
        for lookup in lookups:
            sheet = book.add_worksheet(lookup.name[:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, lookup.columns, heading)
            for number, row in enumerate(lookup.rows, start=1):
                sheet.write_row(number, 0, [_cell(value) for value in row])
            sheet.autofilter(0, 0, len(lookup.rows), len(lookup.columns) - 1)
            sheet.set_column(0, len(lookup.columns) - 1, 24)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
