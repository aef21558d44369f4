"""`safe-haven load LAYOUT FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from safe_haven.errors import FactError, SafeHavenError, shown
from safe_haven.load.loader import Loaded, load_file
from safe_haven.load.protocol import BULK, NET, read_facts
from safe_haven.paths import State

ERRORS_QUERY = (
    "select source_row, column_name, rule, severity, what_to_do "
    "from identifiable.staging.stg_error_report where submission_id = '{submission_id}' "
    "order by all"
)


@click.command(name="load")
@click.argument("layout")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--received-on", metavar="DATE", help="Day of receipt. Default: the release date.")
@click.option("--sender", metavar="CODE", help="Who sent it. Default: the layout's own sender.")
@click.option("--test-file", is_flag=True, help="A test: counted, and dropped by the build.")
@click.option("--protocol", type=click.Choice([NET, BULK]), help="How it replaces.  [default: net]")
@click.option("--bulk-group", metavar="CODE", help="Bulk: which kind of record it replaces.")
@click.option("--period-start", metavar="DATE", help="First day covered; bulk: replaced.")
@click.option("--period-end", metavar="DATE", help="Last day covered; bulk: replaced.")
@click.option("--extract-at", metavar="TIME", help="When it was extracted. Default: on receipt.")
@click.option("--vintage", metavar="DATE", help="Reference data: the day as of which it speaks.")
@click.option("--applicable-at", metavar="TIME", help="Net: when its changes applied.")
@click.option("--prime-recipient", metavar="CODE", help="For whom the records were sent.")
@click.option(
    "--envelope",
    type=click.Path(path_type=Path),
    help="These facts from a YAML file that the sender put beside FILE.",
)
def load_command(
    layout: str,
    file: Path,
    received_on: str | None,
    sender: str | None,
    test_file: bool,
    envelope: Path | None,
    bulk_group: str | None,
    prime_recipient: str | None,
    extract_at: str | None,
    vintage: str | None,
    **facts: str | None,
) -> None:
    """Load FILE, written in LAYOUT, as one submission.

    A layout is a mapping in safe_haven/load/mappings (hes-apc, hes-ae, ...) or landing-<feed> for
    a file that has the feed's own columns. A file that cannot be read is refused as a whole and
    nothing is written; a row that breaks the contract is refused by the build.

    A net file (the default) replaces records one by one. A bulk file replaces everything of its
    sender and group in its period, and may be empty. A file of reference data replaces the one
    before it as a whole: of the same list, the one with the latest vintage is in use.
    """
    if vintage and extract_at:
        raise SafeHavenError("--vintage and --extract-at say the same thing. Say it once.")
    named = {
        "bulk_replacement_group": bulk_group,
        "prime_recipient_code": prime_recipient,
        "extract_at": extract_at or vintage,
    }
    state = State.from_environment("operator")
    given = read_facts(facts | named, envelope)
    try:
        loaded = load_file(state, layout, file, received_on, sender, test_file, given)
    except FactError as error:
        options = " and ".join(error.options)
        raise SafeHavenError(f"{error} On the command line: {options}.") from None
    click.echo(summary(loaded))


def summary(loaded: Loaded) -> str:
    """What was loaded, as a short table, and how to see what the build makes of it."""
    submission = loaded.submission
    facts = [
        ("file", submission.file_name),
        ("layout, feed", f"{submission.layout}, {submission.feed}"),
        (
            "sent by, received on",
            f"{submission.sender_organisation_code}, {submission.received_on}",
        ),
        ("rows received", f"{int(submission.rows_received):,}"),
        ("columns kept", f"{loaded.columns_kept} of {loaded.columns_received}"),
        ("submission", submission.submission_id),
    ]
    if submission.protocol == BULK:
        window = f"{submission.period_start} to {submission.period_end}"
        facts.append(("replaces", f"group {submission.bulk_replacement_group}, {window}"))
    if submission.test_indicator == "1":
        facts.append(("test file", "yes: the build counts it and drops it"))
    if loaded.unexpected:
        facts.append(("columns nobody asked for", ", ".join(map(shown, loaded.unexpected))))
    width = max(len(name) for name, _ in facts)
    lines = [f"{name:<{width}}  {value}" for name, value in facts]
    query = ERRORS_QUERY.format(submission_id=submission.submission_id)
    return "\n".join(
        [
            *lines,
            "",
            "Each row is checked against its contract by the build. After `./run build`:",
            f'./run sql "{query}"',
        ]
    )
