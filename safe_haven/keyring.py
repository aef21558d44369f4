"""The keyring: one file per key under `var/keys`, and the value that shows a key is still the same.

Keys are 32 random bytes, stored as 64 hexadecimal characters in a file only its owner can read.
A key's check value (the first 4 bytes of HMAC-SHA256 over a fixed text) is recorded on first use
outside the keyring, so a key that was swapped for another stops the run instead of silently
giving every person a second identity. A key that was destroyed leaves a tombstone, in the keyring
and beside the check value: it is never made again, and not used should a backup bring it back.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from safe_haven.errors import KeyringError

KEY_BYTES = 32
KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
CHECK_TEXT = b"safe-haven key check"
IN_USE, DESTROYED = "in_use", "destroyed"


def write_atomically(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write `content` beside `path` and rename: a reader sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)


def private_text(path: Path) -> str:
    """The text of a secret's file; KeyringError where it is missing or open to others."""
    if not path.is_file():
        raise KeyringError(f"Key '{path.stem}' is missing: {path} does not exist.")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyringError(
            f"Key file {path} is open to others (mode {mode:04o}). Run: chmod 600 {path}"
        )
    return path.read_text(encoding="ascii", errors="replace").strip()


def check_value_of(key: bytes) -> str:
    """Eight hexadecimal characters that identify a key and reveal nothing of it."""
    return hmac.new(key, CHECK_TEXT, hashlib.sha256).hexdigest()[:8]


class Keyring:
    """Keys by name. `check_values` is the file that remembers each key's check value."""

    def __init__(self, folder: Path, check_values: Path | None = None) -> None:
        """Use the keys in `folder`; check values default to the audit folder beside it."""
        self.folder = folder
        self.check_values = check_values or folder.parent / "audit" / "key_check_values.csv"

    def path(self, name: str) -> Path:
        """File of the key `name`; a name that could leave the folder is an error."""
        if not KEY_NAME.fullmatch(name):
            raise KeyringError(f"'{name}' cannot name a key: use letters, digits, '-', '_', '.'.")
        return self.folder / f"{name}.key"

    def names(self) -> list[str]:
        """Names of the keys at hand, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.key"))

    def ensure(self, names: Iterable[str]) -> list[str]:
        """Make the keys that do not exist yet, and return their names.

        A key that was destroyed stays so. Errors: KeyringError for one that was used before and
        is gone.
        """
        recorded = self.records()
        fresh: dict[str, tuple[str, str]] = {}
        for name in sorted(set(names) - set(self.destroyed())):
            path = self.path(name)
            if not path.exists():
                if name in recorded:
                    raise KeyringError(
                        f"Key '{name}' was used before and its file {path} is missing. "
                        "Restore it from your backup of the keyring; a new key would give every "
                        "person a second pseudonym."
                    )
                write_atomically(path, secrets.token_hex(KEY_BYTES).encode() + b"\n")
            if name not in recorded:
                fresh[name] = check_value_of(self._read(name)), IN_USE
        if fresh:
            self._record(recorded | fresh)
        return sorted(fresh)

    def destroy(self, name: str) -> None:
        """Destroy the key for good; a second time changes nothing.

        The tombstones come first, so that a crash leaves no key that could be used.
        """
        recorded = self.records()
        path = self.path(name)
        known = recorded[name][0] if name in recorded else check_value_of(self._read(name))
        write_atomically(self._tombstone(name), known.encode("ascii") + b"\n")
        self._record(recorded | {name: (known, DESTROYED)})
        if path.exists():
            path.write_bytes(b"0" * path.stat().st_size)
            path.unlink()

    def destroyed(self) -> list[str]:
        """Names of the keys that were destroyed, sorted."""
        buried = {path.stem for path in self.folder.glob("*.destroyed")}
        told = {name for name, (_, state) in self.records().items() if state == DESTROYED}
        return sorted(buried | told)

    def key(self, name: str) -> bytes:
        """The 32 bytes of key `name`.

        Errors: KeyringError when destroyed, missing, readable by others, of the wrong length, or
        not the key that was recorded under this name.
        """
        recorded, state = self.records().get(name, (None, IN_USE))
        if state == DESTROYED or self._tombstone(name).exists():
            raise KeyringError(
                f"Key '{name}' was destroyed and is not used again. Where {self.path(name)} came "
                "back from a backup, remove it. A new version of the agreement needs a higher "
                "key_version in seeds/agreements/data_sharing_agreement.csv."
            )
        key = self._read(name)
        if recorded is not None and recorded != check_value_of(key):
            raise KeyringError(
                f"Key '{name}' is not the key used before (its check value differs). "
                f"Restore {self.path(name)} from your backup of the keyring."
            )
        return key

    def check_value(self, name: str) -> str:
        """Eight hexadecimal characters that identify the key and reveal nothing of it."""
        return check_value_of(self.key(name))

    def _read(self, name: str) -> bytes:
        path = self.path(name)
        text = private_text(path)
        if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
            raise KeyringError(
                f"Key file {path} must hold {2 * KEY_BYTES} hexadecimal characters "
                f"({KEY_BYTES} bytes); it holds {len(text)} characters. Restore it from backup."
            )
        return bytes.fromhex(text)

    def _tombstone(self, name: str) -> Path:
        return self.path(name).with_suffix(".destroyed")

    def records(self) -> dict[str, tuple[str, str]]:
        """Check value and state (`in_use` or `destroyed`) of every key that was ever used."""
        if not self.check_values.exists():
            return {}
        with self.check_values.open(newline="", encoding="ascii") as handle:
            return {
                row["key_name"]: (row["check_value"], row.get("state") or IN_USE)
                for row in csv.DictReader(handle)
            }

    def _record(self, values: dict[str, tuple[str, str]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("key_name", "check_value", "state"))
        writer.writerows((name, *facts) for name, facts in sorted(values.items()))
        self.check_values.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self.check_values, text.getvalue().encode("ascii"))
