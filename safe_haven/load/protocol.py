"""What a sender says about a file under the submission protocol, and whether it can be right.

Source: NHS Data Dictionary, Commissioning Data Set Submission Protocol. The build applies the
protocol (macros/submission); a file whose facts cannot be right is refused here, before it lands.
Messages are read by the operator and by senders, who have no command line: they name the facts as
the envelope does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path

import yaml

from safe_haven.errors import FactError, SafeHavenError, shown
from safe_haven.load.contract import Contract

NET, BULK = "net", "bulk"
DAYS_AT_MOST = 366
ENVELOPE_AT_MOST = 10_000


@dataclass(frozen=True)
class Facts:
    """The facts of one file; empty text where the sender says nothing.

    `protocol`: `net` (each row replaces the earlier copy of its record) or `bulk` (the file
    replaces everything of its sender and group from `period_start` to `period_end`, ISO days,
    both included). `extract_at`, `applicable_at`: ISO times by which versions are ordered.
    """

    protocol: str = NET
    bulk_replacement_group: str = ""
    period_start: str = ""
    period_end: str = ""
    extract_at: str = ""
    applicable_at: str = ""
    prime_recipient_code: str = ""

    @property
    def may_be_empty(self) -> bool:
        """Whether a file without rows says something: a bulk file empties its window."""
        return self.protocol == BULK

    def identity(self) -> str:
        """What tells two deliveries of the same bytes apart; empty for a plain net file."""
        given = [f"{f.name}={getattr(self, f.name)}" for f in fields(self)]
        return "" if self == Facts() else "\n".join(given)


def read_facts(given: Mapping[str, str | None], envelope: Path | None = None) -> Facts:
    """The facts from options and from the envelope, a YAML file of the sender.

    Raises SafeHavenError where a name is unknown or where both say something different.
    """
    names = {f.name for f in fields(Facts)}
    facts = {name: value for name, value in given.items() if value}
    if envelope is not None:
        facts = _merged(facts, _envelope_facts(envelope, names), envelope)
    return Facts(**facts)


def _envelope_facts(path: Path, names: set[str]) -> dict[str, str]:
    name = shown(path.name)
    try:
        if path.stat().st_size > ENVELOPE_AT_MOST:
            raise SafeHavenError(f"The envelope {name} is longer than {ENVELOPE_AT_MOST:,} bytes.")
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        raise SafeHavenError(
            f"The envelope {name} cannot be read. Write it as YAML, one `name: value` a line: "
            f"{', '.join(sorted(names))}."
        ) from None
    facts = read if isinstance(read, dict) else {}
    if not facts or set(facts) - names:
        raise SafeHavenError(
            f"The envelope {name} is not one `name: value` a line with names of: "
            f"{', '.join(sorted(names))}."
        )
    return {name: _text(name, value) for name, value in facts.items() if value is not None}


def _text(name: str, value: object) -> str:
    """YAML reads days and times as such, and 010 as the number 8: only text and days are taken."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    raise SafeHavenError(f"Write {name} in the envelope as text, in quotes.")


def _merged(facts: dict[str, str], stated: dict[str, str], path: Path) -> dict[str, str]:
    if twice := sorted(name for name in facts if facts[name] != stated.get(name, facts[name])):
        raise SafeHavenError(
            f"{shown(path.name)} and the options say different things of {', '.join(twice)}. Say "
            f"each thing once."
        )
    return stated | facts


def checked(facts: Facts, contract: Contract, received_on: str) -> Facts:
    """The facts with times written out, or SafeHavenError: what is wrong and what to do."""
    if facts.protocol not in (NET, BULK):
        raise SafeHavenError(f"The protocol is unknown: say {NET} or {BULK}.")
    timed = Facts(
        **{f.name: getattr(facts, f.name) for f in fields(facts) if not f.name.endswith("_at")},
        extract_at=_iso_time("extract_at", facts.extract_at, received_on),
        applicable_at=_iso_time("applicable_at", facts.applicable_at, received_on),
    )
    start = iso_day("period_start", facts.period_start) if facts.period_start else None
    end = iso_day("period_end", facts.period_end) if facts.period_end else None
    if start and end and end < start:
        raise SafeHavenError(f"The period ends on {end}, before it starts on {start}.")
    if timed.protocol == BULK:
        _check_bulk(timed, contract, start, end)
    elif timed.bulk_replacement_group:
        raise SafeHavenError(
            "A net file has no bulk replacement group. Leave it out, or say bulk as protocol."
        )
    return timed


def _check_bulk(facts: Facts, contract: Contract, start: date | None, end: date | None) -> None:
    groups = [group for group, _ in contract.submission_protocol]
    if facts.bulk_replacement_group not in groups:
        known = (
            f"say {' or '.join(groups)} as bulk_replacement_group"
            if groups
            else f"feed {contract.feed} takes net files only"
        )
        raise FactError(
            f"A bulk file of {contract.feed} must say which group of records it replaces: {known}.",
            "--bulk-group",
        )
    if start is None or end is None:
        raise FactError(
            "A bulk file replaces a window of days: say period_start and period_end, the first and "
            "the last day that it covers.",
            "--period-start",
            "--period-end",
        )
    if (end - start).days >= DAYS_AT_MOST:
        raise SafeHavenError(
            f"The period from {start} to {end} is longer than a year. Send a file for each year."
        )
    if not facts.extract_at:
        raise FactError(
            "A bulk file replaces what was extracted before it: say extract_at.", "--extract-at"
        )


def iso_day(name: str, text: str) -> date:
    """The day that `text` is, in ISO form; `name` says in the message what it was given as."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SafeHavenError(f"{name} is not a day. Write it as YYYY-MM-DD.") from None


def _iso_time(name: str, text: str, received_on: str) -> str:
    """An ISO time to the second, empty for none; a day counts from its start."""
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        time = None
    if not text:
        return ""
    if time is None or time.tzinfo is not None:
        raise SafeHavenError(
            f"{name} is not a local time. Write it as YYYY-MM-DDTHH:MM:SS, without a zone."
        )
    if time.date().isoformat() > received_on:
        raise SafeHavenError(
            f"{name} is after the day of receipt, {received_on}. Correct one of them."
        )
    return time.isoformat(sep=" ", timespec="seconds")
