"""Bridge between the dbt model `sdc_pattern` and the protector."""

from __future__ import annotations

import pyarrow as pa

from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule
from safe_haven.errors import SafeHavenError

RULE_FIELDS = ("suppress_lo", "suppress_hi", "round_to", "required_width", "zero_is_shown")


def protection_pattern(
    cells: pa.Table, relations: pa.Table, rules: pa.Table, data_set: str
) -> pa.Table:
    """(cell_id, status) for every cell of `data_set`, under the rule its counts of people follow.

    Errors: SafeHavenError unless exactly one rule for people is given for the data set.
    """
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
    rule = Rule(**{name: found[0][name] for name in RULE_FIELDS})
    return protect(cells, relations, rule)
