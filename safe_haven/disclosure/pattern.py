"""Bridge between the dbt model `sdc_pattern` and the protectors."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from safe_haven.disclosure.interior import protect_large
from safe_haven.disclosure.protect import SHOWN, STATUS_SCHEMA, WITHHELD, protect_system
from safe_haven.disclosure.system import Block, Rule, System, build_system
from safe_haven.errors import SafeHavenError

EXACT_CELLS = 400
"""Blocks up to this size are proved with integer witnesses, larger ones with real tables."""


def protection_pattern(
    cells: pa.Table,
    relations: pa.Table,
    rules: pa.Table,
    data_set: str,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """(cell_id, status) for every cell of `data_set`, in order of cell_id.

    cells, relations: see `system.build_system`; rules: rows of seeds/rules/disclosure_rule.
    Errors: SafeHavenError unless exactly one rule for people is in force for the data set, and
    where no pattern could be proved.
    """
    rule = rule_for_people(rules, data_set)

    def one(block: Block) -> tuple[Block, np.ndarray]:
        if block.size <= EXACT_CELLS:
            withheld = protect_system(System((block,)), rule)[0].withheld
        else:
            withheld, _ = protect_large(block, rule)
        if progress:
            progress(f"{block.name}: {int(withheld.sum())} of {block.size} cells withheld")
        return block, withheld

    # The solver works outside Python's lock.
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(one, build_system(cells, relations).blocks))
    status = {
        cell_id: WITHHELD if hidden else SHOWN
        for block, withheld in results
        for cell_id, hidden in zip(block.cell_ids, withheld.tolist(), strict=True)
    }
    ordered = sorted(status)
    return pa.table(
        {"cell_id": ordered, "status": [status[cell_id] for cell_id in ordered]},
        schema=STATUS_SCHEMA,
    )


def rule_for_people(rules: pa.Table, data_set: str) -> Rule:
    """The one open-ended rule for counts of people of a data set."""
    found = [
        row
        for row in rules.to_pylist()
        if row["data_set"] == data_set and row["measure"] == "people" and row["valid_to"] is None
    ]
    if len(found) != 1:
        raise SafeHavenError(
            f"{len(found)} disclosure rules for the people of '{data_set}' are in force; exactly "
            "one must be. Mend seeds/rules/disclosure_rule.csv."
        )
    return Rule.of(found[0])
