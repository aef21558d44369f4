"""`safe-haven collect`."""

from __future__ import annotations

from contextlib import nullcontext

import click

from safe_haven.collect.collector import Collector, Left, send_row_reports
from safe_haven.collect.config import read_config
from safe_haven.collect.delivery import UNDELIVERABLE, Record
from safe_haven.collect.folder import WatchedFolder
from safe_haven.collect.mesh import MeshMailbox
from safe_haven.errors import SafeHavenError, shown
from safe_haven.heartbeat import heartbeat
from safe_haven.load.protocol import iso_day
from safe_haven.paths import State


@click.command("collect")
@click.option(
    "--received-on",
    metavar="DATE",
    help="Day of receipt of files in var/inbox. Default: the release date.",
)
@click.option("--report", is_flag=True, help="Send senders their row errors, after ./run build.")
def collect_command(received_on: str | None, report: bool) -> None:
    """Collect what waits in the MESH mailbox, or in var/inbox where there is none.

    Each file is landed as `load` does and then acknowledged. A file that is refused is
    acknowledged too, and its sender is told why at once; --report sends what the build found row
    by row. Mailbox, workflows and senders stand in var/collect.yml (CONTRIBUTING.md, Collect).
    """
    if received_on:
        iso_day("received_on", received_on)
    state = State.from_environment("operator")
    config = read_config(state)
    box = config.mailbox
    count = left = 0
    with MeshMailbox(state, box) if box else nullcontext(WatchedFolder(state)) as transport:
        if report:
            outcomes = send_row_reports(state, transport)
        else:
            outcomes = Collector(state, config, transport, received_on).run()
        with heartbeat("collect"):
            for name, outcome in outcomes:
                count += 1
                left += isinstance(outcome, Left)
                click.echo(line(name, outcome, report))
    done = "reported" if report else "landed or refused"
    click.echo(f"{done}: {count - left}; left for the next run: {left}")
    if transport.unready:
        click.echo(f"still being written, so taken by a later run: {transport.unready}")
    if left:
        raise SafeHavenError(
            f"{left} could not be dealt with and wait where they were. Run again; what stays then "
            f"has its fault here, such as a full disk: {state.logs / 'collect.log'} says more."
        )


def line(name: str, outcome: Record | Left, report: bool) -> str:
    """One line for the screen: names and ids, never a value of a file."""
    if isinstance(outcome, Left):
        return f"left      {name}  {outcome.error}"
    sent = outcome.row_report if report else outcome.refusal_report
    words = [name, outcome.delivery_id, outcome.submission_id or outcome.reason]
    if sent == UNDELIVERABLE:
        words.append(f"(its report could not be delivered to {shown(outcome.answer_to)})")
    kind = "reported" if report else outcome.outcome
    return f"{kind:<9} {'  '.join(dict.fromkeys(words))}".rstrip()
