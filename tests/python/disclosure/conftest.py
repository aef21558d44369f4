"""Packs made on the spot: honest ones, unprotected ones and forged ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from cubes import Cube, pattern_of, publish

from safe_haven.disclosure.audit import AuditResult, audit_packs
from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Write a pack into a folder of its own; same arguments as `cubes.publish`, without folder."""
    number = itertools.count(1)

    def write(cube: Cube, status: dict[str, str], **changes: object) -> Path:
        return publish(cube, status, tmp_path / f"pack{next(number)}", **changes)

    return write


@pytest.fixture
def audit(pack: Callable[..., Path]) -> Callable[..., AuditResult]:
    """Publish a cube under a pattern and audit the pack."""
    return lambda cube, status, **changes: audit_packs([pack(cube, status, **changes)])


@pytest.fixture
def defended() -> Callable[..., dict[str, str]]:
    """Return the pattern that `protect` proves, as cell id -> status."""

    def pattern(cube: Cube, rule: Rule | None = None) -> dict[str, str]:
        return pattern_of(protect(cube.cell_table(), cube.relation_table(), rule or Rule()))

    return pattern
