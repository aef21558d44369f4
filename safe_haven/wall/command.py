"""`safe-haven wall` and `safe-haven tests-ran`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import duckdb

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.wall import canary
from safe_haven.wall.executed import counts, tests_ran
from safe_haven.wall.findings import Finding, as_table
from safe_haven.wall.gate import checked, gate, undocumented_columns
from safe_haven.wall.needles import searcher
from safe_haven.wall.policy import ZONES

# What dbt writes that is handed out. The rest of the target folder, and every log, counts as
# identifiable: a failed cast writes a value into it.
ARTEFACTS = ("manifest.json", "catalog.json", "index.html", "static_index.html")


def artefact(state: State, name: str) -> dict[str, Any]:
    """One of dbt's JSON artefacts. Raises SafeHavenError where it is missing or torn."""
    path = state.target_dir / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SafeHavenError(f"{path} does not exist: run ./run build first.") from None
    except ValueError:
        raise SafeHavenError(
            f"{path} is not whole, perhaps since dbt is writing it. Run ./run build again."
        ) from None


def project_text(root: Path) -> Iterator[str]:
    """What is written in the project's models, macros, seeds, tests and analyses, file by file."""
    for folder in ("models", "macros", "seeds", "tests", "analyses"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".sql", ".yml", ".md", ".csv"}:
                yield path.read_text(encoding="utf-8")


def published_numbers(root: Path) -> set[str]:
    """Ten-digit numbers in the project's own text: examples that everybody may read.

    They stand again in dbt's manifest, which repeats that text; nowhere else are they excused.
    """
    return {
        number for text in project_text(root) for number in re.findall(r"(?<!\d)\d{10}(?!\d)", text)
    }


def numbers_inside_codes(root: Path) -> set[str]:
    """Ten digits of a longer code in the project's own text, such as a SNOMED CT code of a seed.

    A sender who calls a patient by such digits would stop every build. They are excused in what
    repeats that text, the tables of the seeds and the manifest; a number alone in a seed is not.
    """
    return {
        digits
        for text in project_text(root)
        for code in re.findall(r"\d{11,}", text)
        for digits in re.findall(r"(?=(\d{10}))", code)
    }


def known_identifiers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What to search for. Raises SafeHavenError where there is nothing."""
    needles = canary.needles(connection)
    if not needles:
        raise SafeHavenError(
            "The identifiable zone holds no NHS number, so a scan would prove nothing. Run "
            "./run build first."
        )
    return needles


def scan(state: State) -> list[Finding]:
    """Search everything outside the identifiable zone for any identifier in it."""
    from safe_haven.zones import open_read_only, zone_file

    connection = open_read_only(state)
    try:
        needles = known_identifiers(connection)
        others = [zone for zone in ZONES if zone != "identifiable"]
        in_codes = numbers_inside_codes(PROJECT_ROOT)
        findings = canary.scan_connection(connection, others, needles, seeds_may_hold=in_codes)
        findings += undocumented_columns(artefact(state, "manifest.json"), connection)
    finally:
        connection.close()
    for zone in ZONES:
        if canary.is_open_database(zone_file(state, zone)):
            findings.append(
                Finding(
                    "zone-encryption",
                    zone,
                    "the zone's file opens without a key",
                    "delete the file and build again: the plugin makes it encrypted",
                )
            )
    findings += canary.scan_paths([state.releases, state.public], needles)
    findings += scan_containers(state, [state.releases], needles)
    handed_out = [state.target_dir / name for name in ARTEFACTS]
    findings += canary.scan_paths(
        [path for path in handed_out if path.exists()],
        needles,
        published_numbers(PROJECT_ROOT) | in_codes,
    )
    return sorted(findings)


def scan_given(state: State, paths: Sequence[Path]) -> tuple[int, list[Finding]]:
    """Search files and folders that a person names: how many files, and what was found in them.

    Encrypted containers of packs are opened with the recipient's key from the keyring; one that
    cannot be opened is a finding.
    """
    from safe_haven.zones import open_read_only

    # A link is followed: a person who names `current` means the pack it leads to.
    given = [path.resolve() for path in paths]
    searched = list(canary.files(given))
    if not searched:
        raise SafeHavenError(
            f"There is no file at {', '.join(map(str, paths))}, so a scan would prove nothing."
        )
    connection = open_read_only(state)
    try:
        needles = known_identifiers(connection)
    finally:
        connection.close()
    findings = canary.scan_paths(given, needles) + scan_containers(state, given, needles)
    return len(searched), sorted(findings)


def scan_containers(state: State, paths: Sequence[Path], needles: Sequence[str]) -> list[Finding]:
    """Search the rows of encrypted DuckDB files at or below `paths`, whatever their names.

    The key is the one of the recipient that the manifest in the same pack names.
    """
    from safe_haven.release import records

    findings: list[Finding] = []
    keyring = Keyring(state.keys)
    search = searcher(needles)
    for path in canary.files(paths):
        if not canary.is_encrypted_database(path):
            continue
        try:
            manifest = json.loads((path.parent.parent / "manifest.json").read_bytes())
            key = keyring.key(f"recipient-{manifest['recipient_code']}")
            with records.attached(path, key, "READ_ONLY") as opened:
                found = canary.search_connection(opened, ["pack"], search)
        except (OSError, ValueError, KeyError, TypeError, SafeHavenError):
            findings.append(
                Finding(
                    "scan-unreadable",
                    canary.named(path, search),
                    "no key of a recipient in the keyring opens it, or its manifest is missing",
                    "scan the pack as it was released, where its recipient's key is",
                )
            )
            continue
        findings += [
            Finding(
                item.rule, f"{canary.named(path, search)} : {item.node}", item.why, item.what_to_do
            )
            for item in found
        ]
    return findings


# Enough to see what is wrong; the rest is counted.
MAX_SHOWN = 50


def report(findings: list[Finding], conclusion: str) -> None:
    """Print the findings and leave with 1 if there are any."""
    if findings:
        click.echo(as_table(findings[:MAX_SHOWN]))
        if len(findings) > MAX_SHOWN:
            click.echo(f"... and {len(findings) - MAX_SHOWN} more")
        click.echo(f"{len(findings)} findings: {conclusion}.", err=True)
        sys.exit(1)


@click.command("wall")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--scan", "with_scan", is_flag=True, help="Also search the built data and packs.")
@click.option("--target", help="The dbt target that was built [default: dev; with PATHS operator].")
def wall_command(paths: tuple[Path, ...], with_scan: bool, target: str | None) -> None:
    """Check that no identifier can leave the identifiable zone; with --scan, that none has.

    With PATHS (`wall --scan PATH...`) search those files and folders and nothing else, say packs
    before they are handed over, for every identifier in the identifiable zone of the target.
    """
    # Releases are cut from the target operator: the patients in them are its patients.
    state = State.from_environment(target or ("operator" if paths else "dev"))
    if paths:
        if not with_scan:
            raise click.UsageError("PATHS are for --scan: ./run wall --scan PATH...")
        searched, findings = scan_given(state, paths)
        report(findings, "an identifier is where none may be")
        click.echo(f"No identifier in the {searched} files searched.")
        return
    manifest = artefact(state, "manifest.json")
    report(gate(manifest), "the wall does not hold")
    nodes, columns = checked(manifest)
    click.echo(f"The wall holds: {nodes} nodes and {columns} columns checked.")
    if with_scan:
        report(scan(state), "an identifier is where none may be")
        click.echo("No identifier outside the identifiable zone.")


@click.command("tests-ran")
def tests_ran_command() -> None:
    """Check that every test declared was parsed by dbt, ran in the last build, and passed."""
    state = State.from_environment()
    manifest = artefact(state, "manifest.json")
    results = artefact(state, "run_results.json")
    report(tests_ran(PROJECT_ROOT, manifest, results), "not every test ran and passed")
    declared, parsed, passed = counts(PROJECT_ROOT, manifest, results)
    click.echo(f"Tests: {declared} declared = {parsed} parsed = {passed} executed and passed.")
