"""One measured step of benchmarks/protect.py, in a process of its own.

    protect_run.py protect SYSTEM PATTERN [--lower-bound N] [--width N]
    protect_run.py audit SYSTEM PATTERN [--lower-bound N] [--width N]

`protect` writes the pattern, `audit` reads it; both print what they took as JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from safe_haven.audit.attack import audit
from safe_haven.suppression.system import System, read_system
from safe_haven.suppression.tool import protect, read_json, write_json


def main() -> None:
    """Run the step that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=("protect", "audit"))
    parser.add_argument("system", type=Path)
    parser.add_argument("pattern", type=Path)
    parser.add_argument("--lower-bound", type=int, default=1)
    parser.add_argument("--width", type=int, default=2)
    given = parser.parse_args()
    settings = {"attacker_lower_bound": given.lower_bound, "required_width": given.width}
    step = measured_protection if given.step == "protect" else measured_audit
    print(json.dumps(step(given.system, given.pattern, settings)))


def measured_protection(path: Path, pattern: Path, settings: dict[str, int]) -> dict[str, Any]:
    """Time and memory of reading and of protecting, apart."""
    start = time.perf_counter()
    system = read_system(read_json(path) | settings)
    read = time.perf_counter() - start
    read_peak = _peak_bytes()
    wall, processor = time.perf_counter(), time.process_time()
    protection = protect(system)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    cells = np.flatnonzero(protection.withheld)
    write_json({"withheld": [system.ids[cell] for cell in cells]}, pattern)
    return {
        "cells": system.size,
        "primary": _primary(system),
        "secondary": len(cells) - _primary(system),
        "seconds": wall,
        "processor_seconds": processor,
        "read_seconds": read,
        "read_peak_bytes": read_peak,
        "peak_bytes": _peak_bytes(),
    }


def measured_audit(path: Path, pattern: Path, settings: dict[str, int]) -> dict[str, Any]:
    """How many primary cells, and how many cells, the auditor tells too closely in a pattern."""
    given = read_json(path) | settings
    primary = set(_small(given))
    content = as_published(given, set(read_json(pattern)["withheld"]))
    start = time.perf_counter()
    told = {finding.cell for finding in audit(content).failures}
    return {
        "narrow_primary": len(told & primary),
        "narrow": len(told),
        "seconds": time.perf_counter() - start,
    }


def as_published(given: Mapping[str, Any], withheld: set[str]) -> dict[str, Any]:
    """What readers get when exactly these cells are withheld. All that is small must be."""
    if not withheld.issuperset(_small(given)):
        raise ValueError("the pattern shows a cell that the rule withholds.")
    if any(cell["value"] == 0 for cell in given["cells"] if cell["id"] in withheld):
        raise ValueError("the pattern withholds a zero, which the rule shows.")
    base = given["rule"]["round_to"]
    shown = {
        cell["id"]: None if cell["id"] in withheld else (cell["value"] + base // 2) // base * base
        for cell in given["cells"]
    }
    return {key: given[key] for key in given if key != "cells"} | {
        "shown": shown,
        "withheld": sorted(withheld),
        "known": {},
    }


def _small(given: Mapping[str, Any]) -> list[str]:
    low, high = given["rule"]["suppress_lo"], given["rule"]["suppress_hi"]
    return [cell["id"] for cell in given["cells"] if low <= cell["value"] <= high]


def _primary(system: System) -> int:
    return int(system.primary.sum())


def _peak_bytes() -> int:
    """Largest memory this process has held (not that of the one it came from)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
