"""Protect a system that was read from a file, and say what may be published of it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from safe_haven.errors import SafeHavenError, printable
from safe_haven.suppression.exact import protect_exact
from safe_haven.suppression.protection import Protection
from safe_haven.suppression.rounded import protect_rounded
from safe_haven.suppression.system import MalformedSystemError, System, read_system


def protect_system(given: Mapping[str, Any]) -> dict[str, Any]:
    """What may be published of a system (docs/protect.md has both forms).

    Errors: MalformedSystemError, UnprotectableError; then nothing may be published.
    """
    return published(protect(read_system(given)))


def protect(system: System) -> Protection:
    """The pattern and its proof, in the regime of the rule. Errors: UnprotectableError."""
    return protect_exact(system) if system.rule.round_to == 1 else protect_rounded(system)


def published(protection: Protection) -> dict[str, Any]:
    """The protected form: no value of a withheld cell, nor which of them the rule withheld."""
    system, withheld = protection.system, protection.withheld
    shown = system.rule.rounded(system.value).tolist()
    rule = system.rule
    ids = system.ids
    visible = np.flatnonzero(~system.hidden).tolist()
    return {
        "relations": list(_relations(system)),
        "rule": {
            "suppress_lo": rule.suppress_lo,
            "suppress_hi": rule.suppress_hi,
            "round_to": rule.round_to,
            "zero_is_shown": rule.zero_is_shown,
        },
        "required_width": system.required_width,
        "attacker_lower_bound": system.attacker_lower_bound,
        "known": {ids[cell]: int(system.value[cell]) for cell in np.flatnonzero(system.known)},
        "shown": {ids[cell]: None if withheld[cell] else shown[cell] for cell in visible},
        "withheld": [ids[cell] for cell in np.flatnonzero(withheld)],
        "summary": {
            "cells": len(visible),
            "withheld_cells": int(withheld.sum()),
            "relations": len(system.total),
            "regime": "exact" if rule.round_to == 1 else "rounded",
        },
    }


def _relations(system: System) -> Any:
    for number, total in enumerate(system.total.tolist()):
        parts = system.part[system.start[number] : system.start[number + 1]].tolist()
        yield {
            "total": system.ids[total],
            "parts": [system.ids[part] for part in parts],
            "op": "=" if system.adds[number] else "<=",
        }


def read_json(path: Path) -> Any:
    """The content of a JSON file, also of a compressed one (.gz).

    Errors: SafeHavenError where it cannot be read, or names a key of an object twice.
    """
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        return json.loads(data, object_pairs_hook=_once, parse_constant=_no_constant)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        name = printable(path.name)
        raise SafeHavenError(f"{name} cannot be read as JSON: {type(error).__name__}.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedSystemError("an object of the file has a key twice.")
    return found


def _no_constant(name: str) -> None:
    raise MalformedSystemError(f"{name} is no number that a table may hold.")


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write a file whole or not at all; the same content gives the same bytes."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    data = text.encode()
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    os.replace(draft, path)
