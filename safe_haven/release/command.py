"""The verbs `release` and `verify`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from safe_haven.errors import SafeHavenError, printable
from safe_haven.heartbeat import heartbeat
from safe_haven.paths import State
from safe_haven.release import register, signing

NOT_ALL_MADE = 3


@click.command("release")
@click.option("--recipient", help="Only this recipient, by its code.")
@click.option("--agreement", help="Only this agreement, by its id.")
@click.option("--dry-run", is_flag=True, help="Prepare and check everything, publish nothing.")
def release_command(recipient: str | None, agreement: str | None, dry_run: bool) -> None:
    """Cut a release from the last complete build: one signed pack per recipient and agreement."""
    from safe_haven.release import cut

    state = State.from_environment(target="operator")
    outcomes = cut.release(state, recipient, agreement, dry_run)
    rows = [
        (item.recipient, item.agreement, item.flow, item.outcome, item.detail) for item in outcomes
    ]
    click.echo(as_table(("recipient", "agreement", "flow", "outcome", "release or reason"), rows))
    if not dry_run:
        click.echo(f"\nTo check them: ./run verify {state.releases}/*/*/current")


@click.command("verify")
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False)
)
@click.option(
    "--register",
    "register_folder",
    type=click.Path(path_type=Path),
    help="Folder of the signed register (default: var/public/register).",
)
@click.option(
    "--public-key",
    type=click.Path(path_type=Path),
    help="The safe haven's public key (default: var/public/keys/signing.pub.pem).",
)
@click.option(
    "--recipient-key",
    "recipient_keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your key file, to prove the rows of record-level packs. May be given more than once.",
)
def verify_command(
    folders: tuple[Path, ...],
    register_folder: Path | None,
    public_key: Path | None,
    recipient_keys: tuple[Path, ...],
) -> None:
    """Prove a pack: its bytes, its chain, that all of it is owed, and that nobody is disclosed.

    Give the aggregate packs of one cut together: the disclosure audit reads them as one.

    Exit code 0: all four proofs hold for all packs; 1: one failed; 3: none failed, and one was not
    made, such as that of rows whose recipient's key was not given.
    """
    from safe_haven.release import verify

    public = State.from_environment() if not (register_folder and public_key) else None
    key = signing.load_public_key(public_key or public.public_keys / signing.PUBLIC_KEY_FILE)
    try:
        known: register.Register | str = register.load(register_folder or public.register, key)
    except SafeHavenError as error:
        known = str(error)
    keys = [read_recipient_key(path) for path in recipient_keys]
    evidence = verify.Evidence(key, known, keys, verify.audit_disclosure)
    with heartbeat("verify"):
        reports = verify.verify_packs(folders, evidence)
    rows = [
        (printable(str(report.folder)), name, report.proofs[name].outcome, printable(detail))
        for report in reports
        for name in verify.PROOFS
        for detail in report.proofs[name].details or ("",)
    ]
    click.echo(as_table(("pack", "proof", "outcome", "detail"), rows))
    failed = [report for report in reports if report.failed]
    open_rows = [row for row in rows if row[2] == verify.NOT_PROVED]
    if open_rows:
        click.echo("\nNOT made:")
        for folder, proof, _, detail in open_rows:
            click.echo(f"  {proof} of {folder}: {detail}")
    if failed:
        click.echo(f"\nFAILED: {len(failed)} of {len(reports)} packs. Do not use them.")
        sys.exit(1)
    if open_rows:
        click.echo("\nNo proof failed, and not all were made.")
        sys.exit(NOT_ALL_MADE)
    click.echo(f"\nAll four proofs hold for all {len(reports)} packs.")


def read_recipient_key(path: Path) -> bytes:
    """A recipient's key file: 64 hexadecimal characters."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != 32:
        raise SafeHavenError(
            f"{path} is not a recipient key: it must hold 64 hexadecimal characters."
        )
    return key


def as_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under headings, columns lined up."""
    widths = [
        max(len(str(row[at])) for row in [headings, *rows]) for at in range(len(headings) - 1)
    ]
    lines = []
    for row in [headings, ["-" * len(heading) for heading in headings], *rows]:
        cells = [str(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, str(row[-1])]).rstrip())
    return "\n".join(lines)
