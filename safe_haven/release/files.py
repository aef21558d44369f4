"""Bytes on disk: canonical JSON, hashes, and writing so that a crash leaves old or new."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from safe_haven.errors import SafeHavenError


def canonical_json(value: Any) -> bytes:
    """The one way a document is written: sorted keys, indent 2, UTF-8, a newline at the end."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def parse_canonical(content: bytes, name: str) -> Any:
    """Parse JSON that must be canonical: nothing can hide in spaces, order or doubled keys."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise SafeHavenError(f"{name} is not JSON: {error}.") from None
    if canonical_json(value) != content:
        raise SafeHavenError(f"{name} is not in canonical form (sorted keys, indent 2).")
    return value


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, mode 0600, and flush it to the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def sync(path: Path) -> None:
    """Flush one file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Flush a folder and everything in it."""
    for path in sorted(folder.rglob("*")):
        sync(path)
    sync(folder)


def move(source: Path, destination: Path) -> None:
    """Rename within one file system and flush both folders."""
    os.rename(source, destination)
    sync(destination.parent)
    sync(source.parent)


def point(link: Path, target: str) -> None:
    """Make `link` a relative symlink to `target`, replacing an old one in one step."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    os.symlink(target, temporary)
    os.replace(temporary, link)
    sync(link.parent)


def remove(folder: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
