"""The verb `publish`."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.publish.lookups import read_lookups, to_csv, to_workbook
from safe_haven.publish.open_data import open_data
from safe_haven.publish.page import patient_page
from safe_haven.release import events, files, register, rules, signing
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
    with writer_lock(state):
        with open_read_only(state) as connection:
            checks.gate(state, connection)
            content = _content(state, connection)
            files.remove(folder / PREPARING)
            written = [folder / PREPARING / name for name in sorted(content)]
            for path in written:
                files.write_new(path, content[path.relative_to(folder / PREPARING).as_posix()])
            refuse(checks.audit([folder / PREPARING / OPEN_DATA]), "the disclosure audit")
            refuse(checks.scan(connection, written, []), "the search for identifiers")
        _put_in_place(state, folder, {name: files.sha256(data) for name, data in content.items()})
    return folder / "current"


def _content(state: State, connection: duckdb.DuckDBPyConnection) -> dict[str, bytes]:
    """What is published, by path."""
    key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    lookups = read_lookups(connection, register.load(state.register, key))
    in_force = [row for row in lookups["agreement_register"].records() if row["is_in_force"]]
    rules.check(connection, [order.facts["data_cut"] for order in read_orders(connection)])
    return {
        **{f"{name}.csv": to_csv(lookup) for name, lookup in lookups.items()},
        **{f"{OPEN_DATA}/{name}": data for name, data in open_data(connection).items()},
        WORKBOOK: to_workbook(list(lookups.values())),
        PAGE: patient_page(collected_about_people(), in_force),
    }


def collected_about_people() -> list[str]:
    """What the input contracts collect about people, in words."""
    return [c.subject for c in contracts().values() if "nhs_number" in c.column_names]


def _put_in_place(state: State, folder: Path, hashes: dict[str, str]) -> None:
    """A new version beside the old, then one link is moved: old or new, never mixed.

    The log is told before and after: a run that was killed may have published.
    """
    version = "version-" + files.sha256(files.canonical_json(hashes))[:16]
    if (folder / "current").resolve().name == version:
        files.remove(folder / PREPARING)
        return
    about = {"version": version, "files": hashes}
    events.record(state, [(events.PUBLICATION_BEGUN, about)])
    files.remove(folder / version)
    files.move(folder / PREPARING, folder / version)
    files.point(folder / "current", version)
    for old in folder.glob("version-*"):
        if old.name != version:
            files.remove(old)
    events.record(state, [(events.PUBLISHED, about)])
