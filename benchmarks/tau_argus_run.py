"""Protect one system with τ-ARGUS MOD, in an interpreter that has pytauargus.

    PYTHON benchmarks/tau_argus_run.py SYSTEM.json[.gz] PATTERN.json

The system must be one table with all its totals, ids CODE|CODE|…. τ-ARGUS gets every cell with its
status, so that the same cells are primary, and is told to make each 1 wide to both sides, which is
the width of 2 that `safe-haven protect` proves. One table per process: its engine keeps state.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

ALL = "ALL"
WIDTH = 1
"""To each side."""
MOST_SECONDS = 3600


def main(system_path: Path, pattern_path: Path) -> None:
    """Write which cells are withheld, and print what it took."""
    data = system_path.read_bytes()
    system = json.loads(gzip.decompress(data) if system_path.suffix == ".gz" else data)
    with tempfile.TemporaryDirectory() as folder:
        dimensions = write_batch(system, Path(folder))
        measured = run(Path(folder), dimensions)
    pattern_path.write_text(json.dumps({"withheld": measured.pop("withheld")}))
    print(json.dumps(measured | {"cells": len(system["cells"])}))


def write_batch(system: dict, folder: Path) -> int:
    """Table, hierarchies, metadata and batch in the files that τ-ARGUS reads."""
    dimensions = system["cells"][0]["id"].count("|") + 1
    names = [f"D{at}" for at in range(dimensions)]
    metadata = ['<SEPARATOR> ";"', "<SAFE> S", "<UNSAFE> U", "<PROTECT> P"]
    for at, name in enumerate(names):
        (folder / f"{name}.hrc").write_text("\n".join(hierarchy(system, at)) + "\n")
        metadata += [name, "  <RECODEABLE>", f'  <TOTCODE> "{ALL}"', "  <HIERARCHICAL>"]
        metadata += [f'  <HIERCODELIST> "{folder / name}.hrc"', '  <HIERLEADSTRING> "@"']
    metadata += ["VALUE", "  <NUMERIC>", "  <DECIMALS> 0", "PEOPLE", "  <FREQUENCY>"]
    metadata += ["LOWER", "  <NUMERIC> <LOWERPL>", "UPPER", "  <NUMERIC> <UPPERPL>"]
    metadata += ["STATUS", "  <STATUS>"]
    rule = system["rule"]
    with (folder / "table.tab").open("w") as file:
        for cell in system["cells"]:
            value = cell["value"]
            small = rule["suppress_lo"] <= value <= rule["suppress_hi"]
            codes = cell["id"].replace("|", ";")
            wide = WIDTH if small else 0
            file.write(f"{codes};{value};{value};{wide};{wide};{'U' if small else 'S'}\n")
    (folder / "table.rda").write_text("\n".join(metadata) + "\n")
    quoted = "".join(f'"{name}"' for name in names)
    (folder / "batch.arb").write_text(
        f'<OPENTABLEDATA> "{folder}/table.tab"\n'
        f'<OPENMETADATA> "{folder}/table.rda"\n'
        f'<SPECIFYTABLE> {quoted}|"VALUE"||\n'
        "<SAFETYRULE>\n"
        "<READTABLE> 0\n"
    )
    return dimensions


def hierarchy(system: dict, at: int) -> list[str]:
    """The codes of a dimension below ALL, indented by their level."""
    parts: dict[str, list[str]] = {}
    for relation in system["relations"]:
        total = relation["total"].split("|")
        below = [part.split("|")[at] for part in relation["parts"]]
        if total[at] != below[0] and total[at] not in parts:
            parts[total[at]] = below

    def walk(code: str, level: int) -> list[str]:
        return [
            line
            for part in parts.get(code, [])
            for line in ("@" * level + part, *walk(part, level + 1))
        ]

    return walk(ALL, 0)


def run(folder: Path, dimensions: int) -> dict:
    """Read the table, then time the suppression alone."""
    from pytauargus.batch import Suppress
    from pytauargus.engine import Engine

    engine = Engine()
    engine.run_batch(folder / "batch.arb")
    wall, processor = time.perf_counter(), time.process_time()
    engine.suppress(
        Suppress(
            kind="MOD",
            tab_no=1,
            mod_max_time=MOST_SECONDS,
            mod_singleton=True,
            mod_singleton_multi=True,
            mod_min_freq=True,
        )
    )
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    engine.write_intermediate_table(0, str(folder / "out.tab"), simple=True)
    withheld = []
    primary = 0
    for line in (folder / "out.tab").read_text().splitlines():
        fields = [field.strip().strip('"') for field in line.split(";")]
        status = fields[-3]
        if status in "UM":
            primary += status == "U"
            withheld.append("|".join(code or ALL for code in fields[:dimensions]))
    return {
        "withheld": sorted(withheld),
        "primary": primary,
        "secondary": len(withheld) - primary,
        "seconds": wall,
        "processor_seconds": processor,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
