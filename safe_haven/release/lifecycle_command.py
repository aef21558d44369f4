"""The verbs `recall`, `destroy`, `reidentify`, `validate-invoices` and `evidence`."""

from __future__ import annotations

from pathlib import Path

import click

from safe_haven.paths import State


@click.command("recall")
@click.option("--recipient", required=True, help="Who was given the release, by its code.")
@click.option("--agreement", required=True, help="Under which agreement, by its id.")
@click.option("--release", "release_id", required=True, help="Which release, by its id.")
@click.option("--reason", required=True, help="What is wrong with it. It is published.")
def recall_command(recipient: str, agreement: str, release_id: str, reason: str) -> None:
    """Recall a release: it must not be used any more, and everybody can see so.

    The signed public register says that it was recalled and why, the audit log holds the incident,
    `verify` fails the pack, and `current` goes back to the release before it, or to none. The same
    data are not released again unless somebody says why they may be (release --after-recall).
    Telling the recipient remains to be done by you; where the release was sent, and which databases
    may still serve it, is said.
    """
    from safe_haven.release import events, lifecycle

    state = State.from_environment(target="operator")
    back = lifecycle.recall(state, recipient, agreement, release_id, reason)
    now = f"{back.release_id} is in force" if back else "no release is in force"
    click.echo(f"Recalled: {release_id} of {agreement}. For {recipient}, {now}. Tell {recipient}.")
    for line in events.still_out(events.record(state), recipient, agreement, release_id):
        click.echo(line)
    for line in lifecycle.unpublished(state):
        click.echo(line)


@click.command("destroy")
@click.option("--recipient", required=True, help="Who was given the releases, by its code.")
@click.option("--agreement", required=True, help="Under which agreement, by its id.")
@click.option("--reason", required=True, help="Why: the end of retention, or another. Published.")
def destroy_command(recipient: str, agreement: str, reason: str) -> None:
    """Destroy what was released under an agreement that has ended. This cannot be undone.

    Removes the recipient's packs and publishes a signed certificate beside the register. People
    re-identified under the agreement, and the keys of its pseudonyms, which are never made again,
    go with them, or with the last who holds data where the agreement passed on to another body.
    Nothing is ever released to the recipient under the agreement again. Refused while the last
    build has the agreement in date for the recipient. Where the releases were sent, and which
    databases may still serve them, is said.
    """
    from safe_haven.release import lifecycle

    state = State.from_environment(target="operator")
    click.echo(lifecycle.destroy(state, recipient, agreement, reason))
    for line in lifecycle.still_out(state, recipient, agreement):
        click.echo(line)
    click.echo(
        f"Published in {lifecycle.certificate_folder(state, recipient, agreement)}. Keys may be "
        "fewer now: run ./run build before the next release."
    )
    for line in lifecycle.unpublished(state):
        click.echo(line)


@click.command("reidentify")
@click.option("--request", "request_id", required=True, help="The approved request, by its id.")
@click.option(
    "--pseudonyms",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with one pseudonym a line.",
)
def reidentify_command(request_id: str, pseudonyms: Path) -> None:
    """Learn who stands behind pseudonyms, where an approved request allows it.

    Requests and roles of staff stand in seeds/agreements. A request is refused, with every reason,
    unless it is dated, approved by another role than asks, not expired, for direct care, under an
    agreement for risk stratification that is in force, and both roles are trained today. NHS
    numbers are written into an encrypted file below var/controlled; each use is in the audit log,
    as counts.
    """
    from safe_haven.release import reidentify

    state = State.from_environment(target="operator")
    use = reidentify.reidentify(state, request_id, pseudonyms)
    click.echo(f"{use.resolved} of {use.given} pseudonyms resolved, under the key 'controlled':")
    click.echo(str(use.path))


@click.command("validate-invoices")
@click.option("--agreement", required=True, help="The agreement for invoice validation, by its id.")
def validate_invoices_command(agreement: str) -> None:
    """Write whose care a payer's invoices are for, with NHS numbers, for its finance team.

    The records that the payer is responsible for, the fields that the agreement names and no
    others, into an encrypted file below var/controlled, in place of the one before. Refused, with
    every reason, where the last build or today's date speaks against the agreement or its legal
    basis. Opt-outs are waived for it. Each use is in the audit log, as counts.
    """
    from safe_haven.release import invoices

    state = State.from_environment(target="operator")
    given = invoices.give(state, agreement)
    click.echo(f"{given.records} records written, under the key 'controlled':")
    click.echo(str(given.path))


@click.command("evidence")
@click.option("--year", required=True, type=click.IntRange(2000, 2999), help="Calendar year.")
def evidence_command(year: int) -> None:
    """Write the evidence of a year, for whoever audits the safe haven: a page and CSV files.

    What was released, sent, loaded, published, recalled and destroyed; which gates refused, and how
    often; keys made, changed and destroyed; re-identification, queries and copies; tests that ran,
    by name; exceptions. All of it is read from the audit log, which is checked first; counts of
    people are withheld or rounded like any count. The folder is var/audit/evidence/YEAR, written
    anew each time.
    """
    from safe_haven.release import evidence

    state = State.from_environment(target="operator")
    click.echo(str(evidence.evidence(state, year)))
