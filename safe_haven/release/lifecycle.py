"""What becomes of a release afterwards: recall, destruction, and the end of what was begun.

The register is the commit point of both. Whatever a crash leaves undone after it, `recover` does:
it runs before every release, recall and destruction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safe_haven.audit_log import Event
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import events, files, pack, records, register, signing, verify
from safe_haven.release.pack import Order, Prepared
from safe_haven.release.register import Entry, Register
from safe_haven.release.render import Table
from safe_haven.zones import open_read_only, writer_lock

PREPARING = ".preparing"
CURRENT = "current"
CERTIFICATES = "destruction"
CERTIFICATE_FORMAT = "safe-haven-destruction/1"
ENDED = "agreement_not_in_date"


def known_register(state: State, public_key: signing.Ed25519PublicKey) -> Register:
    """The register; packs without any register mean that it was lost."""
    known = register.load(state.register, public_key)
    if not known.entries and any(state.releases.glob(f"*/*/{CURRENT}")):
        raise SafeHavenError(
            f"{state.releases} holds releases and {state.register} has no register of them. "
            "Restore the register from your backup: without it the chain would start again."
        )
    return known


def recover(state: State) -> None:
    """Clear what a crash left behind, and do what the register committed."""
    files.remove(state.releases / PREPARING)
    path = state.public_keys / signing.PUBLIC_KEY_FILE
    if not path.exists():
        return
    known = known_register(state, signing.load_public_key(path))
    for recipient, agreement in known.pairs():
        if known.is_destroyed(recipient, agreement):
            if not certificate_folder(state, agreement).exists():
                _remove(state, recipient, agreement)
        else:
            _point(state, recipient, agreement, known.latest(recipient, agreement))
    log = events.record(state)
    for event in log:
        if event.event == register.DESTROYED:
            _certify(state, known, event)


def _point(state: State, recipient: str, agreement: str, entry: Entry | None) -> None:
    """Let `current` lead to the release in force, or be gone where none is."""
    link = state.releases / recipient / agreement / CURRENT
    if entry is None or entry.release_id is None:
        files.remove(link)
    elif not link.is_symlink() or link.readlink().as_posix() != entry.release_id:
        if not (link.parent / entry.release_id).is_dir():
            files.remove(link)
            raise SafeHavenError(
                f"The register knows release {entry.release_id} of {agreement} and its "
                f"folder is gone from {link.parent}. Restore it from your backup."
            )
        files.point(link, entry.release_id)


# -- recall -----------------------------------------------------------------------------------


def recall(state: State, recipient: str, agreement: str, release_id: str, why: str) -> Entry | None:
    """Recall one release and return the one that is in force now, if any.

    Errors: SafeHavenError when there is no such release, or it was recalled or destroyed before.
    """
    why = events.reason(why)
    with writer_lock(state):
        recover(state)
        key = signing.private_key(Keyring(state.keys))
        known = known_register(state, key.public_key())
        found = [e for e in known.of(recipient, agreement) if e.release_id == release_id]
        if not found:
            told = ", ".join(f"{e.release_id} ({e.status})" for e in known.of(recipient, agreement))
            raise SafeHavenError(
                f"{recipient} was not given {release_id} under {agreement}. Given was: "
                f"{told or 'nothing'}."
            )
        if found[0].status in (register.RECALLED, register.DESTROYED):
            raise SafeHavenError(f"{release_id} is {found[0].status} already.")
        updated = known.with_recall(found[0], why, events.head(state))
        back = updated.latest(recipient, agreement)
        register.write(state.register, updated, key)
        events.record(state)
        _point(state, recipient, agreement, back)
        return back


def recalled_data(state: State, keyring: Keyring, known: Register, item: Prepared) -> str | None:
    """Why a prepared pack is not released: its data are those of a release that was recalled.

    The agreement's terms may have changed meanwhile: rows and columns are compared, and nothing
    else. A recalled release that is not as it was signed any more counts as the same.
    """
    recalled = [
        entry
        for entry in known.of(item.order.recipient, item.order.agreement)
        if entry.status == register.RECALLED
    ]
    if item.unchanged or not recalled:
        return None
    public_key = signing.private_key(keyring).public_key()
    key = keyring.key(f"recipient-{item.order.recipient}")
    new = _data(item.order.flow, item.folder, key)
    for entry in recalled:
        folder = state.releases / entry.recipient / entry.agreement / str(entry.release_id)
        opened, _ = verify.prove_bytes(folder, public_key)
        try:
            same = opened is None or _data(item.order.flow, folder, key) == new
        except (OSError, SafeHavenError):
            same = True
        if same:
            notice = known.notice(register.RECALLED, entry)
            return (
                f"recalled_data: the same as in release {entry.release_id}, recalled for: "
                f"{notice.reason if notice else ''}"
            )
    return None


def _data(flow: str, folder: Path, key: bytes) -> list[tuple[str, bytes]]:
    content: Sequence[Table] = (
        pack.read_aggregate(folder)
        if flow == pack.AGGREGATE
        else records.read_container(folder / records.CONTAINER, key)
    )
    return [(table.name, records.content_bytes(table)) for table in content]


# -- destruction ------------------------------------------------------------------------------


def refusals(order: Order, known: Register) -> list[str]:
    """Every reason against a release that is known before the pack is prepared."""
    found = [] if order.allowed else order.reasons
    if any(known.is_destroyed(*pair) for pair in known.pairs() if pair[1] == order.agreement):
        found = [*found, "agreement_destroyed"]
    return found


def overdue(state: State) -> list[tuple[str, str, str]]:
    """(recipient, agreement, until when) of data that are here and had to be destroyed by now.

    "Now" is the day of the last build. Data under an agreement that it does not know are overdue.
    """
    path = state.public_keys / signing.PUBLIC_KEY_FILE
    if not path.exists():
        return []
    known = register.load(state.register, signing.load_public_key(path))
    if not known.entries and not any(state.controlled.iterdir()):
        return []
    with open_read_only(state) as connection:
        orders = {(o.recipient, o.agreement): o for o in pack.read_orders(connection)}
    controlled = {pair for pair in orders if state.controlled_of(pair[1])}
    found = []
    for pair in sorted({*known.pairs(), *controlled}):
        order = orders.get(pair)
        if not known.is_destroyed(*pair) and (order is None or order.is_overdue):
            until = order.facts["retained_until"] if order else "no agreement any more"
            found.append((*pair, str(until)))
    return found


def overdue_text(state: State) -> str:
    """The same in words, one agreement a line; empty when nothing is overdue."""
    lines = ["  ".join(item) for item in overdue(state)]
    head = "\nOVERDUE: had to be destroyed by the day named (safe-haven destroy):"
    return "\n".join([head, *(f"  {line}" for line in lines)]) if lines else ""


def destroy(state: State, recipient: str, agreement: str, why: str) -> str:
    """Destroy what was released under an agreement that ended, and its keys; the certificate.

    Errors: SafeHavenError when nothing was released under it, when it was destroyed before, or
    when the last build still has it in force.
    """
    why = events.reason(why)
    with writer_lock(state):
        recover(state)
        keyring = Keyring(state.keys)
        key = signing.private_key(keyring)
        known = known_register(state, key.public_key())
        if known.is_destroyed(recipient, agreement):
            raise SafeHavenError(f"{agreement} was destroyed already; its certificate is kept.")
        with open_read_only(state) as connection:
            orders = pack.read_orders(connection)
        if not known.of(recipient, agreement) and not (
            state.controlled_of(agreement)
            and any((o.recipient, o.agreement) == (recipient, agreement) for o in orders)
        ):
            raise SafeHavenError(f"Nothing was released to {recipient} under {agreement}.")
        if any(o.agreement == agreement and ENDED not in o.reasons for o in orders):
            raise SafeHavenError(
                f"{agreement} is in date in the last build. Destruction cannot be undone: let the "
                "agreement end in seeds/agreements/data_sharing_agreement.csv (ends_on), run "
                "./run build, then destroy."
            )
        updated = known.with_destruction(recipient, agreement, why, events.head(state))
        register.write(state.register, updated, key)
        recover(state)
    return (certificate_folder(state, agreement) / "certificate.txt").read_text(encoding="utf-8")


def agreement_keys(keyring: Keyring, agreement: str) -> list[str]:
    """Every key there ever was for pseudonyms of the agreement, whatever regime and version."""
    name = re.compile(rf"agreement-{re.escape(agreement)}-(applied|not_applied)-v\d+")
    return sorted(key for key in {*keyring.names(), *keyring.records()} if name.fullmatch(key))


def _remove(state: State, recipient: str, agreement: str) -> None:
    """Remove keys, controlled files and packs of an agreement; again changes nothing.

    The folder of the packs goes last: once it is gone the log is told.
    """
    keyring = Keyring(state.keys)
    for name in agreement_keys(keyring, agreement):
        keyring.destroy(name)
    for folder in state.controlled_of(agreement):
        files.remove(folder)
    place = state.releases / recipient / agreement
    files.remove(place)
    if place.parent.exists():
        files.sync(place.parent)


def certificate_folder(state: State, agreement: str) -> Path:
    """Where the certificate of an agreement's destruction is published."""
    return state.register / CERTIFICATES / agreement


def _certify(state: State, known: Register, event: Event) -> None:
    """Publish the signed certificate, once; its time is that of the log."""
    recipient, agreement = event.detail["recipient"], event.detail["agreement"]
    folder = certificate_folder(state, agreement)
    if folder.exists():
        return
    keyring = Keyring(state.keys)
    document = {
        "format": CERTIFICATE_FORMAT,
        "recipient": recipient,
        "agreement": agreement,
        "destroyed_at": event.at,
        "reason": event.detail["reason"],
        "register_entry_sha256": event.detail["entry_sha256"],
        "audit_log_line": event.sequence,
        "releases": [
            {"release_id": entry.release_id, "manifest_sha256": entry.manifest_sha256}
            for entry in known.of(recipient, agreement)
        ],
        "keys": [
            {"name": name, "check_value": keyring.records()[name][0]}
            for name in agreement_keys(keyring, agreement)
        ],
    }
    words = certificate_text(document)
    document["text_sha256"] = files.sha256(words.encode())
    content = files.canonical_json(document)
    temporary = folder.with_name(f".{folder.name}")
    files.remove(temporary)
    files.write_new(temporary / "certificate.txt", words.encode())
    files.write_new(temporary / "certificate.json", content)
    signature = signing.sign(signing.private_key(keyring), content)
    files.write_new(temporary / "certificate.json.sig", signature)
    files.sync(temporary)
    files.move(temporary, folder)


def certificate_text(document: dict[str, Any]) -> str:
    """The certificate in words."""
    releases = "".join(f"  {item['release_id']}\n" for item in document["releases"])
    keys = "".join(
        f"  {item['name']} (check value {item['check_value']})\n" for item in document["keys"]
    )
    keys = keys or "  none\n"
    return (
        "CERTIFICATE OF DESTRUCTION\n\n"
        f"Agreement {document['agreement']}, recipient {document['recipient']}.\n"
        f"Destroyed at {document['destroyed_at']} (UTC), for: {document['reason']}\n\n"
        f"Releases whose files the safe haven removed:\n{releases}\n"
        f"Keys of pseudonyms that were destroyed and will not be made again:\n{keys}\n"
        "Not covered: copies that the recipient holds, which it certifies itself, and backups of\n"
        "the safe haven's own, which are to be destroyed under their own schedule.\n\n"
        f"Entry of the public register: {document['register_entry_sha256']}\n"
        "The signature over certificate.json, which has the SHA-256 of this text, is in\n"
        "certificate.json.sig.\n"
    )
