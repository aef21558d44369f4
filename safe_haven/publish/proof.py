"""A publication is signed, and proved from its files, the public key and the register alone.

Its proofs have the names of those of a pack (safe_haven/release/verify.py):

- bytes: every file is listed in the signed manifest with its hash, and nothing else is there;
- chain: the releases it lists are those of the signed register, at the moment it was published;
- entitlement: it holds the published tables and no other, in their one form; open data are tables
  that need no agreement; the workbook says what the CSV files say and nothing more;
- disclosure: the independent auditor over the open data.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from safe_haven.keyring import Keyring
from safe_haven.publish import lookups
from safe_haven.publish.lookups import Lookup
from safe_haven.publish.open_data import FIELDS, NATION
from safe_haven.release import files, pack, render, signing
from safe_haven.release.datapackage import document
from safe_haven.release.register import Register
from safe_haven.release.verify import (
    NOT_PROVED,
    PROOFS,
    PROVED,
    Evidence,
    Opened,
    Proof,
    Report,
    audited,
    judged,
    made_with,
    prove_bytes,
    workbook_findings,
)

FORMAT = "safe-haven-publication/1"
WORKBOOK = "lookups.xlsx"
PAGE = "how_your_records_are_used.html"
OPEN_DATA = "open_data"
RELEASES = lookups.RELEASE_REGISTER
MANIFEST_KEYS = {"format", "build_id", "files", "keys", "register_entries", "tools"}
EXPECTED = {
    *(f"{name}.csv" for name in lookups.NAMES),
    *(f"{OPEN_DATA}/data/{table}.csv" for table in FIELDS),
    f"{OPEN_DATA}/{pack.DATAPACKAGE}",
    WORKBOOK,
    PAGE,
}


def sign(folder: Path, keyring: Keyring, build_id: str, register_entries: int) -> None:
    """Write the manifest of what is in `folder`, and its signature.

    register_entries: how many entries of the register its list of releases has.
    """
    manifest = {
        "format": FORMAT,
        "build_id": build_id,
        "files": pack.listed_files(folder),
        "keys": [
            {"name": signing.KEY_NAME, "check_value": keyring.check_value(signing.KEY_NAME)},
        ],
        "register_entries": register_entries,
        "tools": pack.tools(),
    }
    pack.sign(folder, files.canonical_json(manifest), signing.private_key(keyring))


def is_publication(folder: Path) -> bool:
    """Whether its manifest says that this is a publication, not a pack."""
    try:
        return json.loads((folder / pack.MANIFEST).read_bytes())["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        return False


def verify_publication(folder: Path, evidence: Evidence) -> Report:
    """The four proofs of a publication."""
    opened, proof = prove_bytes(folder.resolve(), evidence.public_key, FORMAT)
    if opened is None:
        unproved = Proof(NOT_PROVED, ("the bytes are not what was signed",))
        return Report(folder, dict.fromkeys(PROOFS, unproved) | {"bytes": proof})
    proofs = {
        "bytes": proof,
        "chain": _with_later_events(judged(_chain_findings(opened, evidence)), opened, evidence),
        "entitlement": judged(_open_findings(opened)),
        "disclosure": judged(audited([opened.folder / OPEN_DATA], evidence)),
    }
    return Report(folder, proofs)


def _chain_findings(opened: Opened, evidence: Evidence) -> Iterator[str]:
    if isinstance(evidence.register, str):
        yield evidence.register
        return
    told, known = opened.manifest["register_entries"], len(evidence.register.entries)
    if told > known:
        yield f"it tells of {told} events, and the signed register of {known}"
        return
    then = evidence.register.as_of(told)
    expected = lookups.to_csv(lookups.release_register(then))
    if (opened.folder / f"{RELEASES}.csv").read_bytes() != expected:
        yield f"{RELEASES}.csv is not what the signed register says"


def _with_later_events(proof: Proof, opened: Opened, evidence: Evidence) -> Proof:
    """Say so when the register tells of more by now."""
    if proof.outcome != PROVED or not isinstance(evidence.register, Register):
        return proof
    later = len(evidence.register.entries) - opened.manifest["register_entries"]
    return Proof(PROVED, (f"the register has {later} later events",)) if later else proof


def _open_findings(opened: Opened) -> Iterator[str]:
    folder, manifest = opened.folder, opened.manifest
    for name in sorted(set(manifest) ^ MANIFEST_KEYS):
        yield f"the manifest lacks or adds '{name}'"
    odd = sorted(set(manifest["files"]) ^ EXPECTED)
    yield from (f"{name} does not belong to a publication, or is lacking" for name in odd)
    if odd:
        return
    described = files.canonical_json(document("open-data", NATION, FIELDS))
    if (folder / OPEN_DATA / pack.DATAPACKAGE).read_bytes() != described:
        yield f"{OPEN_DATA}/{pack.DATAPACKAGE} does not describe the tables that may be open"
    for table, fields in FIELDS.items():
        name = f"{OPEN_DATA}/data/{table}.csv"
        data = (folder / name).read_bytes()
        rows = render.sorted_rows(fields, render.read_csv(table, fields, data).rows)
        if render.to_csv(render.Table(table, fields, rows)) != data:
            yield f"{name} is not in its canonical form (row order, quoting, line ends)"
    if manifest["tools"] != pack.tools():
        versions = made_with(manifest)
        yield f"the workbook can only be compared with the versions that wrote it: {versions}"
        return
    found = [_read(folder, name) for name in lookups.NAMES]
    for lookup in found:
        if lookups.to_csv(lookup) != (folder / f"{lookup.name}.csv").read_bytes():
            yield f"{lookup.name}.csv is not in its canonical form (quoting, line ends)"
    expected = lookups.to_workbook(found)
    for finding in workbook_findings(expected, (folder / WORKBOOK).read_bytes()):
        yield f"{WORKBOOK}: {finding}"


def _read(folder: Path, name: str) -> Lookup:
    text = (folder / f"{name}.csv").read_bytes().decode()
    columns, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return Lookup(name, tuple(columns), tuple(map(tuple, rows)))
