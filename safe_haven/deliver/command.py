"""The verb `deliver`."""

from __future__ import annotations

import click

from safe_haven.collect.config import read_config
from safe_haven.collect.mesh import MeshMailbox
from safe_haven.errors import SafeHavenError
from safe_haven.heartbeat import heartbeat
from safe_haven.paths import State


@click.command("deliver")
@click.option("--recipient", help="Only to this recipient, by its code.")
@click.option("--agreement", help="Only under this agreement, by its id.")
@click.option("--again", is_flag=True, help="Send what was sent before once more.")
def deliver_command(recipient: str | None, agreement: str | None, again: bool) -> None:
    """Send the releases in force to the MESH mailboxes of their recipients, each once.

    Each pack is proved with its register before it is sent, as one zip file. A release is refused
    when the last build or today's date speaks against its agreement, or when var/collect.yml or
    MESH does not know the mailbox as the recipient's. Each message is in the audit log. One that a
    run that was killed may have sent is sent again under the same local id.
    """
    from safe_haven.deliver import send
    from safe_haven.release.command import as_table

    state = State.from_environment("operator")
    config = read_config(state)
    if config.mailbox is None or config.deliveries is None:
        raise SafeHavenError(
            "var/collect.yml has no deliveries. How they are written: CONTRIBUTING.md, Deliver."
        )
    with MeshMailbox(state, config.mailbox) as post, heartbeat("deliver"):
        outcomes = send.deliver(state, post, config.deliveries, recipient, agreement, again)
    rows = [(item.recipient, item.agreement, item.outcome, item.detail) for item in outcomes]
    click.echo(as_table(("recipient", "agreement", "outcome", "message or reason"), rows))
    if refused := sum(item.outcome == send.REFUSED for item in outcomes):
        raise SafeHavenError(f"{refused} of {len(outcomes)} were not sent.")
