"""`safe-haven audit FILE…`: attack published tables in PROTECTED files or CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from safe_haven.audit.attack import audit
from safe_haven.audit.protected import PublishedError, load
from safe_haven.audit.publisher import content_of
from safe_haven.errors import printable

PASSED, FAILED, NOTHING_AUDITED = 0, 1, 3


def audit_files(
    files: list[Path],
    hierarchy: Path | None,
    demanded: dict[str, Any],
    report_file: Path | None,
    no_small_shown: bool,
) -> int:
    """Audit files together, print the verdict and return the exit code.

    0: every withheld and hidden cell keeps the required width; 1: at least one does not, or (with
    no_small_shown) a count in the suppressed range is shown; 3: a file cannot be read, holds no
    cell, or the published values contradict each other.
    """
    try:
        contents = [read_content(file, hierarchy) for file in files]
        report = audit(
            *contents, demanded=demanded, progress=lambda line: click.echo(line, err=True)
        )
    except PublishedError as problem:
        click.echo(f"safe-haven: nothing audited: {printable(str(problem))}", err=True)
        return NOTHING_AUDITED
    if report.cells == 0:
        click.echo("there is no cell in it: nothing to audit")
        return NOTHING_AUDITED
    for line in report.lines():
        click.echo(printable(line))
    shown_too_small = no_small_shown and report.small_shown > 0
    if shown_too_small:
        click.echo("audit FAILED: do not release: counts in the suppressed range are shown")
    if report_file is not None:
        report_file.write_text(json.dumps(report.content(), indent=1) + "\n", encoding="utf-8")
    return PASSED if report.passed and not shown_too_small else FAILED


def read_content(file: Path, hierarchy: Path | None) -> Any:
    """The content of a PROTECTED file, or of a CSV with its description. Errors: PublishedError."""
    if file.suffix.lower() != ".csv":
        return load(file)
    if hierarchy is None:
        raise PublishedError("a CSV needs --hierarchy, a description of its dimensions and rule")
    return content_of(file, hierarchy)
