"""Send the release in force of an agreement to its recipient's mailbox, and to no other.

The log is told before a message is sent and after. A run that was killed between leaves open
whether it was: the next sends again, under the same local id and with the same bytes, and says so.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from safe_haven import audit_log
from safe_haven.collect.config import Deliveries
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import current, events, files, lifecycle, pack, register, signing, verify
from safe_haven.release.lifecycle import PREPARING
from safe_haven.release.pack import Order
from safe_haven.release.register import Entry, Register
from safe_haven.zones import writer_lock

SENT, SENT_AGAIN, SENT_BEFORE, REFUSED = "sent", "sent again", "sent before", "refused"
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class Post(Protocol):
    """What is needed of the message exchange."""

    def mailboxes_of(self, organisation: str, workflow: str) -> list[str]:
        """Mailboxes that are registered for the organisation."""

    def send(self, mailbox: str, content: Path, workflow: str, local_id: str, subject: str) -> str:
        """Send a file; the id of the message."""


@dataclass(frozen=True)
class Outcome:
    """What became of one release in force; `detail` is the message, or why there is none."""

    recipient: str
    agreement: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class Sender:
    """What is known of the releases, as of the last build and of now."""

    state: State
    post: Post
    deliveries: Deliveries
    orders: Mapping[str, Order]
    keyring: Keyring
    evidence: verify.Evidence
    known: Register

    def refusals(self, entry: Entry) -> list[str]:
        """Every reason against sending a release; what costs most is asked for last."""
        return (
            current.withdrawn(entry, self.orders, self.known)
            or list(self._mailbox_refusals(entry.recipient))
            or list(self._pack_refusals(entry))
        )

    def _mailbox_refusals(self, recipient: str) -> Iterator[str]:
        mailbox = self.deliveries.mailboxes.get(recipient)
        if mailbox is None:
            yield "no_mailbox"
        elif mailbox not in self.post.mailboxes_of(recipient, self.deliveries.workflow):
            yield "mailbox_not_registered_for_recipient"

    def _pack_refusals(self, entry: Entry) -> Iterator[str]:
        folder = current.folder(self.state, entry)
        found = list(current.findings({entry: folder}, self.keyring, self.evidence))
        yield from found
        if found:
            return
        begins, ends = current.term(folder)
        now = audit_log.now()
        if now < begins or (ends is not None and ends <= now):
            yield "agreement_not_in_date"

    def send(self, entry: Entry) -> str:
        """Send one release that nothing speaks against; the id of the message."""
        local_id = f"{entry.agreement}-{entry.release_id}"
        content = self.state.releases / PREPARING / f"{local_id}.zip"
        archive(current.folder(self.state, entry), entry, content)
        about = {
            "recipient": entry.recipient,
            "agreement": entry.agreement,
            "release_id": entry.release_id,
            "manifest_sha256": entry.manifest_sha256,
            "mailbox": self.deliveries.mailboxes[entry.recipient],
            "local_id": local_id,
        }
        events.record(self.state, [(events.DELIVERY_BEGUN, about)])
        message = self.post.send(
            about["mailbox"],
            content,
            self.deliveries.workflow,
            local_id,
            f"Release {entry.release_id} of agreement {entry.agreement}",
        )
        events.record(self.state, [(events.DELIVERED, about | {"message_id": message})])
        return message


def deliver(
    state: State,
    post: Post,
    deliveries: Deliveries,
    recipient: str | None = None,
    agreement: str | None = None,
    again: bool = False,
    audit: Callable[[Sequence[Path]], list[str]] = verify.audit_disclosure,
) -> list[Outcome]:
    """Send what is in force and was not sent yet: to those named, else to all with a mailbox.

    `again` sends what was sent before once more. Errors: SafeHavenError when nothing in force is
    chosen, or the service fails; what was sent until then is logged.
    """
    with writer_lock(state):
        lifecycle.recover(state)
        orders = current.orders(state)
        public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
        known = register.load(state.register, public_key)
        evidence = verify.Evidence(public_key, known, audit=audit)
        keyring = Keyring(state.keys)
        sender = Sender(state, post, deliveries, orders, keyring, evidence, known)
        try:
            return [
                _outcome(sender, entry, again)
                for entry in _chosen(known, deliveries, recipient, agreement)
            ]
        finally:
            files.remove(state.releases / PREPARING)


def _chosen(
    known: Register, deliveries: Deliveries, recipient: str | None, agreement: str | None
) -> list[Entry]:
    named = recipient is not None or agreement is not None
    chosen = [
        entry
        for entry in known.current()
        if recipient in (None, entry.recipient)
        and agreement in (None, entry.agreement)
        and (named or entry.recipient in deliveries.mailboxes)
    ]
    if not chosen:
        raise SafeHavenError(
            "No release in force fits --recipient and --agreement, or none is of a recipient with "
            "a mailbox. In force: "
            + (", ".join("/".join(entry.pair) for entry in known.current()) or "none")
        )
    return chosen


def _outcome(sender: Sender, entry: Entry, again: bool) -> Outcome:
    mine = [
        event
        for event in events.record(sender.state)
        if event.detail.get("manifest_sha256") == entry.manifest_sha256
    ]
    sent = [event for event in mine if event.event == events.DELIVERED]
    if sent and not again:
        return Outcome(*entry.pair, SENT_BEFORE, sent[-1].detail["message_id"])
    if found := sender.refusals(entry):
        told = {"recipient": entry.recipient, "agreement": entry.agreement, "reasons": found}
        told |= {"release_id": entry.release_id}
        events.record(sender.state, [(events.DELIVERY_REFUSED, told)])
        return Outcome(*entry.pair, REFUSED, "; ".join(found))
    begun = any(event.event == events.DELIVERY_BEGUN for event in mine)
    return Outcome(*entry.pair, SENT_AGAIN if begun else SENT, sender.send(entry))


def archive(folder: Path, entry: Entry, path: Path) -> None:
    """Write the files that were signed, and no others, into a zip: the same bytes each time.

    Errors: SafeHavenError when a file is not the one that was signed.
    """
    manifest = (folder / pack.MANIFEST).read_bytes()
    listed = {pack.MANIFEST: entry.manifest_sha256, pack.SIGNATURE: None}
    if files.sha256(manifest) == entry.manifest_sha256:
        listed |= files.parse_canonical(manifest, pack.MANIFEST)["files"]
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as out:
        for name, sha256 in sorted(listed.items()):
            content = (folder / name).read_bytes()
            if sha256 is not None and files.sha256(content) != sha256:
                raise SafeHavenError(f"{name} of {entry.release_id} changed while it was packed.")
            inside = "/".join([*entry.pair, str(entry.release_id), name])
            out.writestr(zipfile.ZipInfo(inside, ZIP_TIME), content)
