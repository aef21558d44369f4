"""What both transports share: a delivery, its refusal, and what is kept of it.

Kept is one small file per delivery under `var/audit/collected`: what became of it, and which
reports went back to whom.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from safe_haven.keyring import write_atomically
from safe_haven.paths import State

DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
LANDED, REFUSED, NOTICE = "landed", "refused", "notice"
SENT, UNDELIVERABLE = "sent", "undeliverable"


class UndeliverableError(Exception):
    """The service will not take a message for this address, now or later."""


class RefusedError(Exception):
    """The delivery is not taken. `reason` is a word for programs, the text is for the sender."""

    def __init__(self, reason: str, text: str) -> None:
        """Names only: no value of the file stands in `text`."""
        self.reason = reason
        super().__init__(text)


@dataclass(frozen=True)
class Delivery:
    """A file on its way in, before anything of its content was read.

    `sender` is the mailbox, or the name of the sender's folder. `answer_to` is where reports go,
    empty where none may be sent. `received_on` is the ISO day on which the service took it in,
    empty where the transport does not know it. `notice`, where not empty: the service reports on
    this message, which was sent from here; there is nothing to load.
    """

    delivery_id: str
    workflow: str
    sender: str
    answer_to: str
    received_on: str = ""
    notice: str = ""


@dataclass(frozen=True)
class Record:
    """What became of a delivery; every field is text without a value of the file.

    `refusal_report` and `row_report` are empty, `sent` or `undeliverable`.
    """

    delivery_id: str
    transport: str
    answer_to: str
    outcome: str
    reason: str = ""
    submission_id: str = ""
    refusal_report: str = ""
    row_report: str = ""


class Transport(Protocol):
    """A place where files wait. One run uses one transport, one delivery at a time."""

    name: str
    unready: int
    """How many more there are that cannot be taken yet, known once `waiting` was asked."""

    def waiting(self) -> list[str]:
        """Keys of what waits, in order of arrival; SafeHavenError where nobody can know."""

    def look(self, key: str) -> Delivery:
        """Who sent what, without its content."""

    def fetch(self, delivery: Delivery, folder: Path) -> tuple[Path, Path | None]:
        """Put the file just looked at into `folder`, and its envelope where it has one."""

    def reply(self, record: Record, report: Path) -> None:
        """Send a report to `record.answer_to`; UndeliverableError where that cannot be."""

    def finish(self, delivery: Delivery, outcome: str) -> None:
        """Take the delivery away from what waits: the last thing that happens to it."""


class Records:
    """The records of one state, one file each."""

    def __init__(self, state: State) -> None:
        """Use, or make, the folder."""
        self._folder = state.audit / "collected"
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def write(self, record: Record) -> None:
        """Write or replace a record, whole or not at all."""
        text = json.dumps(asdict(record), indent=2) + "\n"
        write_atomically(self._path(record.delivery_id), text.encode())

    def all(self) -> Iterator[Record]:
        """Every record, in order of id."""
        for path in sorted(self._folder.glob("*.json")):
            yield Record(**json.loads(path.read_text(encoding="utf-8")))

    def get(self, delivery_id: str) -> Record | None:
        """The record of a delivery, None before its first."""
        path = self._path(delivery_id)
        return Record(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None

    def _path(self, delivery_id: str) -> Path:
        return self._folder / f"{delivery_id}.json"
