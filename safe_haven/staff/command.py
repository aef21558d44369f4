"""`safe-haven analyst-copy`."""

from __future__ import annotations

import click

from safe_haven.paths import State


@click.command("analyst-copy")
@click.option("--staff", "staff_role", required=True, help="The role of staff, in staff_access.")
def analyst_copy_command(staff_role: str) -> None:
    """Give an analyst a copy of core and governance for the area of its office.

    Refused, with the reason, unless the role is an analyst whose training is valid today. The copy
    is one encrypted file in a folder to be handed over, with its own key and none of a zone; keys
    of persons and records are other ones than in the warehouse and in any other copy. Records that
    a legal gate closes are not in it. Whoever may have no copy any more loses it in the same run.
    """
    from safe_haven.staff import copies

    analyst = copies.give(State.from_environment(target="operator"), staff_role)
    click.echo(f"Hand over this folder: {analyst.var}")
    click.echo(f'There: SAFE_HAVEN_VAR={analyst.var} ./run sql --target analyst "show all tables"')
