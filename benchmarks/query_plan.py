"""Print what DuckDB measured of a query: one line per operator, indented under what reads it.

Reads, from standard input, what `dbt show --output json` gives for `explain (analyze, format json)`
(docs/heaviest_models.md says how). Names operators, tables and columns of joins, never a value.
"""

from __future__ import annotations

import json
import sys
from typing import Any

LONGEST = 60


def operators(node: dict[str, Any], depth: int = 0) -> list[str]:
    """The lines of an operator and of all below it."""
    name = str(node.get("operator_name") or node.get("name") or "").strip()
    extra = node.get("extra_info", {})
    what = extra.get("Conditions") or extra.get("Table") or ""
    what = " and ".join(what) if isinstance(what, list) else str(what)
    what = what.rsplit("/", 1)[-1] if "/" in what else what
    seconds, rows = float(node["operator_timing"]), int(node["operator_cardinality"])
    below = node.get("children", [])
    line = f"{seconds:7.2f} s {rows:>10,}  {' ' * depth}{name.lower()}  {what[:LONGEST]}".rstrip()
    return [line, *(part for child in below for part in operators(child, depth + 1))]


def main() -> None:
    """Print the plan on standard input."""
    text = sys.stdin.read()
    shown = json.loads(text[text.index("{") :])["show"][0]["explain_value"]
    plan = json.loads(shown[shown.index("{") :])
    print(f"total {plan['latency']:.2f} s, CPU {plan['cpu_time']:.2f} s")
    for child in plan["children"]:
        for line in operators(child):
            print(line)


if __name__ == "__main__":
    main()
