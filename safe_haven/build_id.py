"""build_id: one hash over everything a build depends on: inputs, code, key identities."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State

CODE_FOLDERS = ("models", "macros", "seeds", "tests", "analyses", "safe_haven")
CODE_FILES = ("dbt_project.yml", "profiles.yml", "uv.lock")
CODE_SUFFIXES = {".sql", ".yml", ".yaml", ".py", ".csv", ".lock"}


def code_files(root: Path = PROJECT_ROOT) -> list[Path]:
    """Every file of the project that decides what a build makes, sorted by path."""
    found = [root / name for name in CODE_FILES]
    for folder in CODE_FOLDERS:
        found += [
            path
            for path in (root / folder).rglob("*")
            if path.suffix in CODE_SUFFIXES and "__pycache__" not in path.parts
        ]
    return sorted(path for path in found if path.is_file())


def landing_files(state: State) -> list[Path]:
    """Every landed file, sorted by path."""
    return sorted(state.landing.glob("*/*.parquet"))


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over named parts, each length-prefixed so that no two lists of parts collide."""
    total = hashlib.sha256()
    for name, content in parts:
        for piece in (name.encode(), content):
            total.update(len(piece).to_bytes(8, "big"))
            total.update(piece)
    return total.hexdigest()


def file_digest(path: Path) -> bytes:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest()


def current_build_id(state: State, root: Path = PROJECT_ROOT) -> str:
    """The id a build started now would have, 32 hexadecimal characters."""
    keyring = Keyring(state.keys)
    parts = [(str(path.relative_to(root)), file_digest(path)) for path in code_files(root)]
    parts += [
        (f"landing/{path.relative_to(state.landing)}", file_digest(path))
        for path in landing_files(state)
    ]
    parts += [(f"key/{name}", keyring.check_value(name).encode()) for name in keyring.names()]
    return digest(parts)[:32]
