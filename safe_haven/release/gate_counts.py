"""How many records each gate keeps from a release, by the rule for published counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from safe_haven.audit_log import Fact
from safe_haven.errors import SafeHavenError
from safe_haven.release import events, tables
from safe_haven.release.pack import Prepared

WITHHELD = "[c]"
COUNTS = "gate_status, refused_records, refused_people"


def shown(count: int | None) -> str:
    """A count as it may leave: [c] while it is small, else rounded; by the rule of all counts."""
    if count is None:
        return ""
    if tables.COUNT_RULE["suppress_lo"] <= count <= tables.COUNT_RULE["suppress_hi"]:
        return WITHHELD
    base = tables.COUNT_RULE["round_to"]
    return str((count + base // 2) // base * base)


def facts(connection: duckdb.DuckDBPyConnection, new: Iterable[Prepared]) -> list[Fact]:
    """For the audit log: the counts of each release of records. Tables have no such gates.

    Errors: SafeHavenError where the warehouse holds a count that the rule could not show.
    """
    return [
        (
            events.GATES_COUNTED,
            {
                "recipient": item.order.recipient,
                "agreement": item.order.agreement,
                "release_id": item.release_id,
                "gates": gates,
            },
        )
        for item in new
        if (gates := _gates(connection, item.order.agreement))
    ]


def is_protected(status: str, records: int | None, people: int | None) -> bool:
    """Whether the counts are withheld, or such as the rule leaves them."""
    if status == "withheld":
        return records is None and people is None
    return status == "shown" and all(shown(count) == str(count) for count in (records, people))


def _gates(connection: duckdb.DuckDBPyConnection, agreement: str) -> dict[str, Any]:
    rows = connection.execute(
        f"select gate, {COUNTS} from restricted.releases.rel_gate_count "  # noqa: S608 (a constant)
        "where agreement_id = ? order by gate",
        [agreement],
    ).fetchall()
    for gate, *counted in rows:
        if not is_protected(*counted):
            raise SafeHavenError(
                f"rel_gate_count: the counts of {agreement}, {gate}, are not protected. Nothing "
                "was released: mend the model."
            )
    return {
        gate: {"status": status, "records": records, "people": people}
        for gate, status, records, people in rows
    }
