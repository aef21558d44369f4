"""`safe-haven audit PATH…`: attack what was published, alone or together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from safe_haven.audit.command import audit_files
from safe_haven.disclosure.audit import audit_packs
from safe_haven.errors import printable

SHOWN_FAILURES = 50
"""Failures printed; the rest are counted."""
NOTHING_AUDITED = 3


@click.command("audit")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…"
)
@click.option(
    "--hierarchy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Of a CSV: JSON with its dimensions, symbols and rule (docs/audit.md).",
)
@click.option("--required-width", type=click.IntRange(0), help="Judge by this, not by the file.")
@click.option("--suppress-lo", type=click.IntRange(0), help="Judge by this, not by the file.")
@click.option("--suppress-hi", type=click.IntRange(0), help="Judge by this, not by the file.")
@click.option("--round-to", type=click.IntRange(1), help="Judge by this, not by the file.")
@click.option(
    "--lower-bound", type=click.IntRange(0, 1), help="Least count a withheld cell can hold."
)
@click.option("--no-small-shown", is_flag=True, help="Fail a shown count in the suppressed range.")
@click.option(
    "--json",
    "report_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the report here.",
)
def audit_command(
    paths: tuple[Path, ...],
    hierarchy: Path | None,
    report_file: Path | None,
    no_small_shown: bool,
    **demanded: int | None,
) -> None:
    """Audit PATHs together: can anyone holding all of them tell a withheld count?

    PATHs are folders of packs (only datapackage.json and data/*.csv are read), or PROTECTED files
    (JSON, also gzipped) and CSV. Exit code 0: nothing found; 1: at least one failure (do not
    release); 3: nothing audited, since all packs are record-level, a file cannot be read, or what
    is published contradicts itself.
    """
    files = [path for path in paths if path.is_file()]
    if not files:
        sys.exit(audit_folders(paths))
    if len(files) < len(paths):
        raise click.UsageError("packs and files cannot be audited together")
    sys.exit(audit_files(files, hierarchy, demanded, report_file, no_small_shown))


def audit_folders(folders: tuple[Path, ...]) -> int:
    """Audit packs together, print what was found and return the exit code."""
    aggregate = [folder for folder in folders if not is_record_level(folder)]
    for folder in folders:
        if folder not in aggregate:
            name = printable(str(folder))
            click.echo(f"{name} is record-level: nothing in it is aggregated, nothing to audit")
    if not aggregate:
        return NOTHING_AUDITED
    result = audit_packs(aggregate, progress=lambda line: click.echo(line, err=True))
    for failure in result.failures[:SHOWN_FAILURES]:
        click.echo(printable(str(failure)))
    more = len(result.failures) - SHOWN_FAILURES
    if more > 0:
        click.echo(f"… and {more} more failures")
    summary = ", ".join(f"{value} {name}" for name, value in result.counts.items())
    verdict = "passed" if result.passed else "FAILED: do not release"
    click.echo(f"audit {verdict} ({summary})")
    return 0 if result.passed else 1


def is_record_level(folder: Path) -> bool:
    """Whether the pack holds encrypted records and nothing that an audit could read."""
    readable = [folder / "datapackage.json", *(folder / "data").glob("*.csv")]
    encrypted = (folder / "data" / "records.duckdb.enc").is_file()
    return encrypted and not any(path.exists() for path in readable)
