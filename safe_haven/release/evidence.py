"""The evidence of a year, for whoever audits the safe haven: read from the audit log alone.

The same log gives the same bytes. Counts of people and records are withheld or rounded like any
count that leaves.
"""

from __future__ import annotations

import csv
import datetime
import html
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from safe_haven import audit_log
from safe_haven.audit_log import Event
from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.release import events, files, lifecycle, register, render, signing
from safe_haven.release.gate_counts import WITHHELD, shown
from safe_haven.wall import policy
from safe_haven.wall.exception import Exemption

PAGE = "index.html"
KEYS = (events.KEY_MADE, events.KEY_ROTATED, events.KEY_DESTROYED)
ACCESS = (events.REIDENTIFIED, events.REIDENTIFICATION_REFUSED)
SENT = (events.DELIVERED, events.DELIVERY_REFUSED)
COPIES = (events.COPY_GIVEN, events.COPY_REFUSED, events.COPY_WITHDRAWN)
GIVEN = (register.RELEASED, register.RECALLED, register.DESTROYED)
LOADS = (events.SERVE_BEGUN, events.SERVED)
PUBLICATIONS = (events.PUBLICATION_BEGUN, events.PUBLISHED)
TEST_RUN = ("build_id", "tests", "passed", "suite")
RELEASE_COLUMNS = (
    "at",
    "event",
    "recipient",
    "agreement",
    "release",
    "rows",
    "withheld cells",
    "opted out",
    "reason",
)
FAILURES = (events.STOPPED, events.VERIFY_FAILED)

Section = tuple[str, tuple[str, ...], list[tuple[str, ...]]]
"""Heading, names of columns, rows."""


def evidence(state: State, year: int) -> Path:
    """Write the evidence of a calendar year (UTC), and return its page.

    It is written aside and then takes the place of what was there: no reader sees a part of it.
    Errors: SafeHavenError when the log was tampered with, or does not agree with the register.
    """
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    known = lifecycle.known_register(state, public_key)
    log = audit_log.load(events.folder(state), public_key)
    for finding in events.chain_findings(state, known, public_key):
        raise SafeHavenError(f"There is no evidence to be had from this log: {finding}")
    mine = [event for event in log if event.at.startswith(f"{year:04d}-")]
    written = sections(mine, year)
    folder = state.audit / "evidence" / f"{year:04d}"
    prepared = folder.with_name(f".{folder.name}.preparing")
    files.remove(prepared)
    for name, (_, columns, rows) in written.items():
        files.write_new(prepared / f"{name}.csv", _csv([columns, *rows]))
    files.write_new(prepared / PAGE, _page(year, audit_log.head_of(log), written).encode())
    files.remove(folder)
    files.move(prepared, folder)
    return folder / PAGE


def sections(log: Sequence[Event], year: int) -> dict[str, Section]:
    """What is told, by file name."""
    return {
        "releases": (
            "Releases, recalls and destructions",
            RELEASE_COLUMNS,
            [_release(event) for event in log if event.event in GIVEN],
        ),
        "deliveries": (
            "Releases sent, and refusals to send them",
            ("at", "event", "recipient", "agreement", "release", "mailbox", "message or reasons"),
            [_delivery(event) for event in log if event.event in SENT],
        ),
        "loads": (
            "Releases loaded for live queries",
            ("at", "event", "database", "recipient", "agreement", "release"),
            [
                (e.at, e.event, e.detail["database"], *release)
                for e in log
                if e.event in LOADS
                for release in e.detail["releases"]
            ],
        ),
        "publications": (
            "Lookups, registers and open data published",
            ("at", "event", "version", "files"),
            [
                (e.at, e.event, e.detail["version"], str(len(e.detail["files"])))
                for e in log
                if e.event in PUBLICATIONS
            ],
        ),
        "refusals": (
            "Gates that refused an agreement, and how often",
            ("recipient", "agreement", "gate", "times"),
            _refusals(log),
        ),
        "gates": (
            "Records that each gate kept from a release of records",
            ("at", "recipient", "agreement", "release", "gate", "records", "people"),
            [line for event in log for line in _gates(event)],
        ),
        "failures": (
            "Releases that were stopped, verifications that failed",
            ("at", "event", "what"),
            [
                (e.at, e.event, str(e.detail.get("reason") or f"{e.detail['pack']}: {_proofs(e)}"))
                for e in log
                if e.event in FAILURES
            ],
        ),
        "keys": (
            "Keys made, changed and destroyed",
            ("at", "event", "key", "check value", "replaces"),
            [
                (
                    e.at,
                    e.event,
                    e.detail["key"],
                    e.detail["check_value"],
                    e.detail.get("replaces", ""),
                )
                for e in log
                if e.event in KEYS
            ],
        ),
        "access": (
            "Re-identification",
            ("at", "event", "request", "agreement", "people asked", "people named", "reasons"),
            [_access(event) for event in log if event.event in ACCESS],
        ),
        "invoices": (
            "Invoice validation",
            ("at", "event", "agreement", "records or reasons"),
            [
                (
                    e.at,
                    e.event,
                    e.detail["agreement"],
                    _shown_by_table(e.detail.get("row_counts", {}))
                    or "; ".join(e.detail.get("reasons", [])),
                )
                for e in log
                if e.event in (events.INVOICES_GIVEN, events.INVOICES_REFUSED)
            ],
        ),
        "queries": (
            "Queries of operators, before they ran",
            ("at", "tables", "SHA-256 of the query"),
            [
                (e.at, "; ".join(e.detail["tables"]), e.detail["query_sha256"])
                for e in log
                if e.event == events.QUERIED
            ],
        ),
        "copies": (
            "Copies for analysts",
            ("at", "event", "role", "office", "copy", "reasons"),
            [_copy(event) for event in log if event.event in COPIES],
        ),
        "tests": (
            "Tests that ran before a release",
            ("at", "build", "tests", "passed", "suite"),
            [
                (e.at, *(str(e.detail.get(name, "")) for name in TEST_RUN))
                for e in log
                if e.event == events.TESTED
            ],
        ),
        "suites": (
            "Tests by name, of each suite that ran for the first time",
            ("at", "suite", "test"),
            [
                (e.at, e.detail["suite"], name)
                for e in log
                if e.event == events.SUITE
                for name in e.detail["tests"]
            ],
        ),
        "exceptions": (
            "Exceptions of the wall, and until when they excuse",
            ("column", "reason", "approved on", "expires on", "at the end of the year"),
            exceptions(policy.DECLASSIFIED, datetime.date(year, 12, 31)),
        ),
    }


def exceptions(given: Mapping[str, Exemption], day: datetime.date) -> list[tuple[str, ...]]:
    """Each exception that was approved by a day, with its last day and what it was on that day."""
    return [
        (
            name,
            item.reason,
            item.approved_on.isoformat(),
            item.expires_on.isoformat(),
            "in force" if item.holds(day) else "lapsed",
        )
        for name, item in sorted(given.items())
        if item.approved_on <= day
    ]


def _release(event: Event) -> tuple[str, ...]:
    detail = event.detail
    rows, withheld, opt_out = (
        detail.get(name, {}) for name in ("row_counts", "withheld_cells", "opt_out")
    )
    return (
        event.at,
        event.event,
        str(detail.get("recipient", "")),
        detail["agreement"],
        str(detail.get("release_id", "")),
        _shown_by_table(rows),
        _by_table(withheld),
        str(opt_out["people"] if opt_out.get("people") is not None else opt_out.get("status", "")),
        str(detail.get("reason", "")),
    )


def _delivery(event: Event) -> tuple[str, ...]:
    detail = event.detail
    return (
        event.at,
        event.event,
        *(detail[name] for name in ("recipient", "agreement", "release_id")),
        detail.get("mailbox", ""),
        detail.get("message_id") or "; ".join(detail["reasons"]),
    )


def _shown_by_table(rows: Mapping[str, int]) -> str:
    return _by_table({name: shown(count) for name, count in rows.items()})


def _by_table(counts: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _refusals(log: Sequence[Event]) -> list[tuple[str, ...]]:
    """A run that several gates refused counts for each; older lines have them in one text."""
    times: Counter[tuple[str, str, str]] = Counter(
        (e.detail["recipient"], e.detail["agreement"], gate)
        for e in log
        if e.event == events.REFUSED
        for gate in e.detail.get("gates") or e.detail["reason"].split("; ")
    )
    return [(*what, str(number)) for what, number in sorted(times.items())]


def _gates(event: Event) -> Iterator[tuple[str, ...]]:
    """The counts as they were when the release was made; a record counts for each of its gates."""
    if event.event != register.RELEASED:
        return
    detail = event.detail
    release = (event.at, *(detail[name] for name in ("recipient", "agreement", "release_id")))
    for gate, counted in sorted(detail.get("gates", {}).items()):
        counts = (counted["records"], counted["people"])
        yield (*release, gate, *(WITHHELD if count is None else shown(count) for count in counts))


def _access(event: Event) -> tuple[str, ...]:
    detail = event.detail
    return (
        event.at,
        event.event,
        detail["request"],
        detail["agreement"],
        shown(detail["people_asked"]),
        shown(detail.get("people_named")),
        ", ".join(detail.get("reasons", [])),
    )


def _copy(event: Event) -> tuple[str, ...]:
    detail = event.detail
    return (
        event.at,
        event.event,
        detail["staff_role"],
        detail.get("office", ""),
        detail.get("copy", ""),
        ", ".join(detail.get("reasons", [])),
    )


def _proofs(event: Event) -> str:
    return ", ".join(event.detail["proofs"])


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    # All in quotes: a carriage return alone would end a row for some readers.
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def harmless(cell: str) -> str:
    """A cell as spreadsheets show it: what begins like a formula after an apostrophe.

    So does what begins with an apostrophe: a reader that takes one away has the log's own text.
    """
    begins_so = render.FORMULA.match(cell) or cell.startswith("'")
    return f"'{cell}" if begins_so and not render.NUMBER.fullmatch(cell) else cell


def _page(year: int, head: str, written: Mapping[str, Section]) -> str:
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f"<title>Evidence of {year}</title></head><body>",
        f"<h1>Evidence of {year}</h1>",
        "<p>From the audit log, which is whole and agrees with the public register. "
        f"Head of the log: <code>{head}</code></p>",
        "<p>In the CSV files, text that a spreadsheet would run as a formula (it begins with "
        "=, +, -, @, a tabulator or a new line), or that begins with an apostrophe, has an "
        "apostrophe before it that is not in the log.</p>",
    ]
    for name, (heading, columns, rows) in written.items():
        parts.append(f'<h2>{heading}</h2><p><a href="{name}.csv">{name}.csv</a></p>')
        parts.append(_table(columns, rows) if rows else "<p>None.</p>")
    return "\n".join([*parts, "</body></html>", ""])


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    def line(tag: str, cells: Sequence[Any]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(c))}</{tag}>" for c in cells) + "</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return f"<table><thead>{line('th', columns)}</thead><tbody>\n{body}\n</tbody></table>"
