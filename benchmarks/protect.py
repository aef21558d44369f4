"""The protector side by side with τ-ARGUS: cells withheld, time, memory, what an attacker can tell.

    .venv/bin/python benchmarks/protect.py --quick
    .venv/bin/python benchmarks/protect.py --tau-argus PYTHON [--sizes 10k-3D …] [--json FILE]

PYTHON is an interpreter with pytauargus 0.6.0, which is no dependency of this project:
`uv venv -p 3.11 tau && uv pip install -p tau/bin/python pytauargus==0.6.0`.
Every step runs in a process of its own, one at a time; tools take turns. Medians of the runs.
docs/protection_benchmark.md has a measured table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drawn_tables import EXACT, HES, SHAPES, drawn_table

from safe_haven.suppression.tool import read_json, write_json

HERE = Path(__file__).resolve().parent
QUICK = ("1k-2D", "1k-3D", "10k-2D", "10k-3D")
REPEATED_UP_TO = 20_000
"""Larger systems are run once, for the first seed only."""
REPEATS = 3
WIDTHS = (2, 3, 4)
"""Of the rounded regime."""
MIB = 2**20

Measured = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A system in a file."""

    name: str
    path: Path
    cells: int
    is_exact: bool


def main() -> None:
    """Measure, print, and write JSON if asked for."""
    given = arguments()
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(given, Path(folder)):
            repeats = given.repeats if case.cells <= REPEATED_UP_TO else 1
            measure = exact_rows if case.is_exact else rounded_rows
            for row in measure(case, given, repeats, Path(folder)):
                rows.append(row)
                print(f"{case.name}: {row['what']} done", file=sys.stderr, flush=True)
                if given.json:
                    given.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(as_text(rows))


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", nargs="*", choices=SHAPES, help="default: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--systems", nargs="*", type=Path, help="recorded systems, instead")
    parser.add_argument("--tau-argus", help="an interpreter that has pytauargus")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--limit", type=int, default=900, help="seconds for one step")
    parser.add_argument("--json", type=Path, help="write all that was measured here")
    parser.add_argument("--quick", action="store_true", help="small, one seed, run once")
    given = parser.parse_args()
    if given.quick:
        given.sizes, given.seeds, given.repeats = QUICK, given.seeds[:1], 1
    return given


def cases(given: argparse.Namespace, folder: Path) -> Iterator[Case]:
    """Recorded systems, or drawn ones of each size, seed and rule."""
    for path in given.systems or ():
        content = read_json(path)
        is_exact = content["rule"]["round_to"] == 1
        yield Case(path.name.removesuffix(".json.gz"), path, len(content["cells"]), is_exact)
    for size in () if given.systems else given.sizes or SHAPES:
        for seed in given.seeds:
            for rule in (EXACT, HES):
                content = drawn_table(size, seed, rule)
                cells = len(content["cells"])
                if cells > REPEATED_UP_TO and seed != given.seeds[0]:
                    continue
                path = folder / "system.json"
                write_json(content, path)
                del content
                yield Case(f"{size} seed {seed}", path, cells, rule is EXACT)


def exact_rows(
    case: Case, given: argparse.Namespace, repeats: int, folder: Path
) -> Iterator[Measured]:
    """Ours against either attacker and τ-ARGUS, in turns; then what each pattern gives away."""
    steps: dict[str, Callable[[Path], Measured]] = {
        f"ours, lower bound {bound}": lambda pattern, bound=bound: step(
            "protect", case, pattern, given.limit, bound, 2
        )
        for bound in (1, 0)
    }
    if given.tau_argus:
        steps["τ-ARGUS MOD"] = lambda pattern: tau_argus(
            given.tau_argus, case, pattern, given.limit
        )
    found = in_turns(steps, repeats, folder)
    for what, runs in found.items():
        row = medians(runs)
        pattern = folder / f"{what}.json"
        if "error" not in row:
            audited = step("audit", case, pattern, given.limit, 1, 2)
            row["narrow_primary"] = audited.get("narrow_primary", audited.get("error"))
            row["audit_seconds"] = audited.get("seconds")
        yield {"system": case.name, "what": what} | row


def rounded_rows(
    case: Case, given: argparse.Namespace, repeats: int, folder: Path
) -> Iterator[Measured]:
    """Ours, for each required width."""
    steps: dict[str, Callable[[Path], Measured]] = {
        f"ours, HES, width {width}": lambda pattern, width=width: step(
            "protect", case, pattern, given.limit, 1, width
        )
        for width in WIDTHS
    }
    for what, runs in in_turns(steps, repeats, folder).items():
        yield {"system": case.name, "what": what} | medians(runs)


def in_turns(
    steps: dict[str, Callable[[Path], Measured]], repeats: int, folder: Path
) -> dict[str, list[Measured]]:
    """All steps once, then all once more, …: a busy minute slows each of them."""
    found = defaultdict(list)
    for _ in range(repeats):
        for what, run in steps.items():
            found[what].append(run(folder / f"{what}.json"))
    return found


def medians(runs: list[Measured]) -> Measured:
    """The median of every number; an error if any run ended in one."""
    for run in runs:
        if "error" in run:
            return run
    row: Measured = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return row | {"runs": len(runs)}


def step(
    verb: str, case: Case, pattern: Path, limit: int, lower_bound: int, width: int
) -> Measured:
    """A step of protect_run.py."""
    options = ["--lower-bound", str(lower_bound), "--width", str(width)]
    program = [sys.executable, str(HERE / "protect_run.py"), verb, str(case.path), str(pattern)]
    return finished([*program, *options], limit, pattern.parent)


def tau_argus(python: str, case: Case, pattern: Path, limit: int) -> Measured:
    """τ-ARGUS in an empty folder, since it leaves files where it runs."""
    program = [python, str(HERE / "tau_argus_run.py"), str(case.path.resolve()), str(pattern)]
    with tempfile.TemporaryDirectory() as folder:
        return finished(program, limit, Path(folder))


def finished(program: Sequence[str], limit: int, folder: Path) -> Measured:
    """What a program printed last, as JSON, or the name of the error that ended it."""
    try:
        done = subprocess.run(program, capture_output=True, text=True, timeout=limit, cwd=folder)
    except subprocess.TimeoutExpired:
        return {"error": f"over {limit} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["ended"])[-1]
        return {"error": last.partition(":")[0].rpartition(".")[2], "message": last}
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


COLUMNS = ("secondary", "÷ τ", "wall s", "÷ τ", "CPU s", "peak MiB", "narrow primaries")


def as_text(rows: list[Measured]) -> str:
    """The table, with the ratios to τ-ARGUS on the same system where it finished."""
    lines = [["system", "method", "cells", "primary", *COLUMNS, "extra per primary"]]
    rival = {row["system"]: row for row in rows if row["what"].startswith("τ")}
    for row in rows:
        line = [row["system"], row["what"]]
        if "error" in row:
            lines.append([*line, row["error"]])
            continue
        against = rival.get(row["system"], {}) if "lower bound" in row["what"] else {}
        lines.append(
            [
                *line,
                f"{row['cells']:.0f}",
                f"{row['primary']:.0f}",
                f"{row['secondary']:.0f}",
                ratio(row, against, "secondary"),
                f"{row['seconds']:.2f}",
                ratio(row, against, "seconds"),
                f"{row['processor_seconds']:.2f}",
                f"{row['peak_bytes'] / MIB:.0f}",
                str(row.get("narrow_primary", "")),
                f"{row['secondary'] / row['primary']:.3f}",
            ]
        )
    widest = [max(len(line[at]) for line in lines if at < len(line) > 3) for at in range(12)]
    return "\n".join(
        "  ".join(text.ljust(widest[at]) for at, text in enumerate(line)).rstrip() for line in lines
    )


def ratio(row: Measured, against: Measured, key: str) -> str:
    """How many times the rival's."""
    return f"{row[key] / against[key]:.2f}" if against.get(key) else ""


if __name__ == "__main__":
    main()
