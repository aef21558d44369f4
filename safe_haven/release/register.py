"""The release register: who was given what, signed and public, holding hashes and no content.

`var/public/register/register.json`: {"format", "head", "entries": [entry, …]}, oldest first. An
entry: {"sequence", "event", "recipient", "agreement", "release_id", "manifest_sha256",
"entitlement_sha256", "previous" (manifest hash of the release that was in force, or null),
"reason", "audit_head", "status", "entry_sha256"}. `event` is "released", "recalled" (the release
named, for the reason given) or "destroyed" (the agreement: nothing follows it); a release has a
`reason` where its data had been recalled and somebody said why they go out again. What happened is
added, never changed: `status` alone is worked out from the entries. `audit_head` is the head of the
safe haven's audit log before the entry, so that a log that was cut short is found out.
entry_sha256 covers the entry (but its status) and the entry_sha256 before it, so that no entry can
be edited, dropped or moved without every later one changing; `head` is the last of them.

The document and its signature (`register.json.sig`) must change together. Both are therefore
symlinks through `current`, a symlink to the folder of one version, which is swapped in one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safe_haven.errors import SafeHavenError
from safe_haven.release import files, signing

FORMAT = "safe-haven-register/2"
FILE = "register.json"
SIGNATURE = "register.json.sig"
CURRENT_VERSION, FIRST = "current", ".first"
"""The link to the version in force, and a folder that is there until it leads to the first."""
RELEASED, RECALLED, DESTROYED = "released", "recalled", "destroyed"
# What a release is today; an entry that is no release is a notice. RECALLED and DESTROYED too.
CURRENT, SUPERSEDED, NOTICE = "current", "superseded", "notice"
START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One release, recall or destruction in the register."""

    sequence: int
    event: str
    recipient: str
    agreement: str
    release_id: str | None
    manifest_sha256: str | None
    entitlement_sha256: str | None
    previous: str | None
    reason: str | None
    audit_head: str
    status: str = NOTICE
    entry_sha256: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Recipient and agreement."""
        return self.recipient, self.agreement

    def chained(self, before: str) -> Entry:
        """This entry with its hash, after the entry whose hash is `before`."""
        facts = asdict(self)
        del facts["status"], facts["entry_sha256"]
        chained = files.sha256(before.encode() + b"\n" + files.canonical_json(facts))
        return replace(self, entry_sha256=chained)


@dataclass(frozen=True)
class Register:
    """What happened so far, oldest first."""

    entries: tuple[Entry, ...] = ()

    @property
    def head(self) -> str:
        """The hash that stands for the whole register."""
        return self.entries[-1].entry_sha256 if self.entries else START

    def latest(self, recipient: str, agreement: str) -> Entry | None:
        """The release of one agreement to one recipient that is in force; None where none is."""
        mine = self.of(recipient, agreement)
        return next((entry for entry in mine if entry.status == CURRENT), None)

    def of(self, recipient: str, agreement: str) -> list[Entry]:
        """Every release of one agreement to one recipient, oldest first."""
        return [
            entry
            for entry in self.entries
            if entry.pair == (recipient, agreement) and entry.event == RELEASED
        ]

    def notice(self, event: str, entry: Entry) -> Entry | None:
        """The last recall (of this release) or destruction (of its agreement), if there is one."""
        found = [
            item
            for item in self.entries
            if item.event == event
            and item.pair == entry.pair
            and item.release_id in (None, entry.release_id)
        ]
        return found[-1] if found else None

    def is_destroyed(self, recipient: str, agreement: str) -> bool:
        """Whether what was released under the agreement was destroyed."""
        return any(
            entry.event == DESTROYED and entry.pair == (recipient, agreement)
            for entry in self.entries
        )

    def find(self, manifest_sha256: str) -> Entry | None:
        """The release with this manifest."""
        return next(
            (
                entry
                for entry in self.entries
                if entry.event == RELEASED and entry.manifest_sha256 == manifest_sha256
            ),
            None,
        )

    def as_of(self, entries: int) -> Register:
        """The register as it was when it had so many entries."""
        return Register(_with_status(self.entries[:entries]))

    def current(self) -> list[Entry]:
        """The releases in force, in order of recipient and agreement."""
        return sorted(
            (entry for entry in self.entries if entry.status == CURRENT),
            key=lambda entry: entry.pair,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Every recipient and agreement that was ever released to, sorted."""
        return sorted({entry.pair for entry in self.entries})

    def with_releases(
        self, releases: Iterable[Mapping[str, Any]], audit_head: str = START
    ) -> Register:
        """The register after new releases, each given as the entry's facts.

        `releases` are appended in order of recipient and agreement.
        """
        added = self
        for facts in sorted(releases, key=lambda item: (item["recipient"], item["agreement"])):
            told = {"reason": None} | dict(facts)
            added = added._with(event=RELEASED, audit_head=audit_head, **told)
        return added

    def with_recall(self, entry: Entry, reason: str, audit_head: str) -> Register:
        """The register after the recall of one release."""
        return self._with(
            event=RECALLED,
            recipient=entry.recipient,
            agreement=entry.agreement,
            release_id=entry.release_id,
            manifest_sha256=entry.manifest_sha256,
            entitlement_sha256=entry.entitlement_sha256,
            previous=None,
            reason=reason,
            audit_head=audit_head,
        )

    def with_destruction(
        self, recipient: str, agreement: str, reason: str, audit_head: str
    ) -> Register:
        """The register after everything of an agreement was destroyed."""
        return self._with(
            event=DESTROYED,
            recipient=recipient,
            agreement=agreement,
            release_id=None,
            manifest_sha256=None,
            entitlement_sha256=None,
            previous=None,
            reason=reason,
            audit_head=audit_head,
        )

    def _with(self, **facts: Any) -> Register:
        entry = Entry(sequence=len(self.entries) + 1, **facts).chained(self.head)
        return Register(_with_status((*self.entries, entry)))

    def content(self) -> bytes:
        """register.json."""
        return files.canonical_json(
            {
                "format": FORMAT,
                "head": self.head,
                "entries": [asdict(entry) for entry in self.entries],
            }
        )


def parse(content: bytes) -> Register:
    """Read register.json and check its chain, entry by entry."""
    document = files.parse_canonical(content, FILE)
    try:
        if document["format"] != FORMAT or set(document) != {"format", "head", "entries"}:
            raise SafeHavenError(f"{FILE} is not of format {FORMAT}.")
        register = Register(tuple(Entry(**entry) for entry in document["entries"]))
    except (KeyError, TypeError):
        raise SafeHavenError(f"{FILE} has an entry that is not of format {FORMAT}.") from None
    _check_chain(register)
    if document["head"] != register.head:
        raise SafeHavenError(f"{FILE}: the head is not the hash of the last entry.")
    return register


def _with_status(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries with the status of each release, worked out from what happened.

    Errors: SafeHavenError for an entry that cannot follow those before it.
    """
    status = [NOTICE] * len(entries)
    mine: dict[tuple[str, str], list[int]] = {}
    closed: set[tuple[str, str]] = set()
    for at, entry in enumerate(entries):
        where = f"{FILE}: entry {at + 1} ({entry.recipient}, {entry.agreement})"
        releases = mine.setdefault(entry.pair, [])
        in_force = next((n for n in releases if status[n] == CURRENT), None)
        if entry.pair in closed:
            raise SafeHavenError(f"{where} follows the destruction of the agreement.")
        if entry.event == RELEASED:
            before = None if in_force is None else entries[in_force].manifest_sha256
            if entry.previous != before:
                raise SafeHavenError(f"{where} does not follow the agreement's release in force.")
            if in_force is not None:
                status[in_force] = SUPERSEDED
            status[at] = CURRENT
            releases.append(at)
        elif entry.event == RECALLED:
            recalled = [n for n in releases if entries[n].release_id == entry.release_id]
            if not recalled or status[recalled[0]] == RECALLED:
                raise SafeHavenError(f"{where} recalls what is not released.")
            status[recalled[0]] = RECALLED
            back = [n for n in releases if status[n] == SUPERSEDED]
            if recalled[0] == in_force and back:
                status[back[-1]] = CURRENT
        elif entry.event == DESTROYED:
            for n in releases:
                status[n] = DESTROYED
            closed.add(entry.pair)
        else:
            raise SafeHavenError(f"{where} has the unknown event '{entry.event}'.")
    return tuple(replace(e, status=s) for e, s in zip(entries, status, strict=True))


def _check_chain(register: Register) -> None:
    before = START
    for position, entry in enumerate(register.entries, start=1):
        where = f"{FILE}: entry {position} ({entry.recipient}, {entry.agreement})"
        if entry.sequence != position:
            raise SafeHavenError(f"{where} has the number {entry.sequence}: one is gone or moved.")
        if entry.chained(before).entry_sha256 != entry.entry_sha256:
            raise SafeHavenError(f"{where} breaks the chain: it or the one before was changed.")
        before = entry.entry_sha256
    for told, entry in zip(register.entries, _with_status(register.entries), strict=True):
        if told.status != entry.status:
            raise SafeHavenError(
                f"{FILE}: entry {told.sequence} has the status '{told.status}', which its place "
                "contradicts."
            )


def load(folder: Path, public_key: Ed25519PublicKey) -> Register:
    """The signed register in `folder`; none at all is an empty one.

    Errors: SafeHavenError when the signature or the chain does not hold.
    """
    found = _read(folder)
    if found is None:
        return Register()
    content, signature = found
    if not signing.is_signed(public_key, content, signature):
        raise SafeHavenError(
            f"{folder / FILE} is not what was signed: the file, its signature or the public key "
            "was changed. Fetch the register and the key again from where they are published."
        )
    return parse(content)


def _read(folder: Path) -> tuple[bytes, bytes] | None:
    """The register and its signature, both of one version; None where none was ever published.

    A version that is replaced while it is read is gone at once: then the one that replaced it is
    read.
    """
    place = None
    while place != (place := _version(folder)):
        try:
            return (place / FILE).read_bytes(), (place / SIGNATURE).read_bytes()
        except FileNotFoundError:
            continue
    if (folder / FIRST).is_dir():
        return None
    names = [name for name in (FILE, SIGNATURE) if (place / name).exists()]
    if names:
        raise SafeHavenError(f"{folder} must hold {FILE} and {SIGNATURE}; one is missing.")
    if any((folder / name).is_symlink() for name in (CURRENT_VERSION, FILE, SIGNATURE)):
        raise SafeHavenError(f"The register in {folder} is gone; restore it from your backup.")
    return None


def _version(folder: Path) -> Path:
    """Where the files of the version in force are: beside each other, where there is no link."""
    link = folder / CURRENT_VERSION
    return folder / link.readlink() if link.is_symlink() else folder


def write(folder: Path, register: Register, key: Ed25519PrivateKey) -> None:
    """Make `register` the published one: in one step, together with its signature.

    The step is the swap of a link, and for the first version, to which all links lead before it is
    there, its move into place.
    """
    content = register.content()
    version = folder / f"version-{files.sha256(content)[:16]}"
    is_first = not (folder / CURRENT_VERSION).exists()
    prepared = folder / ".preparing"
    for leftover in (version, prepared):
        files.remove(leftover)
    prepared.mkdir(mode=0o700)
    files.write_new(prepared / FILE, content)
    files.write_new(prepared / SIGNATURE, signing.sign(key, content))
    files.sync(prepared)
    if is_first:
        (folder / FIRST).mkdir(mode=0o700, exist_ok=True)
        files.point(folder / CURRENT_VERSION, version.name)
    for file in (FILE, SIGNATURE):
        if not (folder / file).is_symlink():
            files.point(folder / file, f"{CURRENT_VERSION}/{file}")
    files.move(prepared, version)
    if not is_first:
        files.point(folder / CURRENT_VERSION, version.name)
    for old in (folder / FIRST, *folder.glob("version-*")):
        if old != version:
            files.remove(old)
