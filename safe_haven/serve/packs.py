"""What is to be served: the current release of every agreement, each proved before it is read."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import current, lifecycle, pack, records, register, signing, verify
from safe_haven.release.register import Entry, Register
from safe_haven.release.render import Table


@dataclass(frozen=True)
class Agreement:
    """What one recipient may query under one agreement, and until when.

    refused: why the last build would not release it any more; then it has no tables.
    """

    recipient: str
    agreement: str
    release_id: str
    starts_at: datetime.datetime
    expires_at: datetime.datetime | None
    tables: Sequence[Table]
    refused: Sequence[str] = ()

    def in_date(self, now: datetime.datetime) -> bool:
        """Whether `now` is neither before its first moment nor after its last."""
        return self.starts_at <= now and (self.expires_at is None or now < self.expires_at)

    def is_served(self, now: datetime.datetime) -> bool:
        """Whether it may be queried now."""
        return self.in_date(now) and not self.refused


def read_current(state: State, audit: Any = verify.audit_disclosure) -> list[Agreement]:
    """Prove and read the current release of every agreement that the last build would still give.

    Errors: SafeHavenError, naming the first reasons, when anything about any of them is in doubt.
    """
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    known = register.load(state.register, public_key)
    keyring = Keyring(state.keys)
    folders = {entry: current.folder(state, entry) for entry in known.current()}
    _refuse(_unregistered(state, known))
    _refuse(current.findings(folders, keyring, verify.Evidence(public_key, known, audit=audit)))
    orders = current.orders(state)
    return [
        _read(entry, folder, keyring, current.withdrawn(entry, orders, known))
        for entry, folder in folders.items()
    ]


def _refuse(findings: Iterator[str]) -> None:
    found = list(findings)
    if found:
        raise SafeHavenError(
            "Nothing was loaded, because not every current release could be proved:\n"
            + "\n".join(f"- {finding}" for finding in found[: verify.MAX_SHOWN])
            + "\n./run release mends links; anything else needs your backup (./run verify)."
        )


def _unregistered(state: State, known: Register) -> Iterator[str]:
    """Where the folders and the register do not say the same about what is current."""
    linked = {
        (link.parent.parent.name, link.parent.name): link.readlink().as_posix()
        for link in lifecycle.current_links(state)
    }
    registered = {(entry.recipient, entry.agreement): entry.release_id for entry in known.current()}
    for pair in sorted(linked.keys() | registered.keys()):
        if linked.get(pair) != registered.get(pair):
            yield f"{'/'.join(pair)}: '{lifecycle.CURRENT}' is not the release of the register"


def _read(entry: Entry, folder: Path, keyring: Keyring, refused: Sequence[str]) -> Agreement:
    content: list[Table] = []
    if not refused and (folder / records.CONTAINER).exists():
        key = keyring.key(f"recipient-{entry.recipient}")
        content = records.read_container(folder / records.CONTAINER, key)
    elif not refused:
        content = pack.read_aggregate(folder)
    about = entry.recipient, entry.agreement, str(entry.release_id), *current.term(folder)
    return Agreement(*about, content, refused)
