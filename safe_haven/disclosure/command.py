"""`safe-haven audit FOLDER…`: attack published packs, alone or together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from safe_haven.disclosure.audit import audit_packs
from safe_haven.errors import printable

SHOWN_FAILURES = 50
"""Failures printed; the rest are counted."""
NOTHING_AUDITED = 3


@click.command("audit")
@click.argument(
    "folders",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def audit_command(folders: tuple[Path, ...]) -> None:
    """Audit pack FOLDERS together: can anyone holding all of them tell a withheld count?

    Reads only datapackage.json and data/*.csv. Exit code 0: nothing found; 1: at least one failure
    (do not release); 3: nothing audited, since all packs are record-level.
    """
    aggregate = [folder for folder in folders if not is_record_level(folder)]
    for folder in folders:
        if folder not in aggregate:
            name = printable(str(folder))
            click.echo(f"{name} is record-level: nothing in it is aggregated, nothing to audit")
    if not aggregate:
        sys.exit(NOTHING_AUDITED)
    result = audit_packs(aggregate, progress=lambda line: click.echo(line, err=True))
    for failure in result.failures[:SHOWN_FAILURES]:
        click.echo(printable(str(failure)))
    more = len(result.failures) - SHOWN_FAILURES
    if more > 0:
        click.echo(f"… and {more} more failures")
    summary = ", ".join(f"{value} {name}" for name, value in result.counts.items())
    verdict = "passed" if result.passed else "FAILED: do not release"
    click.echo(f"audit {verdict} ({summary})")
    sys.exit(0 if result.passed else 1)


def is_record_level(folder: Path) -> bool:
    """Whether the pack holds encrypted records and nothing that an audit could read."""
    readable = [folder / "datapackage.json", *(folder / "data").glob("*.csv")]
    encrypted = (folder / "data" / "records.duckdb.enc").is_file()
    return encrypted and not any(path.exists() for path in readable)
