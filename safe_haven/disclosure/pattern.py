"""Bridge between the dbt model `sdc_certificate` and the protector."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule
from safe_haven.errors import SafeHavenError


def protection_certificate(
    cells: pa.Table,
    relations: pa.Table,
    rules: pa.Table,
    data_set: str,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """The pattern and its proof (`protect.CERTIFICATE_SCHEMA`) for every cell of `data_set`.

    cells, relations: see `system.build_system`; rules: rows of seeds/rules/disclosure_rule.
    Errors: SafeHavenError unless exactly one rule for people is in force for the data set, and
    where no pattern could be proved.
    """
    return protect(cells, relations, rule_for_people(rules, data_set), progress)


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
