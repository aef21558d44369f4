"""The release register: who was given what, signed and public, holding hashes and no content.

`var/public/register/register.json`: {"format", "head", "releases": [entry, …]} in the order of
release. An entry: {"sequence", "recipient", "agreement", "release_id", "manifest_sha256",
"entitlement_sha256", "previous" (manifest hash of the agreement's release before, or null),
"status" ("current" or "superseded"), "entry_sha256"}. entry_sha256 covers the entry (but its
status, which changes with the next release) and the entry_sha256 before it, so that no entry can
be edited, dropped or moved without every later one changing; `head` is the last of them.

The document and its signature (`register.json.sig`) must change together. Both are therefore
symlinks through `current`, a symlink to the folder of one version, which is swapped in one step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from safe_haven.errors import SafeHavenError
from safe_haven.release import files, signing

FORMAT = "safe-haven-register/1"
FILE = "register.json"
SIGNATURE = "register.json.sig"
CURRENT, SUPERSEDED = "current", "superseded"
START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One release in the register."""

    sequence: int
    recipient: str
    agreement: str
    release_id: str
    manifest_sha256: str
    entitlement_sha256: str
    previous: str | None
    status: str
    entry_sha256: str

    def chained(self, before: str) -> Entry:
        """This entry with its hash, after the entry whose hash is `before`."""
        facts = asdict(self)
        del facts["status"], facts["entry_sha256"]
        chained = files.sha256(before.encode() + b"\n" + files.canonical_json(facts))
        return replace(self, entry_sha256=chained)


@dataclass(frozen=True)
class Register:
    """The releases so far, oldest first."""

    entries: tuple[Entry, ...] = ()

    @property
    def head(self) -> str:
        """The hash that stands for the whole register."""
        return self.entries[-1].entry_sha256 if self.entries else START

    def latest(self, recipient: str, agreement: str) -> Entry | None:
        """The last release of one agreement to one recipient."""
        mine = self.of(recipient, agreement)
        return mine[-1] if mine else None

    def of(self, recipient: str, agreement: str) -> list[Entry]:
        """Every release of one agreement to one recipient, oldest first."""
        return [
            entry
            for entry in self.entries
            if entry.recipient == recipient and entry.agreement == agreement
        ]

    def find(self, manifest_sha256: str) -> Entry | None:
        """The entry of a manifest."""
        return next((e for e in self.entries if e.manifest_sha256 == manifest_sha256), None)

    def current(self) -> list[Entry]:
        """The releases in force, in order of recipient and agreement."""
        now = [entry for entry in self.entries if entry.status == CURRENT]
        return sorted(now, key=lambda entry: (entry.recipient, entry.agreement))

    def with_releases(self, releases: Iterable[Mapping[str, Any]]) -> Register:
        """The register after new releases, each given as the entry's facts.

        `releases` are appended in order of recipient and agreement.
        """
        entries = list(self.entries)
        for facts in sorted(releases, key=lambda item: (item["recipient"], item["agreement"])):
            for at, entry in enumerate(entries):
                same = (entry.recipient, entry.agreement) == (
                    facts["recipient"],
                    facts["agreement"],
                )
                if same and entry.status == CURRENT:
                    entries[at] = replace(entry, status=SUPERSEDED)
            before = entries[-1].entry_sha256 if entries else START
            new = Entry(
                sequence=len(entries) + 1,
                recipient=facts["recipient"],
                agreement=facts["agreement"],
                release_id=facts["release_id"],
                manifest_sha256=facts["manifest_sha256"],
                entitlement_sha256=facts["entitlement_sha256"],
                previous=facts["previous"],
                status=CURRENT,
                entry_sha256="",
            )
            entries.append(new.chained(before))
        return Register(tuple(entries))

    def content(self) -> bytes:
        """register.json."""
        return files.canonical_json(
            {
                "format": FORMAT,
                "head": self.head,
                "releases": [asdict(entry) for entry in self.entries],
            }
        )


def parse(content: bytes) -> Register:
    """Read register.json and check its chain, entry by entry."""
    document = files.parse_canonical(content, FILE)
    try:
        if document["format"] != FORMAT or set(document) != {"format", "head", "releases"}:
            raise SafeHavenError(f"{FILE} is not of format {FORMAT}.")
        register = Register(tuple(Entry(**entry) for entry in document["releases"]))
    except (KeyError, TypeError):
        raise SafeHavenError(f"{FILE} has an entry that is not of format {FORMAT}.") from None
    _check_chain(register)
    if document["head"] != register.head:
        raise SafeHavenError(f"{FILE}: the head is not the hash of the last entry.")
    return register


def _check_chain(register: Register) -> None:
    before = START
    last: dict[tuple[str, str], Entry] = {}
    for position, entry in enumerate(register.entries, start=1):
        where = f"{FILE}: entry {position} ({entry.recipient}, {entry.agreement})"
        if entry.sequence != position:
            raise SafeHavenError(f"{where} has the number {entry.sequence}: one is gone or moved.")
        if entry.chained(before).entry_sha256 != entry.entry_sha256:
            raise SafeHavenError(f"{where} breaks the chain: it or the one before was changed.")
        pair = (entry.recipient, entry.agreement)
        expected = last[pair].manifest_sha256 if pair in last else None
        if entry.previous != expected:
            raise SafeHavenError(f"{where} does not follow the agreement's release before.")
        before = entry.entry_sha256
        last[pair] = entry
    for entry in register.entries:
        is_last = last[(entry.recipient, entry.agreement)] is entry
        if entry.status not in (CURRENT, SUPERSEDED) or (entry.status == CURRENT) != is_last:
            raise SafeHavenError(
                f"{FILE}: entry {entry.sequence} has the status '{entry.status}', which its place "
                "contradicts."
            )


def load(folder: Path, public_key: Ed25519PublicKey) -> Register:
    """The signed register in `folder`; none at all is an empty one.

    Errors: SafeHavenError when the signature or the chain does not hold.
    """
    path, signature = folder / FILE, folder / SIGNATURE
    if not path.exists() and not signature.exists():
        if path.is_symlink() or (folder / "current").is_symlink():
            raise SafeHavenError(f"The register in {folder} is gone; restore it from your backup.")
        return Register()
    if not path.exists() or not signature.exists():
        raise SafeHavenError(f"{folder} must hold {FILE} and {SIGNATURE}; one is missing.")
    content = path.read_bytes()
    if not signing.is_signed(public_key, content, signature.read_bytes()):
        raise SafeHavenError(
            f"{path} is not what was signed: the file, its signature or the public key was "
            "changed. Fetch the register and the key again from where they are published."
        )
    return parse(content)


def write(folder: Path, register: Register, key: Ed25519PrivateKey) -> None:
    """Make `register` the published one: in one step, together with its signature."""
    content = register.content()
    name = f"version-{files.sha256(content)[:16]}"
    files.remove(folder / name)
    temporary = folder / ".preparing"
    files.remove(temporary)
    temporary.mkdir(mode=0o700)
    files.write_new(temporary / FILE, content)
    files.write_new(temporary / SIGNATURE, signing.sign(key, content))
    files.sync(temporary)
    files.move(temporary, folder / name)
    files.point(folder / "current", name)
    for file in (FILE, SIGNATURE):
        files.point(folder / file, f"current/{file}")
    for old in folder.glob("version-*"):
        if old.name != name:
            files.remove(old)
