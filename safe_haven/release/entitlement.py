"""What a recipient is entitled to: the shape of `rel_entitlement`, and the checks against it.

`restricted.releases.rel_entitlement` has one row per agreement, kind and item_order; `item` is the
JSON text of one object. Dates are ISO text, null means "no end". Keys not named here may be added
(they are published with the rest); those named must be there:

- `agreement` (exactly one): {"agreement_id": "DSA-1", "recipient_code": "QOP", "version": "1.0",
  "purpose": "…", "legal_basis": "…", "legal_basis_ends_on": null, "information_level": "…",
  "starts_on": "2024-04-01", "ends_on": "2027-03-31",
  "contract": {"contract_id": "C-1", "starts_on": "…", "ends_on": "…"},
  "limits": {COLUMN: [VALUE, …]}}. Each record has one of the values in a column that is limited.
  The data cut must lie in starts_on … ends_on, and version, purpose, legal basis and information
  level must be those of `rel_pack`.
- `relationship` (one or more): {"kind": "…", "from_code": "…", "to_code": "…", "starts_on": "…",
  "ends_on": null, "source": "…"}: the published relationship rows the scope rests on.
- `assurance` (one or more): {"kind": "dspt", "reference": "…", "starts_on": "…", "ends_on": "…"}.
- `scope` (exactly one): {"dimension": "commissioner", "codes": {FIELD: [CODE, …], …},
  "national": true, "national_parts": {"icb_code": [CODE, …]}}. FIELD is a column of the content:
  `icb_code` and `sub_icb_code` in aggregate flows (both named, a list may be empty),
  `responsible_commissioner_code`, `local_authority_code` or both in record-level flows, where a
  record is in scope by any of them.
  An aggregate row is in scope when its deepest level that is not ALL carries a code of that level's
  list and no level above it contradicts a list that is not empty; a row with ALL at every level
  needs national = true.
  `icb_code` lists the ICBs whose rows, and whose sub-ICBs' rows, are complete in the pack.
  `national_parts` must be there where national rows are owed: every ICB, in any pack or in none,
  whose rows add up to the national ones. Holders of all their packs can subtract them from the
  nation; the disclosure audit reads here whether that is so.
- `field` (one per column of the content, in order): {"table": "mart_activity_by_provider",
  "field": "records"}.
- `period` (exactly one): {"start": "2024-04-01", "end": "2026-03-31"}. Quarters and months of
  aggregate rows lie wholly inside; so does the discharge month of a spell (its admission month
  while it is not discharged).

`entitlement.json` is that list as one document: {"format", "agreement_id", "recipient_code",
"agreement": [item, …], "assurance": […], "field": […], "period": […], "relationship": […],
"scope": […]}, items in item_order. Its SHA-256 stands in the signed public register.
"""

from __future__ import annotations

import calendar
import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safe_haven.errors import SafeHavenError

FORMAT = "safe-haven-entitlement/1"
KINDS = ("agreement", "assurance", "field", "period", "relationship", "scope")
ONE_EACH = ("agreement", "period", "scope")
REQUIRED_KEYS = {
    "agreement": (
        "agreement_id",
        "recipient_code",
        "version",
        "purpose",
        "legal_basis",
        "information_level",
        "starts_on",
        "ends_on",
        "limits",
    ),
    "assurance": (),
    "field": ("table", "field"),
    "period": ("start", "end"),
    "relationship": (),
    "scope": ("dimension", "codes", "national"),
}
TOTAL = "ALL"
QUARTER = re.compile(r"(\d{4})-(\d{2}) Q([1-4])")
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Entitlement:
    """An entitlement document and the questions one asks of it."""

    document: Mapping[str, Any]

    @classmethod
    def from_rows(
        cls, agreement_id: str, recipient_code: str, rows: Iterable[tuple[str, int, str]]
    ) -> Entitlement:
        """Build from `rel_entitlement` rows (kind, item_order, item as JSON text)."""
        items: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for kind, _, item in sorted(rows):
            if kind not in items:
                raise SafeHavenError(
                    f"rel_entitlement of {agreement_id} has the kind '{kind}'; "
                    f"known kinds: {', '.join(KINDS)}."
                )
            items[kind].append(json.loads(item))
        head = {"format": FORMAT, "agreement_id": agreement_id, "recipient_code": recipient_code}
        return cls.from_document(head | items)

    @classmethod
    def from_document(cls, document: Any) -> Entitlement:
        """Accept a document only if every kind is there with the keys it must have."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise SafeHavenError(f"entitlement.json is not a document of format {FORMAT}.")
        unknown = set(document) - {"format", "agreement_id", "recipient_code", *KINDS}
        if unknown:
            raise SafeHavenError(f"entitlement.json has unknown parts: {sorted(unknown)}.")
        for kind in KINDS:
            items = document.get(kind)
            if not isinstance(items, list) or not items:
                raise SafeHavenError(
                    f"The entitlement of {document.get('agreement_id')} has no '{kind}' item: "
                    "nothing is released without one. Add it to models/releases/rel_entitlement."
                )
            if kind in ONE_EACH and len(items) != 1:
                raise SafeHavenError(
                    f"The entitlement of {document.get('agreement_id')} has {len(items)} "
                    f"'{kind}' items; exactly one is allowed."
                )
            for item in items:
                missing = [key for key in REQUIRED_KEYS[kind] if key not in item]
                if missing:
                    raise SafeHavenError(f"An entitlement item '{kind}' lacks {missing}.")
        agreement = document["agreement"][0]
        for name in ("agreement_id", "recipient_code"):
            if document.get(name) != agreement[name]:
                raise SafeHavenError(
                    f"The entitlement's {name} ({document.get(name)}) is not the one in its "
                    f"agreement ({agreement[name]})."
                )
        scope = document["scope"][0]
        codes = scope["codes"]
        if (
            scope["dimension"] != "commissioner"
            or not isinstance(scope["national"], bool)
            or not isinstance(codes, dict)
            or not all(isinstance(some, list) for some in codes.values())
            or not all(isinstance(code, str) for some in codes.values() for code in some)
        ):
            raise SafeHavenError("The scope must give lists of commissioner codes by field.")
        _check_parts(scope)
        return cls(document)

    @property
    def agreement(self) -> Mapping[str, Any]:
        """The agreement item."""
        return self.document["agreement"][0]

    @property
    def codes(self) -> Mapping[str, Sequence[str]]:
        """Commissioner codes by the field they stand in."""
        return self.document["scope"][0]["codes"]

    @property
    def limits(self) -> Mapping[str, Sequence[str]]:
        """Values that records may have, by the column that the agreement limits."""
        return self.agreement["limits"]

    @property
    def national(self) -> bool:
        """Whether rows for the whole country are owed."""
        return self.document["scope"][0]["national"] is True

    @property
    def national_parts(self) -> Mapping[str, Sequence[str]]:
        """The codes whose rows add up to the national rows, by field; none without a nation."""
        return self.document["scope"][0]["national_parts"] if self.national else {}

    @property
    def period(self) -> tuple[datetime.date, datetime.date]:
        """First and last day of the data that is owed."""
        item = self.document["period"][0]
        return datetime.date.fromisoformat(item["start"]), datetime.date.fromisoformat(item["end"])

    def fields(self) -> dict[str, list[str]]:
        """Columns owed, by table, in the order of the agreement."""
        owed: dict[str, list[str]] = {}
        for item in self.document["field"]:
            owed.setdefault(item["table"], []).append(item["field"])
        return owed

    def in_force(self, day: datetime.date) -> bool:
        """Whether the agreement is in date on `day`."""
        starts_on, ends_on = self.agreement["starts_on"], self.agreement["ends_on"]
        return starts_on <= day.isoformat() and (ends_on is None or day.isoformat() <= ends_on)

    def commissioner_refusal(self, row: Mapping[str, Any], levels: Sequence[str]) -> str | None:
        """Why `row` is outside the commissioners in scope, or None; `levels` run top to bottom."""
        depth = 0
        for position, level in enumerate(levels):
            if row[level] != TOTAL:
                depth = position + 1
        if depth == 0:
            return None if self.national else "a national row, and no national rows are owed"
        deepest = levels[depth - 1]
        if row[deepest] is None or row[deepest] not in self.codes.get(deepest, ()):
            return f"{deepest} {row[deepest]} is not in scope"
        for level in levels[: depth - 1]:
            if row[level] is None or (
                self.codes.get(level) and row[level] not in self.codes[level]
            ):
                return f"{level} {row[level]} is not in scope"
        return None

    def judged_columns(self) -> list[str]:
        """Columns of a record-level table without which scope and limits cannot be judged."""
        return sorted({*self.codes, *self.limits})

    def record_refusal(self, row: Mapping[str, Any]) -> str | None:
        """Why a record is outside the scope, or None: no column of the scope has a code of it."""
        if any(row[field] in codes for field, codes in self.codes.items()):
            return None
        linked = ", ".join(f"{field} {row[field]}" for field in sorted(self.codes))
        return f"{linked} is not in scope"

    def limit_refusals(self, row: Mapping[str, Any]) -> list[str]:
        """Which limits of the agreement a record is outside of."""
        return [
            f"{column} {row[column]} is outside the agreement's limits"
            for column, allowed in sorted(self.limits.items())
            if row[column] not in allowed
        ]

    def parts_refusal(self, row: Mapping[str, Any], levels: Sequence[str]) -> str | None:
        """Why `row` contradicts the list of the nation's parts, or None."""
        if not self.national:
            return None
        top = row[levels[0]]
        parts = self.national_parts.get(levels[0], ())
        if top == TOTAL:
            return None if parts else "a national row, and the scope names no parts of the nation"
        return None if top in parts else f"{levels[0]} {top} is not among the parts of the nation"

    def period_refusal(self, label: str, value: Any) -> str | None:
        """Why a month or quarter lies outside the period owed, or None."""
        days = span(value)
        if days is None:
            return f"{label} {value!r} is neither a month nor a quarter"
        start, end = self.period
        if days[0] < start or days[1] > end:
            return f"{label} {value} is outside {start} to {end}"
        return None


def _check_parts(scope: Mapping[str, Any]) -> None:
    """Where national rows are owed, the boards that add up to them must be named, in order."""
    if not scope["national"]:
        return
    parts = scope.get("national_parts")
    if (
        not isinstance(parts, dict)
        or not parts
        or not all(isinstance(some, list) for some in parts.values())
        or not all(isinstance(code, str) for some in parts.values() for code in some)
        or any(some != sorted(set(some)) for some in parts.values())
    ):
        raise SafeHavenError(
            "The scope has national rows and does not list their parts (national_parts): whether "
            "several recipients together could subtract theirs from the nation cannot be audited."
        )


def span(value: Any) -> tuple[datetime.date, datetime.date] | None:
    """First and last day of a month ('2024-04') or financial quarter ('2024-25 Q1')."""
    text = str(value)
    if match := MONTH.fullmatch(text):
        first_month = last_month = (int(match[1]), int(match[2]))
    elif match := QUARTER.fullmatch(text):
        year, quarter = int(match[1]), int(match[3])
        if int(match[2]) != (year + 1) % 100:
            return None
        if quarter == 4:
            year, quarter = year + 1, 0
        first_month, last_month = (year, 3 * quarter + 1), (year, 3 * quarter + 3)
    else:
        return None
    last_day = calendar.monthrange(*last_month)[1]
    return datetime.date(*first_month, 1), datetime.date(*last_month, last_day)
