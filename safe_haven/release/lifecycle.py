"""What becomes of a release afterwards: recall, destruction, and the end of what was begun.

The register is the commit point of both. Whatever a crash leaves undone after it, `recover` does:
it runs before every release, recall and destruction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from safe_haven import audit_log
from safe_haven.audit_log import Event
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import events, files, pack, records, register, signing, verify
from safe_haven.release.entitlement import Entitlement
from safe_haven.release.pack import Order, Prepared
from safe_haven.release.register import Entry, Register
from safe_haven.release.render import Table
from safe_haven.zones import open_read_only, writer_lock

PREPARING = ".preparing"
CURRENT = "current"
CERTIFICATES = "destruction"
CERTIFICATE_FORMAT = "safe-haven-destruction/2"
ENDED = "agreement_not_in_date"
NONE = "  none\n"


def current_links(state: State) -> list[Path]:
    """The link to the release in force of each recipient and agreement, in their order.

    Folders that a release is preparing come and go while readers look: they are not looked into.
    """
    return sorted(state.releases.glob(f"[!.]*/[!.]*/{CURRENT}"))


def known_register(state: State, public_key: signing.Ed25519PublicKey) -> Register:
    """The register; packs without any register mean that it was lost."""
    known = register.load(state.register, public_key)
    if not known.entries and current_links(state):
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
        if not known.is_destroyed(recipient, agreement):
            _point(state, recipient, agreement, known.latest(recipient, agreement))
        elif not certificate_folder(state, recipient, agreement).exists():
            _remove(state, recipient, agreement)
    log = events.record(state)
    for event in log:
        if event.event == register.DESTROYED:
            _certify(state, known, log[: event.sequence])


def unfinished(state: State) -> Iterator[str]:
    """What `recover` would do, and what the log lacks or contradicts, in words; changes nothing."""
    path = state.public_keys / signing.PUBLIC_KEY_FILE
    if not path.exists():
        return
    public_key = signing.load_public_key(path)
    known = known_register(state, public_key)
    for recipient, agreement in known.pairs():
        if known.is_destroyed(recipient, agreement):
            if not certificate_folder(state, recipient, agreement).exists():
                yield f"the destruction of {recipient}/{agreement} is not at its end"
        elif _is_behind(state, recipient, agreement, known.latest(recipient, agreement)):
            yield f"{recipient}/{agreement}/{CURRENT} does not lead to the release in force"
    yield from events.chain_findings(state, known, public_key)


def _is_behind(state: State, recipient: str, agreement: str, entry: Entry | None) -> bool:
    """Whether `current` leads elsewhere than to the release in force."""
    link = state.releases / recipient / agreement / CURRENT
    leads_to = link.readlink().as_posix() if link.is_symlink() else None
    return leads_to != (entry and entry.release_id)


def _point(state: State, recipient: str, agreement: str, entry: Entry | None) -> None:
    """Let `current` lead to the release in force, or be gone where none is."""
    link = state.releases / recipient / agreement / CURRENT
    if entry is None or entry.release_id is None:
        files.remove(link)
    elif _is_behind(state, recipient, agreement, entry):
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


def refusals(order: Order, known: Register, destroyed_keys: Collection[str] = ()) -> list[str]:
    """Every reason against a release that is known before the pack is prepared.

    What another recipient had under the agreement, and was destroyed, is none: it may have passed
    on. But no pseudonyms are made with a key that was destroyed.
    """
    found = [] if order.allowed else order.reasons
    facts = order.facts
    key = f"agreement-{order.agreement}-{facts['opt_out_regime']}-v{facts['key_version']}"
    if known.is_destroyed(order.recipient, order.agreement) or (
        order.flow == pack.RECORD_LEVEL and key in destroyed_keys
    ):
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
        orders = {o.agreement: o for o in pack.read_orders(connection)}
    controlled = {
        (order.recipient, order.agreement)
        for order in orders.values()
        if state.controlled_of(order.agreement)
    }
    found = []
    for pair in sorted({*known.pairs(), *controlled}):
        if known.is_destroyed(*pair):
            continue
        order = orders.get(pair[1])
        if order is None:
            found.append((*pair, "no agreement any more"))
        elif order.recipient == pair[0] and order.is_overdue:
            found.append((*pair, str(order.facts["retained_until"])))
        elif order.recipient != pair[0]:
            until = _signed_retention(state, known.of(*pair)[-1])
            if until is None or until < order.facts["data_cut"]:
                found.append((*pair, until or "no day that was signed"))
    return found


def _signed_retention(state: State, entry: Entry) -> str | None:
    """Until when data may be kept by the terms signed with a release; None where none are proved.

    The last build knows the agreement of whoever has it now, not that of those before.
    """
    path = state.releases / entry.recipient / entry.agreement / str(entry.release_id)
    path /= pack.ENTITLEMENT
    content = path.read_bytes() if path.is_file() else b""
    if files.sha256(content) != entry.entitlement_sha256:
        return None
    document = files.parse_canonical(content, pack.ENTITLEMENT)
    return Entitlement.from_document(document).agreement.get("retained_until")


def overdue_text(state: State) -> str:
    """The same in words, one agreement a line; empty when nothing is overdue."""
    lines = ["  ".join(item) for item in overdue(state)]
    head = "\nOVERDUE: had to be destroyed by the day named (safe-haven destroy):"
    return "\n".join([head, *(f"  {line}" for line in lines)]) if lines else ""


def unpublished(state: State) -> Iterator[str]:
    """That the published list of releases lacks events of the register, and what to do."""
    manifest = state.publication / "current" / pack.MANIFEST
    if not manifest.exists():
        return
    key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    known = len(register.load(state.register, key).entries)
    later = known - json.loads(manifest.read_bytes())["register_entries"]
    if later:
        yield f"The published list of releases lacks the last {later}: run ./run publish."


def destroy(state: State, recipient: str, agreement: str, why: str) -> str:
    """Destroy what a recipient was given under an agreement that ended for it; the certificate.

    The keys of the agreement go with its last holder. Errors: SafeHavenError when there is nothing
    to destroy, when it was destroyed before, or when the last build has it in force.
    """
    why = events.reason(why)
    with writer_lock(state):
        recover(state)
        keyring = Keyring(state.keys)
        key = signing.private_key(keyring)
        known = known_register(state, key.public_key())
        with open_read_only(state) as connection:
            orders = [o for o in pack.read_orders(connection) if o.agreement == agreement]
        _refuse_destruction(state, keyring, known, orders, recipient, agreement)
        others = sorted(_other_holders(state, known, orders, recipient, agreement))
        about = {
            "recipient": recipient,
            "agreement": agreement,
            "keys": [] if others else agreement_keys(keyring, agreement),
            "kept_for": others,
        }
        # Before the register: whoever ends what a crash cut short knows what is to go.
        log = events.record(state, [(events.DESTRUCTION_BEGUN, about)])
        updated = known.with_destruction(recipient, agreement, why, audit_log.head_of(log))
        register.write(state.register, updated, key)
        recover(state)
    folder = certificate_folder(state, recipient, agreement)
    return (folder / "certificate.txt").read_text(encoding="utf-8")


def _refuse_destruction(
    state: State,
    keyring: Keyring,
    known: Register,
    orders: Sequence[Order],
    recipient: str,
    agreement: str,
) -> None:
    """Raise SafeHavenError where there is nothing to destroy, or it is too early."""
    if known.is_destroyed(recipient, agreement):
        raise SafeHavenError(
            f"{agreement} was destroyed already for {recipient}; its certificate is kept."
        )
    mine = [order for order in orders if order.recipient == recipient]
    is_here = state.controlled_of(agreement) or _keys_remain(keyring, known, agreement)
    if not known.of(recipient, agreement) and not (mine and is_here):
        raise SafeHavenError(f"Nothing was released to {recipient} under {agreement}.")
    if any(ENDED not in order.reasons for order in mine):
        raise SafeHavenError(
            f"{agreement} is in date in the last build. Destruction cannot be undone: let the "
            "agreement end in seeds/agreements/data_sharing_agreement.csv (ends_on), run "
            "./run build, then destroy."
        )


def _other_holders(
    state: State, known: Register, orders: Sequence[Order], recipient: str, agreement: str
) -> set[str]:
    """Who else has data under the agreement, or is given some by the last build."""
    given = {
        code
        for code, other in known.pairs()
        if other == agreement and not known.is_destroyed(code, agreement)
    }
    given |= {
        order.recipient
        for order in orders
        if (ENDED not in order.reasons or state.controlled_of(agreement))
        and not known.is_destroyed(order.recipient, agreement)
    }
    return given - {recipient}


def _keys_remain(keyring: Keyring, known: Register, agreement: str) -> bool:
    """Whether keys were kept, when an earlier holder's data went, for one who never had any."""
    return any(
        known.is_destroyed(*pair) for pair in known.pairs() if pair[1] == agreement
    ) and not set(agreement_keys(keyring, agreement)) <= set(keyring.destroyed())


def still_out(state: State, recipient: str, agreement: str) -> Iterator[str]:
    """Who may still hold releases that were destroyed here, by release, in words."""
    key = signing.private_key(Keyring(state.keys)).public_key()
    log = events.record(state)
    for entry in register.load(state.register, key).of(recipient, agreement):
        for line in events.still_out(log, recipient, agreement, str(entry.release_id)):
            yield f"{entry.release_id}: {line}"


def agreement_keys(keyring: Keyring, agreement: str) -> list[str]:
    """Every key there ever was for pseudonyms of the agreement, whatever regime and version."""
    name = re.compile(rf"agreement-{re.escape(agreement)}-(applied|not_applied)-v\d+")
    return sorted(key for key in {*keyring.names(), *keyring.records()} if name.fullmatch(key))


def _remove(state: State, recipient: str, agreement: str) -> None:
    """Remove a recipient's packs and, unless others hold data under the agreement, the
    agreement's keys and controlled files; again changes nothing.

    The folder of the packs goes last: once it is gone the log is told.
    """
    keyring = Keyring(state.keys)
    planned = events.plan(events.record(state), recipient, agreement)
    for name in planned.keys:
        keyring.destroy(name)
    if not planned.kept_for:
        for folder in state.controlled_of(agreement):
            files.remove(folder)
    place = state.releases / recipient / agreement
    files.remove(place)
    if place.parent.exists():
        files.sync(place.parent)


def certificate_folder(state: State, recipient: str, agreement: str) -> Path:
    """Where the certificate of the destruction of what a recipient had is published."""
    return state.register / CERTIFICATES / recipient / agreement


def _certify(state: State, known: Register, log: Sequence[Event]) -> None:
    """Publish the signed certificate of what the log ends with, once; its time is the log's."""
    event = log[-1]
    recipient, agreement = event.detail["recipient"], event.detail["agreement"]
    folder = certificate_folder(state, recipient, agreement)
    if folder.exists():
        return
    keyring = Keyring(state.keys)
    planned = events.plan(log, recipient, agreement)
    releases = known.of(recipient, agreement)
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
            for entry in releases
        ],
        "keys": [
            {"name": name, "check_value": keyring.records()[name][0]} for name in planned.keys
        ],
        "not_covered": list(_not_covered(log, planned, releases)),
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


def _not_covered(
    log: Sequence[Event], planned: events.Plan, releases: Sequence[Entry]
) -> Iterator[str]:
    """What may be left of the data; mailboxes and databases are counted, since this is public."""
    yield "copies that the recipient holds, which it certifies itself"
    yield "backups of the safe haven's own, which are to be destroyed under their own schedule"
    for entry in releases:
        sent, databases = events.whereabouts(log, *entry.pair, str(entry.release_id))
        if sent:
            yield f"release {entry.release_id} in messages that were sent: {len(sent)}"
        if databases:
            yield (
                f"release {entry.release_id} in databases for live queries, until each is loaded "
                f"again: {len(databases)}"
            )
    if planned.kept_for:
        yield (
            "keys and files with NHS numbers of the agreement, kept while others hold data under "
            f"it: {', '.join(planned.kept_for)}"
        )


def certificate_text(document: dict[str, Any]) -> str:
    """The certificate in words."""
    releases = "".join(f"  {item['release_id']}\n" for item in document["releases"])
    keys = "".join(
        f"  {item['name']} (check value {item['check_value']})\n" for item in document["keys"]
    )
    not_covered = "".join(f"  {item}\n" for item in document["not_covered"])
    return (
        "CERTIFICATE OF DESTRUCTION\n\n"
        f"Agreement {document['agreement']}, recipient {document['recipient']}.\n"
        f"Destroyed at {document['destroyed_at']} (UTC), for: {document['reason']}\n\n"
        f"Releases whose files the safe haven removed:\n{releases or NONE}\n"
        f"Keys of pseudonyms that were destroyed and will not be made again:\n{keys or NONE}\n"
        f"Not covered:\n{not_covered}\n"
        f"Entry of the public register: {document['register_entry_sha256']}\n"
        "The signature over certificate.json, which has the SHA-256 of this text, is in\n"
        "certificate.json.sig.\n"
    )
