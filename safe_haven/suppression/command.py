"""`safe-haven protect`: withhold what anybody's table needs, and write what may be published."""

from __future__ import annotations

from pathlib import Path

import click

from safe_haven.suppression.system import read_system
from safe_haven.suppression.table_form import system_of_table
from safe_haven.suppression.tool import protect, published, read_json, write_json

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("protect")
@click.argument("system", type=EXISTING)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rule", "settings", type=EXISTING, help="For a CSV: rule, width and hierarchies.")
def protect_command(system: Path, out: Path, settings: Path | None) -> None:
    """Protect SYSTEM, linked tables as JSON or one table as CSV, and write what may be published.

    docs/protect.md has the forms. Exit code 0: proved and written; 2: refused, nothing is written.
    """
    given = read_json(system) if settings is None else _from_table(system, settings)
    protection = protect(read_system(given))
    write_json(published(protection), out)
    cells = protection.system.size - int(protection.system.hidden.sum())
    click.echo(
        f"{cells} cells, {int(protection.withheld.sum())} withheld, each proved to be at least "
        f"{protection.system.required_width} wide by {len(protection.alternatives)} other tables"
    )


def _from_table(table: Path, settings: Path) -> dict[str, object]:
    said = read_json(settings)
    needed = {"rule", "required_width"}
    if not isinstance(said, dict) or not needed <= set(said) <= needed | {"hierarchies"}:
        raise click.UsageError("--rule must name a file with rule, required_width, hierarchies.")
    return system_of_table(table, said.get("hierarchies", {}), said["rule"], said["required_width"])
