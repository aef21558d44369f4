"""What the tests of the watched folder share: files put into it, and what became of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

from safe_haven.collect.delivery import Records
from safe_haven.paths import State

OUTPATIENT = "landing-outpatient-appointment/RXX"
PERSON = "landing-person/X26"


def put(state: State, place: str, content: bytes | str, age: float = 60) -> Path:
    """Put a file into the inbox, last written to `age` seconds ago."""
    path = state.inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    written = time.time() - age
    os.utime(path, (written, written))
    return path


def outcomes(state: State) -> list[str]:
    """Outcome and reason of every delivery."""
    return sorted(f"{r.outcome} {r.reason}".strip() for r in Records(state).all())
