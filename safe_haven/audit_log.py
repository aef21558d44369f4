"""The audit log: what the safe haven did, one line an event, in a chain whose head is signed.

`var/audit/log/log.jsonl` has one JSON object a line: {"at", "detail", "event", "previous",
"sequence"}, keys sorted; `previous` is the SHA-256 of the line before. `head.json` says how many
lines there are and the hash of the last, signed (Ed25519), and repeats the lines added last.

An append replaces the head, in one step, and then adds the lines: a crash between leaves lines
that the head still has, which readers count and the next append writes. So an event is there whole,
once, or not at all. This is the one place that reads the clock for what it keeps.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import write_atomically
from safe_haven.release import files, signing

FORMAT = "safe-haven-audit-log/1"
LOG, HEAD = "log.jsonl", "head.json"
START = "0" * 64
KEYS = {"at", "detail", "event", "previous", "sequence"}


@dataclass(frozen=True)
class Event:
    """One line of the log. `at` is UTC, in seconds; `sha256` is the hash of the line."""

    sequence: int
    at: str
    event: str
    detail: Mapping[str, Any]
    sha256: str


Fact = tuple[str, Mapping[str, Any]]
"""An event and its detail, before it has a place in the log."""


def now() -> datetime.datetime:
    """The time of an event."""
    return datetime.datetime.now(datetime.UTC)


def head_of(events: Sequence[Event]) -> str:
    """The hash that stands for the whole log."""
    return events[-1].sha256 if events else START


def load(folder: Path, public_key: Ed25519PublicKey) -> list[Event]:
    """Every event, oldest first.

    Errors: SafeHavenError when a line was changed, removed, added or moved, or the log cut short.
    """
    return _events(_content(folder, public_key)[0])


def append(
    folder: Path, key: Ed25519PrivateKey, make: Callable[[Sequence[Event]], Sequence[Fact]]
) -> list[Event]:
    """Add what `make` finds is to be told, given what is in the log, and return the whole log.

    Errors: SafeHavenError when the log was tampered with; then nothing is added.
    """
    with _locked(folder):
        content, written = _content(folder, key.public_key())
        if written < len(content):
            _add(folder / LOG, content[written:])
        events = _events(content)
        lines: list[bytes] = []
        previous = head_of(events)
        at = now().astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for event, detail in make(events):
            line = _line(
                {
                    "at": at,
                    "detail": detail,
                    "event": event,
                    "previous": previous,
                    "sequence": len(events) + len(lines) + 1,
                }
            )
            previous = files.sha256(line)
            lines.append(line)
        if lines:
            _write_head(folder, key, len(events), len(content), lines, previous)
            _add(folder / LOG, b"".join(lines))
        return _events(content + b"".join(lines))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _line(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def _write_head(
    folder: Path,
    key: Ed25519PrivateKey,
    count: int,
    offset: int,
    lines: Sequence[bytes],
    head: str,
) -> None:
    document = {
        "format": FORMAT,
        "count": count + len(lines),
        "head": head,
        "offset": offset,
        "lines": [line.decode() for line in lines],
    }
    signature = signing.sign(key, files.canonical_json(document)).hex()
    write_atomically(folder / HEAD, files.canonical_json(document | {"signature": signature}))
    files.sync(folder)


def _add(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _content(folder: Path, public_key: Ed25519PublicKey) -> tuple[bytes, int]:
    """The lines as the head says they are, and how many of their bytes are in the file."""
    log, head = folder / LOG, folder / HEAD
    if not log.exists() and not head.exists():
        return b"", 0
    if not head.exists():
        raise _tampered(f"{HEAD} is gone")
    document = files.parse_canonical(head.read_bytes(), HEAD)
    try:
        signature = bytes.fromhex(document.pop("signature"))
        tail = "".join(document["lines"]).encode()
        offset, told = document["offset"], document["head"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _tampered(f"{HEAD} is not of format {FORMAT}") from None
    if document.get("format") != FORMAT or not signing.is_signed(
        public_key, files.canonical_json(document), signature
    ):
        raise _tampered(f"{HEAD} is not what was signed")
    found = log.read_bytes() if log.exists() else b""
    content = found[:offset] + tail
    if len(found) < offset:
        raise _tampered("the end is missing")
    if not content.startswith(found):
        raise _tampered("the last lines are not those that were signed")
    _check_chain(content, document["count"], told)
    return content, len(found)


def _check_chain(content: bytes, count: int, head: str) -> None:
    """Whether each line follows the one before, up to the head that was signed."""
    previous = START
    lines = content.splitlines(keepends=True)
    for position, line in enumerate(lines, start=1):
        try:
            document = json.loads(line)
            as_written = _line(document) == line and set(document) == KEYS
        except (ValueError, TypeError):
            as_written = False
        if not as_written:
            raise _tampered(f"line {position} is not one that the safe haven wrote")
        if document["sequence"] != position or document["previous"] != previous:
            raise _tampered(f"line {position} does not follow the line before it")
        previous = files.sha256(line)
    if (len(lines), previous) != (count, head):
        raise _tampered(f"it has {len(lines)} lines, and not those {count} whose head was signed")


def _events(content: bytes) -> list[Event]:
    found = []
    for line in content.splitlines(keepends=True):
        document = json.loads(line)
        del document["previous"]
        found.append(Event(**document, sha256=files.sha256(line)))
    return found


def _tampered(why: str) -> SafeHavenError:
    return SafeHavenError(
        f"The audit log was changed or cut short: {why}. Keep it as evidence, find out who could "
        "write to it, and restore it from your backup."
    )
