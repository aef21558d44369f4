"""The verbs `release` and `verify`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from safe_haven.errors import SafeHavenError, printable
from safe_haven.heartbeat import heartbeat
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import register, signing

NOT_ALL_MADE = 3


@click.command("release")
@click.option("--recipient", help="Only this recipient, by its code.")
@click.option("--agreement", help="Only this agreement, by its id.")
@click.option("--dry-run", is_flag=True, help="Prepare and check everything, publish nothing.")
@click.option(
    "--after-recall",
    metavar="REASON",
    help="Why data that were recalled may be given again, unchanged, under --agreement.",
)
def release_command(
    recipient: str | None, agreement: str | None, dry_run: bool, after_recall: str | None
) -> None:
    """Cut a release from the last complete build: one signed pack per recipient and agreement.

    Says of each agreement what was given, or every reason why nothing was; refusals are in the
    audit log too. What was released and should have been destroyed by now is named at the end.
    """
    from safe_haven.release import cut, lifecycle

    state = State.from_environment(target="operator")
    if dry_run and (open_ends := list(lifecycle.unfinished(state))):
        click.echo("An earlier run was cut short; the next that is no dry run ends it first:")
        click.echo("".join(f"  {line}\n" for line in open_ends))
    outcomes = cut.release(state, recipient, agreement, dry_run, None, after_recall)
    rows = [
        (item.recipient, item.agreement, item.flow, item.outcome, item.detail) for item in outcomes
    ]
    click.echo(as_table(("recipient", "agreement", "flow", "outcome", "release or reason"), rows))
    if late := lifecycle.overdue_text(state):
        click.echo(late)
    for line in lifecycle.unpublished(state):
        click.echo(f"\n{line}")
    if not dry_run:
        click.echo(f"\nTo check them: ./run verify {state.releases}/*/*/current")


@click.command("verify")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--chain",
    "only_chain",
    is_flag=True,
    help="No packs: check the safe haven's audit log and the register, and that they agree.",
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
    only_chain: bool,
    register_folder: Path | None,
    public_key: Path | None,
    recipient_keys: tuple[Path, ...],
) -> None:
    """Prove a pack: its bytes, its chain, that all of it is owed, and that nobody is disclosed.

    Give the aggregate packs of one cut together: the disclosure audit reads them as one. A pack
    that was recalled, or should have been destroyed, fails. What is published for anybody
    (var/public/lookups/current) is proved in the same way.

    Exit code 0: all four proofs hold for all packs; 1: one failed; 3: none failed, and one was not
    made, such as that of rows whose recipient's key was not given.
    """
    from safe_haven.publish.proof import is_publication, verify_publication
    from safe_haven.release import verify

    if only_chain or not folders:
        if folders or not only_chain:
            raise click.UsageError("Give either packs, or --chain and no packs.")
        verify_chain(register_folder, public_key)
        return
    public = State.from_environment() if not (register_folder and public_key) else None
    key = signing.load_public_key(public_key or public.public_keys / signing.PUBLIC_KEY_FILE)
    try:
        known: register.Register | str = register.load(register_folder or public.register, key)
    except SafeHavenError as error:
        known = str(error)
    keys = [read_recipient_key(path) for path in recipient_keys]
    evidence = verify.Evidence(key, known, keys, verify.audit_disclosure)
    with heartbeat("verify"):
        published = [folder for folder in folders if is_publication(folder)]
        packs = [folder for folder in folders if folder not in published]
        reports = verify.verify_packs(packs, evidence)
        reports += [verify_publication(folder, evidence) for folder in published]
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
        if public is not None:
            log_failures(public, {report.folder: report.failed_proofs for report in failed})
        sys.exit(1)
    if open_rows:
        click.echo("\nNo proof failed, and not all were made.")
        sys.exit(NOT_ALL_MADE)
    click.echo(f"\nAll four proofs hold for all {len(reports)} packs.")


def log_failures(state: State, failed: Mapping[Path, Sequence[str]]) -> None:
    """Tell the audit log, where its key is: whoever verifies elsewhere has none."""
    from safe_haven.release import events

    if signing.KEY_NAME in Keyring(state.keys).names():
        events.record(
            state,
            [
                (events.VERIFY_FAILED, {"pack": pack_name(folder), "proofs": sorted(proofs)})
                for folder, proofs in sorted(failed.items())
            ],
        )


def pack_name(folder: Path) -> str:
    """Recipient, agreement and release, as the folder has them, for the audit log."""
    from safe_haven.release import events

    return events.text("/".join(folder.resolve().parts[-3:]))


def verify_chain(register_folder: Path | None, public_key: Path | None) -> None:
    """Say whether the audit log and the register are whole and agree; exit 1 if not."""
    from safe_haven.release import events

    state = State.from_environment()
    key = signing.load_public_key(public_key or state.public_keys / signing.PUBLIC_KEY_FILE)
    try:
        known = register.load(register_folder or state.register, key)
        findings = list(events.chain_findings(state, known, key))
    except SafeHavenError as error:
        findings = [str(error)]
    if findings:
        click.echo("\n".join(findings))
        click.echo("\nFAILED: the audit log and the register are not what the safe haven wrote.")
        sys.exit(1)
    head = events.audit_log.load(events.folder(state), key)
    click.echo(
        f"The audit log ({len(head)} events) and the register ({len(known.entries)} entries) are "
        f"whole and agree.\nHead of the log: {events.audit_log.head_of(head)}"
    )


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
