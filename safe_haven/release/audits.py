"""The three checks a release must pass, each of them another part's work, called from here.

Tests of packing may hand in others; nothing else may: no flag and no variable turns one off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.release import gate, records

MAX_SHOWN = 20


def audit_disclosure(folders: Sequence[Path]) -> list[str]:
    """What the independent auditor finds in aggregate packs, read together; empty means proved."""
    from safe_haven.disclosure.audit import audit_packs

    return [str(finding) for finding in audit_packs(list(folders)).failures] if folders else []


@dataclass(frozen=True)
class Container:
    """An encrypted container and its key: its bytes show nothing, so its values are searched."""

    path: Path
    key: bytes = field(repr=False)


def scan_for_identifiers(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    containers: Sequence[Container],
) -> list[str]:
    """Where an NHS number or a planted canary occurs; the value is never named."""
    from safe_haven.wall import canary
    from safe_haven.wall.needles import searcher

    needles = canary.needles(connection)
    if not needles:
        raise SafeHavenError(
            "There is no identifier to search for: the identifiable zone is empty, so the scan of "
            "the packs would prove nothing. Run ./run build first."
        )
    found = [f"{item.node}: {item.why}" for item in canary.scan_paths(list(paths), needles)]
    search = searcher(needles)
    for container in containers:
        with records.attached(container.path, container.key, "READ_ONLY") as opened:
            found += [
                f"{container.path}: {item.node}: {item.why}"
                for item in canary.search_connection(opened, ["pack"], search)
            ]
    return found


Scan = Callable[
    [duckdb.DuckDBPyConnection, Sequence[Path], Sequence[Container]],
    list[str],
]


@dataclass(frozen=True)
class Checks:
    """What stands between a prepared pack and its recipient."""

    gate: Callable[[State, duckdb.DuckDBPyConnection], None] = gate.check
    audit: Callable[[Sequence[Path]], list[str]] = audit_disclosure
    scan: Scan = scan_for_identifiers


def refuse(findings: Sequence[str], what: str) -> None:
    """Stop the run when anything was found."""
    if findings:
        shown = "\n  ".join(findings[:MAX_SHOWN])
        more = f"\n  … and {len(findings) - MAX_SHOWN} more" if len(findings) > MAX_SHOWN else ""
        raise SafeHavenError(
            f"Nothing was released: {what} found {len(findings)}:\n  {shown}{more}"
        )
