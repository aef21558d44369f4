"""A grant: who was given which copy, for which office, until when; signed, beside the copy.

An analyst's folder is a state of its own (SAFE_HAVEN_VAR). In `warehouse/analyst` the link
`current` leads to the folder of the copy in use, which has the encrypted file and its grant; its
key is in the folder's own keyring, in which there is no key of a zone.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import files, signing
from safe_haven.zones import load_httpfs, quoted

FORMAT = "safe-haven-analyst-copy/1"
ANALYST = "analyst"
COPY, GRANT, CURRENT = "copy.duckdb", "grant.json", "current"
# The copy takes the place of the zone that its tables are from, so that models and queries find it.
CATALOG = "pseudonymised"
SCRATCH, SCRATCH_KEY = "scratch", "scratch"
COPY_ID = re.compile(r"[0-9a-f]{16}")
WHOM_TO_ASK = "The operator gives a copy with ./run analyst-copy --staff ROLE"


@dataclass(frozen=True)
class Grant:
    """What was granted. `sha256` is of the encrypted file, `training_valid_to` its last day."""

    copy_id: str
    staff_role: str
    office_code: str
    build_id: str
    training_valid_from: datetime.date
    training_valid_to: datetime.date
    sha256: str


def key_name(copy_id: str) -> str:
    """Name of the key of a copy, in the analyst's keyring."""
    return f"copy-{copy_id}"


def write(folder: Path, keyring: Keyring, grant: Grant) -> None:
    """Sign `grant` with the safe haven's key, and write it beside the copy."""
    document = {"format": FORMAT} | {name: str(value) for name, value in vars(grant).items()}
    signature = signing.sign(signing.private_key(keyring), files.canonical_json(document)).hex()
    files.write_new(folder / GRANT, files.canonical_json(document | {"signature": signature}))


def read(state: State) -> Grant:
    """The grant of the copy in use, proved to be the safe haven's and of this very file.

    Errors: SafeHavenError where there is none, or it or the copy was changed or is not whole.
    """
    folder = state.warehouse / CURRENT
    if not (folder / GRANT).is_file():
        raise SafeHavenError(
            f"There is no copy for analysts in {state.var}. Set SAFE_HAVEN_VAR to the folder that "
            f"was handed over. {WHOM_TO_ASK}."
        )
    document = files.parse_canonical((folder / GRANT).read_bytes(), GRANT)
    grant = _signed(document, state)
    if folder.resolve().name != grant.copy_id or not (folder / COPY).is_file():
        raise _not_whole()
    if files.file_sha256(folder / COPY) != grant.sha256:
        raise _not_whole()
    return grant


def _signed(document: dict[str, Any], state: State) -> Grant:
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    try:
        signature = bytes.fromhex(document.pop("signature"))
        is_signed = signing.is_signed(public_key, files.canonical_json(document), signature)
        if not is_signed or document.pop("format") != FORMAT:
            raise ValueError
        days = {
            name: datetime.date.fromisoformat(document.pop(name))
            for name in ("training_valid_from", "training_valid_to")
        }
        return Grant(**document, **days)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SafeHavenError(f"{GRANT} is not what the safe haven signed. {WHOM_TO_ASK}.") from None


def _not_whole() -> SafeHavenError:
    return SafeHavenError(f"The copy is not the one that was granted, or not whole. {WHOM_TO_ASK}.")


def require_training(grant: Grant, today: datetime.date) -> None:
    """Refuse with SafeHavenError on a day on which the training is not valid."""
    if not grant.training_valid_from <= today <= grant.training_valid_to:
        raise SafeHavenError(
            f"The training in data security of {grant.staff_role} was valid until "
            f"{grant.training_valid_to}. Renew it and enter it in "
            f"seeds/agreements/staff_access.csv. {WHOM_TO_ASK}, after ./run build."
        )


def attach(connection: duckdb.DuckDBPyConnection, state: State, read_only: bool) -> Grant:
    """Attach the copy, read-only, and the analyst's own scratch file.

    With `read_only` the scratch file too, where there is one. Errors: SafeHavenError when training
    has lapsed today, or there is no sound copy.
    """
    grant = read(state)
    require_training(grant, audit_log.now().date())
    keyring = Keyring(state.keys)
    load_httpfs(connection)
    copy = state.warehouse / CURRENT / COPY
    attach_file(connection, copy, CATALOG, keyring.key(key_name(grant.copy_id)), ", READ_ONLY")
    scratch = state.warehouse / f"{SCRATCH}.duckdb"
    if scratch.exists() or not read_only:
        keyring.ensure([SCRATCH_KEY])
        options = ", READ_ONLY" if read_only else ""
        attach_file(connection, scratch, SCRATCH, keyring.key(SCRATCH_KEY), options)
        scratch.chmod(0o600)
    return grant


def attach_file(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, key: bytes, options: str
) -> None:
    """Attach one encrypted file. Errors: SafeHavenError, which shows no key."""
    try:
        connection.execute(
            f"attach {quoted(str(path))} as {name} (ENCRYPTION_KEY {quoted(key.hex())}{options})"
        )
    except duckdb.Error as error:
        # The engine's message is not shown: it may repeat the statement, which has the key.
        raise SafeHavenError(
            f"{path.name} cannot be opened: another process writes to it, or its key is another "
            f"one ({type(error).__name__})."
        ) from None


def open_read_only(state: State) -> duckdb.DuckDBPyConnection:
    """A connection on which the copy is attached, read-only. Errors: as of `attach`."""
    connection = duckdb.connect(":memory:", config={"temp_file_encryption": "true"})
    try:
        attach(connection, state, read_only=True)
    except Exception:
        connection.close()
        raise
    return connection
