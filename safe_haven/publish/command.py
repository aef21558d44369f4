"""The verb `publish`."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

from safe_haven.build_id import current_build_id
from safe_haven.keyring import Keyring
from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.publish.lookups import read_lookups, to_csv, to_workbook
from safe_haven.publish.open_data import open_data
from safe_haven.publish.page import patient_page
from safe_haven.publish.proof import FORMAT, OPEN_DATA, PAGE, WORKBOOK, sign, verify_publication
from safe_haven.release import events, files, pack, register, rules, signing, verify
from safe_haven.release.audits import Checks, refuse
from safe_haven.zones import open_read_only, writer_lock

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
    """Write the published files in one step, signed and proved, and return their folder.

    Errors: SafeHavenError when the build does not pass the gate of a release, or when an identifier
    or a withheld count is found in what was written; then what was published before stays.
    """
    checks = checks or Checks()
    folder = state.publication
    with writer_lock(state):
        with open_read_only(state) as connection:
            checks.gate(state, connection)
            keyring = Keyring(state.keys)
            public_key = signing.publish_public_key(state, keyring)
            known = register.load(state.register, public_key)
            content = _content(connection, known)
            prepared = folder / PREPARING
            files.remove(prepared)
            for name, data in content.items():
                files.write_new(prepared / name, data)
            sign(prepared, keyring, current_build_id(state), len(known.entries))
            evidence = verify.Evidence(public_key, known, audit=checks.audit)
            refuse(_unproved(verify_publication(prepared, evidence)), "the proof of the files")
            written = [path for path in sorted(prepared.rglob("*")) if path.is_file()]
            refuse(checks.scan(connection, written, []), "the search for identifiers")
        _put_in_place(state, folder, public_key)
    return folder / "current"


def _unproved(report: verify.Report) -> list[str]:
    return [
        f"{name}: {detail}"
        for name, proof in report.proofs.items()
        if proof.outcome != verify.PROVED
        for detail in proof.details
    ]


def _content(connection: duckdb.DuckDBPyConnection, known: register.Register) -> dict[str, bytes]:
    """What is published, by path."""
    lookups = read_lookups(connection, known)
    agreements = lookups["agreement_register"].records()
    in_force = [row for row in agreements if row["standing"] == "in_force"]
    rules.check(connection, [order.facts["data_cut"] for order in pack.read_orders(connection)])
    return {
        **{f"{name}.csv": to_csv(lookup) for name, lookup in lookups.items()},
        **{f"{OPEN_DATA}/{name}": data for name, data in open_data(connection).items()},
        WORKBOOK: to_workbook(list(lookups.values())),
        PAGE: patient_page(collected_about_people(), in_force),
    }


def collected_about_people() -> list[str]:
    """What the input contracts collect about people, in words."""
    return [c.subject for c in contracts().values() if "nhs_number" in c.column_names]


def _put_in_place(state: State, folder: Path, public_key: signing.Ed25519PublicKey) -> None:
    """A new version beside the old, then one link is moved: old or new, never mixed.

    The log is told before and after: a run that was killed may have published.
    """
    prepared = folder / PREPARING
    manifest_sha256 = files.file_sha256(prepared / pack.MANIFEST)
    version = f"version-{manifest_sha256[:16]}"
    before = (folder / "current").resolve()
    if before.name == version and verify.prove_bytes(before, public_key, FORMAT)[0]:
        files.remove(prepared)
        return
    hashes = pack.listed_files(prepared) | {
        name: files.file_sha256(prepared / name) for name in (pack.MANIFEST, pack.SIGNATURE)
    }
    about = {"version": version, "files": hashes}
    events.record(state, [(events.PUBLICATION_BEGUN, about)])
    files.remove(folder / version)
    files.move(prepared, folder / version)
    files.point(folder / "current", version)
    for old in folder.glob("version-*"):
        if old.name != version:
            files.remove(old)
    events.record(state, [(events.PUBLISHED, about)])
