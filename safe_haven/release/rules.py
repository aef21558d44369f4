"""The disclosure rule in the datapackage must be the one in force in the seed of rules."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.release import tables

SEED = "pseudonymised.seeds.disclosure_rule"
RULE = ("suppress_lo", "suppress_hi", "round_to", "zero_is_shown")


def check(connection: duckdb.DuckDBPyConnection, data_cuts: Iterable[str]) -> None:
    """Raise SafeHavenError unless every aggregate table states the rule in force on each cut.

    The marts are protected by the seed; a datapackage with another rule would have the packs
    audited by a rule that nobody decided.
    """
    for data_cut in sorted(set(data_cuts)):
        try:
            rows = connection.execute(
                f"select data_set, measure, regime, required_width, {', '.join(RULE)} "  # noqa: S608
                f"from {SEED} where valid_from <= ? and (valid_to is null or valid_to >= ?)",
                [data_cut, data_cut],
            ).fetchall()
        except duckdb.Error:
            raise SafeHavenError(
                f"{SEED} cannot be read: without the rules no pack can state the one it is under. "
                "Run ./run build again."
            ) from None
        in_force = {(row[0], row[1]): row[2:] for row in rows}
        for table in tables.DATA_SET:
            _check_table(table, in_force, data_cut)


def _check_table(
    table: str, in_force: dict[tuple[str, str], tuple[object, ...]], data_cut: str
) -> None:
    stated = tables.disclosure(table)
    expected = (
        stated["regime"],
        stated["required_width"],
        *(stated["rule"][name] for name in RULE),
    )
    counts = (m["name"] for m in stated["measures"] if m["kind"] != "sum")
    for measure in counts:
        found = in_force.get((tables.DATA_SET[table], measure))
        if found != expected:
            raise SafeHavenError(
                f"{table} is described with the rule {expected} (regime, required width, "
                f"{', '.join(RULE)}); the seed disclosure_rule has {found} for {measure} on "
                f"{data_cut}. Nothing was released; make safe_haven/release/tables.py and "
                "seeds/rules/disclosure_rule.csv agree."
            )
