"""The verb `publish`."""

from __future__ import annotations

from pathlib import Path

import click

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.publish.lookups import read_lookups, to_csv, to_workbook
from safe_haven.publish.open_data import open_data
from safe_haven.publish.page import patient_page
from safe_haven.release import files, register, rules, signing
from safe_haven.release.audits import Checks, refuse
from safe_haven.release.pack import read_orders
from safe_haven.zones import open_read_only, writer_lock

WORKBOOK = "lookups.xlsx"
PAGE = "how_your_records_are_used.html"
OPEN_DATA = "open_data"
PREPARING = ".preparing"


@click.command("publish")
def publish_command() -> None:
    """Publish lookups, registers, the quality scorecard, open data, and a page for patients.

    From the last whole build, whose every test passed, and the signed register. Counts only as the
    disclosure audit found them safe; no file holds a person.
    """
    folder = publish(State.from_environment(target="operator"))
    click.echo(f"Published in {folder}")


def publish(state: State, checks: Checks | None = None) -> Path:
    """Write the published files in one step, and return their folder.

    Errors: SafeHavenError when the build does not pass the gate of a release, or when an identifier
    or a withheld count is found in what was written; then what was published before stays.
    """
    checks = checks or Checks()
    folder = state.public / "lookups"
    with writer_lock(state), open_read_only(state) as connection:
        checks.gate(state, connection)
        key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
        lookups = read_lookups(connection, register.load(state.register, key))
        in_force = [row for row in lookups["agreement_register"].records() if row["is_in_force"]]
        content = {f"{name}.csv": to_csv(lookup) for name, lookup in lookups.items()}
        content[WORKBOOK] = to_workbook(list(lookups.values()))
        content[PAGE] = patient_page(collected_about_people(), in_force)
        rules.check(connection, [o.facts["data_cut"] for o in read_orders(connection)])
        of_open_data = open_data(connection)
        content |= {f"{OPEN_DATA}/{name}": data for name, data in of_open_data.items()}
        files.remove(folder / PREPARING)
        written = [folder / PREPARING / name for name in sorted(content)]
        for path in written:
            files.write_new(path, content[path.name])
        refuse(checks.audit([folder / PREPARING / OPEN_DATA]), "the disclosure audit")
        refuse(checks.scan(connection, written, []), "the search for identifiers")
        return _put_in_place(folder, content)


def collected_about_people() -> list[str]:
    """What the input contracts collect about people, in words."""
    return [c.subject for c in contracts().values() if "nhs_number" in c.column_names]


def _put_in_place(folder: Path, content: dict[str, bytes]) -> Path:
    """A new version beside the old, then one link is moved: old or new, never mixed."""
    version = "version-" + files.sha256(b"".join(content[name] for name in sorted(content)))[:16]
    files.remove(folder / version)
    files.move(folder / PREPARING, folder / version)
    files.point(folder / "current", version)
    for old in folder.glob("version-*"):
        if old.name != version:
            files.remove(old)
    return folder / "current"
