"""`safe-haven`: one command, one verb per job. Verbs load only the code they need."""

from __future__ import annotations

import importlib
import sys

import click

from safe_haven.errors import SafeHavenError, printable

VERBS = {
    "build": "safe_haven.run.command:build_command",
    "test": "safe_haven.run.command:test_command",
    "lint": "safe_haven.run.command:lint_command",
    "soak": "safe_haven.run.soak:soak_command",
    "soak-kill": "safe_haven.run.soak_kill:soak_kill_command",
    "simulate": "safe_haven.simulate.command:simulate_command",
    "collect": "safe_haven.collect.command:collect_command",
    "contracts": "safe_haven.load.staging:contracts_command",
    "load": "safe_haven.load.command:load_command",
    "status": "safe_haven.query.command:status_command",
    "reconcile": "safe_haven.query.command:reconcile_command",
    "sql": "safe_haven.query.command:sql_command",
    "release": "safe_haven.release.command:release_command",
    "verify": "safe_haven.release.command:verify_command",
    "deliver": "safe_haven.deliver.command:deliver_command",
    "recall": "safe_haven.release.lifecycle_command:recall_command",
    "reidentify": "safe_haven.release.lifecycle_command:reidentify_command",
    "validate-invoices": "safe_haven.release.lifecycle_command:validate_invoices_command",
    "analyst-copy": "safe_haven.staff.command:analyst_copy_command",
    "evidence": "safe_haven.release.lifecycle_command:evidence_command",
    "destroy": "safe_haven.release.lifecycle_command:destroy_command",
    "publish": "safe_haven.publish.command:publish_command",
    "serve": "safe_haven.serve.command:serve_command",
    "protect": "safe_haven.suppression.command:protect_command",
    "audit": "safe_haven.disclosure.command:audit_command",
    "wall": "safe_haven.wall.command:wall_command",
    "tests-ran": "safe_haven.wall.command:tests_ran_command",
}


class LazyGroup(click.Group):
    """A group that imports a verb's module only when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order a newcomer meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command behind a verb, or None when there is no such verb."""
        if cmd_name not in VERBS:
            return None
        module, attribute = VERBS[cmd_name].split(":")
        return getattr(importlib.import_module(module), attribute)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Collect, hold, pseudonymise, aggregate, suppress and release; and prove it."""


def main() -> None:
    """Run the command line; a SafeHavenError is shown as its message and exits 2."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except SafeHavenError as error:
        lines = map(printable, str(error).split("\n"))
        click.echo("safe-haven: " + "\n".join(lines), err=True)
        sys.exit(2)
