"""Bridge between the dbt model `sdc_certificate` and the protector."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import COUNTS, Rule
from safe_haven.errors import SafeHavenError


def protection_certificate(
    cells: pa.Table,
    relations: pa.Table,
    rules: pa.Table,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """The pattern and its proof (`protect.CERTIFICATE_SCHEMA`) for every cell of the release.

    cells, relations: see `system.build_system`; rules: rows of seeds/rules/disclosure_rule.
    Errors: SafeHavenError unless one rule for counts is in force, and where no pattern could be
    proved.
    """
    return protect(cells, relations, rule_of_counts(rules), progress)


def rule_of_counts(rules: pa.Table) -> Rule:
    """The one open-ended rule for counts of people and of records, of all data sets alike.

    Tables that are read together have one rule, the strictest: NHS Digital, suppression rules of
    the Data Quality Maturity Index (rules follow the data when linked).
    """
    found = {
        Rule.of(row)
        for row in rules.to_pylist()
        if row["measure"] in COUNTS and row["valid_to"] is None
    }
    if len(found) != 1:
        raise SafeHavenError(
            f"{len(found)} different disclosure rules for counts are in force; tables that are "
            "published together have one, the strictest. Mend seeds/rules/disclosure_rule.csv."
        )
    return found.pop()
