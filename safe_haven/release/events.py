"""What the audit log is told, and whether log and register agree.

What the register and the keyring show to have happened is logged from them: a run that was killed
before it told the log is told of by the next one, once. Neither keys nor identifiers enter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safe_haven import audit_log
from safe_haven.audit_log import Event, Fact
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import DESTROYED, Keyring
from safe_haven.paths import State
from safe_haven.release import files, pack, register, render, signing
from safe_haven.release.gate import TESTS
from safe_haven.release.register import Entry, Register

KEY_MADE, KEY_ROTATED, KEY_DESTROYED = "key_made", "key_rotated", "key_destroyed"
REFUSED, STOPPED, VERIFY_FAILED = "release_refused", "release_stopped", "verify_failed"
REIDENTIFIED, REIDENTIFICATION_REFUSED = "reidentified", "reidentification_refused"
INVOICES_GIVEN, INVOICES_REFUSED = "invoice_validation", "invoice_validation_refused"
COPY_GIVEN, COPY_REFUSED = "analyst_copy_given", "analyst_copy_refused"
COPY_WITHDRAWN = "analyst_copy_withdrawn"
TESTED, SUITE, GATES_COUNTED = "build_tested", "test_suite", "gates_counted"
QUERIED = "queried"
DELIVERY_BEGUN, DELIVERED = "delivery_begun", "delivered"
DELIVERY_REFUSED = "delivery_refused"
SERVE_BEGUN, SERVED = "serve_begun", "served"
PUBLICATION_BEGUN, PUBLISHED = "publication_begun", "published"
DESTRUCTION_BEGUN = "destruction_begun"
VERSIONED = re.compile(r"(agreement-.+)-v(\d+)")
# Ten digits, with or without spaces: an NHS number, or something that could be one.
NUMBER = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){9}(?![0-9A-Za-z])")
LONGEST_TEXT = 2000


def folder(state: State) -> Path:
    """Where the log is."""
    return state.audit / "log"


def text(words: str) -> str:
    """Words for the log: nothing that could be a person's number, and no more than needed."""
    return NUMBER.sub("[number]", words)[:LONGEST_TEXT]


def reason(words: str) -> str:
    """A reason that a person gave, for the log and the public register.

    Errors: SafeHavenError when there is none, or it holds what could be a person's number, or a
    spreadsheet would run it: it is published as a table, and the register cannot be edited.
    """
    words = " ".join(words.split())
    if not words or len(words) > 300 or NUMBER.search(words):
        raise SafeHavenError(
            "Give a reason in words, 300 characters at most, without anything that could be an "
            "NHS number: it is published."
        )
    if render.FORMULA.match(words):
        raise SafeHavenError(
            "Begin the reason with a letter or a digit, not with = + - or @, which spreadsheets "
            "take for a formula: it is published as a table. Write 'Wrong month', not "
            "'- wrong month'."
        )
    return words


def record(state: State, facts: Sequence[Fact] = ()) -> list[Event]:
    """Log what is not yet logged of keys and register, then `facts`; returns the whole log.

    Errors: SafeHavenError when the log was tampered with, or contradicts the register.
    """
    keyring = Keyring(state.keys)
    key = signing.private_key(keyring)
    known = register.load(state.register, signing.publish_public_key(state, keyring))

    def missing(events: Sequence[Event]) -> list[Fact]:
        for finding in contradictions(events, known):
            raise SafeHavenError(f"The audit log and the register disagree: {finding}.")
        new = [fact for fact in facts if not _is_known_suite(events, fact)]
        return [*_key_facts(events, keyring), *_register_facts(events, known, state), *new]

    return audit_log.append(folder(state), key, missing)


def note(state: State, facts: Sequence[Fact]) -> None:
    """Log `facts` and no more: what may happen while a release is being written.

    Errors: SafeHavenError when the log was tampered with.
    """
    audit_log.append(folder(state), signing.private_key(Keyring(state.keys)), lambda _: facts)


def head(state: State) -> str:
    """The log's head, once everything is in it: what the next entry of the register anchors."""
    return audit_log.head_of(record(state))


def contradictions(events: Sequence[Event], known: Register) -> Iterator[str]:
    """Where the log tells of another register, or the register was written after another log."""
    hashes = {audit_log.START, *(event.sha256 for event in events)}
    for entry in known.entries:
        if entry.audit_head not in hashes:
            yield (
                f"the log that entry {entry.sequence} of the register was written after is not "
                "this one: it was cut short or replaced"
            )
    told: set[int] = set()
    for event in _of_register(events):
        at = event.detail["register_sequence"]
        mine = known.entries[at - 1 : at]
        if at in told:
            yield f"line {event.sequence} of the log tells of entry {at} again"
        elif mine and event.detail["entry_sha256"] != mine[0].entry_sha256:
            yield f"line {event.sequence} of the log is about another entry {at}"
        told.add(at)
    if told and max(told) > len(known.entries):
        yield "the log tells of entries that are gone from the register"
    for entry in _untold(events, known):
        # A destruction is told when all is removed: others may be told before it.
        if entry.event != register.DESTROYED and entry.sequence < max(told, default=0):
            yield f"entry {entry.sequence} of the register is not in the log, and later ones are"


def chain_findings(state: State, known: Register, public_key: Ed25519PublicKey) -> Iterator[str]:
    """What is wrong with the log, or between it and the register; for `verify --chain`."""
    try:
        events = audit_log.load(folder(state), public_key)
    except SafeHavenError as error:
        yield str(error)
        return
    yield from contradictions(events, known)
    for entry in _untold(events, known):
        yield (
            f"entry {entry.sequence} of the register ({entry.event}, {entry.agreement}) is not in "
            "the log: the run that made it was killed; the next release tells the log"
        )


def whereabouts(
    log: Sequence[Event], recipient: str, agreement: str, release_id: str
) -> tuple[list[Event], list[str]]:
    """The messages that carried a release, and the databases that may hold it since a load.

    A load that was begun may have ended or not: what was loaded before it counts as well.
    """
    loads: dict[str, list[Event]] = {}
    sent: list[Event] = []
    for event in log:
        detail = event.detail
        if event.event == SERVE_BEGUN:
            loads.setdefault(detail["database"], []).append(event)
        elif event.event == SERVED:
            loads[detail["database"]] = [event]
        elif event.event == DELIVERED and (
            (detail["recipient"], detail["agreement"], detail["release_id"])
            == (recipient, agreement, release_id)
        ):
            sent.append(event)
    return sent, [
        database
        for database, since in loads.items()
        if any([recipient, agreement, release_id] in e.detail["releases"] for e in since)
    ]


def still_out(
    log: Sequence[Event], recipient: str, agreement: str, release_id: str
) -> Iterator[str]:
    """Where a release was sent, and which databases may hold it since their last load, in words."""
    sent, databases = whereabouts(log, recipient, agreement, release_id)
    for event in sent:
        detail = event.detail
        yield f"It was sent to mailbox {detail['mailbox']} as message {detail['message_id']}."
    for database in databases:
        yield (
            f"It was loaded into {database}: run ./run serve again (with --dsn if it was that "
            "way), unless that server has stopped."
        )


@dataclass(frozen=True)
class Plan:
    """What goes beside the packs when an agreement is destroyed for one recipient.

    Keys and controlled files are the agreement's: they stay while it is `kept_for` others.
    """

    keys: tuple[str, ...] = ()
    kept_for: tuple[str, ...] = ()


def plan(log: Sequence[Event], recipient: str, agreement: str) -> Plan:
    """What the log had to be destroyed before the register was told; the last word counts."""
    found = Plan()
    for event in log:
        detail = event.detail
        if event.event == DESTRUCTION_BEGUN and (
            (detail["recipient"], detail["agreement"]) == (recipient, agreement)
        ):
            found = Plan(tuple(detail["keys"]), tuple(detail["kept_for"]))
    return found


def tests_ran(state: State, build_id: str) -> list[Fact]:
    """Which tests of the build that is released from ran, and how many passed.

    Their names are logged when such a suite first ran; each build has the hash of its suite.
    """
    path = state.target_dir / "run_results.json"
    if not path.is_file():
        return []
    results = json.loads(path.read_bytes())["results"]
    outcomes = {
        result["unique_id"]: result["status"]
        for result in results
        if result["unique_id"].split(".")[0] in TESTS
    }
    passed = list(outcomes.values()).count("pass")
    names = sorted(outcomes)
    suite = files.sha256(files.canonical_json(names))
    counts = {"build_id": build_id, "tests": len(names), "passed": passed, "suite": suite}
    return [(SUITE, {"suite": suite, "tests": names}), (TESTED, counts)]


def _is_known_suite(events: Sequence[Event], fact: Fact) -> bool:
    kind, detail = fact
    return kind == SUITE and any(
        event.event == SUITE and event.detail["suite"] == detail["suite"] for event in events
    )


def _of_register(events: Sequence[Event]) -> list[Event]:
    kinds = (register.RELEASED, register.RECALLED, register.DESTROYED)
    return [event for event in events if event.event in kinds]


def _untold(events: Sequence[Event], known: Register) -> list[Entry]:
    """The entries of the register that the log does not have."""
    told = {event.detail["register_sequence"] for event in _of_register(events)}
    return [entry for entry in known.entries if entry.sequence not in told]


def _register_facts(events: Sequence[Event], known: Register, state: State) -> Iterator[Fact]:
    for entry in _untold(events, known):
        if entry.event != register.DESTROYED or _is_removed(events, entry, state):
            yield entry.event, _entry_detail(entry, state) | _gates(events, entry)


def _is_removed(events: Sequence[Event], entry: Entry, state: State) -> bool:
    """Whether everything is gone that a destruction removes."""
    planned = plan(events, *entry.pair)
    return not (
        _place(state, entry).exists()
        or set(planned.keys) - set(Keyring(state.keys).destroyed())
        or (not planned.kept_for and state.controlled_of(entry.agreement))
    )


def _place(state: State, entry: Entry) -> Path:
    return state.releases / entry.recipient / entry.agreement


def _entry_detail(entry: Entry, state: State) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "entry_sha256": entry.entry_sha256,
        "register_sequence": entry.sequence,
        "recipient": entry.recipient,
        "agreement": entry.agreement,
    }
    if entry.reason is not None:
        detail["reason"] = entry.reason
    if entry.release_id is not None:
        detail["release_id"] = entry.release_id
    if entry.event == register.RELEASED:
        folder_of_pack = _place(state, entry) / str(entry.release_id)
        detail |= _release_detail(folder_of_pack / pack.MANIFEST, entry)
    return detail


def _gates(events: Sequence[Event], entry: Entry) -> dict[str, Any]:
    """What the gates kept from a release, as it was counted before the register was told."""
    if entry.event != register.RELEASED:
        return {}
    mine = [
        event.detail["gates"]
        for event in events
        if event.event == GATES_COUNTED
        and (event.detail["agreement"], event.detail["release_id"])
        == (entry.agreement, entry.release_id)
    ]
    return {"gates": mine[-1]} if mine else {}


def _release_detail(path: Path, entry: Entry) -> dict[str, Any]:
    """What the manifest says of the amount given, where it is the one registered."""
    content = path.read_bytes() if path.is_file() else b""
    if files.sha256(content) != entry.manifest_sha256:
        return {"manifest_sha256": entry.manifest_sha256}
    manifest: Mapping[str, Any] = files.parse_canonical(content, pack.MANIFEST)
    told = ("flow", "build_id", "data_cut", "keys", "opt_out", "row_counts", "withheld_cells")
    return {"manifest_sha256": entry.manifest_sha256} | {
        name: manifest[name] for name in told if name in manifest
    }


def _key_facts(events: Sequence[Event], keyring: Keyring) -> Iterator[Fact]:
    made = {e.detail["key"] for e in events if e.event in (KEY_MADE, KEY_ROTATED)}
    destroyed = {e.detail["key"] for e in events if e.event == KEY_DESTROYED}
    records = keyring.records()
    for name, (check_value, state) in sorted(records.items(), key=_by_version):
        detail = {"key": name, "check_value": check_value}
        if name not in made:
            before = _version_before(name, records)
            yield (KEY_ROTATED, detail | {"replaces": before}) if before else (KEY_MADE, detail)
        if state == DESTROYED and name not in destroyed:
            yield KEY_DESTROYED, detail


def _by_version(item: tuple[str, Any]) -> tuple[str, int]:
    found = VERSIONED.fullmatch(item[0])
    return (found[1], int(found[2])) if found else (item[0], 0)


def _version_before(name: str, records: Mapping[str, Any]) -> str | None:
    """The key of the highest lower version of the same agreement and opt-out regime."""
    found = VERSIONED.fullmatch(name)
    if found is None:
        return None
    lower = [
        other
        for other in records
        if (match := VERSIONED.fullmatch(other))
        and match[1] == found[1]
        and int(match[2]) < int(found[2])
    ]
    return max(lower, key=lambda other: _by_version((other, None)), default=None)
