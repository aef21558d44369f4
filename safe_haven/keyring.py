"""The keyring: one file per key under `var/keys`, and the value that shows a key is still the same.

Keys are 32 random bytes, stored as 64 hexadecimal characters in a file only its owner can read.
A key's check value (the first 4 bytes of HMAC-SHA256 over a fixed text) is recorded on first use
outside the keyring, so a key that was swapped for another stops the run instead of silently
giving every person a second identity.
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

    def ensure(self, names: Iterable[str]) -> None:
        """Make the keys that do not exist yet, and refuse any that was used before and is gone."""
        recorded = self._recorded()
        fresh: dict[str, str] = {}
        for name in sorted(set(names)):
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
                fresh[name] = check_value_of(self._read(name))
        if fresh:
            self._record(recorded | fresh)

    def key(self, name: str) -> bytes:
        """The 32 bytes of key `name`.

        Errors: KeyringError when missing, readable by others, of the wrong length, or not the
        key that was recorded under this name.
        """
        key = self._read(name)
        recorded = self._recorded().get(name)
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

    def _recorded(self) -> dict[str, str]:
        if not self.check_values.exists():
            return {}
        with self.check_values.open(newline="", encoding="ascii") as handle:
            return {row["key_name"]: row["check_value"] for row in csv.DictReader(handle)}

    def _record(self, values: dict[str, str]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("key_name", "check_value"))
        writer.writerows(sorted(values.items()))
        self.check_values.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self.check_values, text.getvalue().encode("ascii"))
