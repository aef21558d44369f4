"""The gate: a release is cut only from one complete, unfiltered build that passed every test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from safe_haven.build_id import current_build_id
from safe_haven.build_register import content_hash_sql
from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.release import files
from safe_haven.release.tables import NAME
from safe_haven.zones import ZONES

TARGET = "operator"
AGAIN = "Run ./run build (a whole `dbt build --target operator`), then release again."
# Arguments of dbt that leave something out, or build something else than the project says.
FILTERS = (
    "select",
    "exclude",
    "selector",
    "selector_name",
    "resource_types",
    "exclude_resource_types",
    "models",
    "empty",
    "sample",
    "defer",
    "vars",
    "event_time_start",
    "event_time_end",
)
# Unit tests prove the code on rows of their own and touch no table of the build: `./run test` runs
# them, and a build may leave out them and nothing else. One that ran must have passed.
MAY_BE_LEFT_OUT = {"exclude_resource_types": ["unit_test"]}
TESTS = ("test", "unit_test")
BUILT = ("model", "seed", "snapshot", "function")
MAX_SHOWN = 10
SCHEMA_FILE = "_schema.parquet"


def check(state: State, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise SafeHavenError with every reason why no release may be cut; else return."""
    found = list(refusals(state, connection))
    if found:
        shown = "\n  - ".join(found[:MAX_SHOWN])
        more = f"\n  - … and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
        raise SafeHavenError(f"No release can be cut:\n  - {shown}{more}\n{AGAIN}")


def refusals(state: State, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Every reason against a release."""
    if state.target != TARGET:
        yield (
            f"The target is '{state.target}'. Releases are cut from the target '{TARGET}' only, "
            "which nobody develops in."
        )
        return
    manifest = _artefact(state.target_dir / "manifest.json")
    results = _artefact(state.target_dir / "run_results.json")
    if manifest is None or results is None:
        yield (
            f"{state.target_dir} does not hold both manifest.json and run_results.json: there is "
            "no record of a build."
        )
        return
    yield from run_refusals(manifest, results)
    yield from landing_refusals(state)
    yield from register_refusals(state, connection, manifest)


def _artefact(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def run_refusals(manifest: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[str]:
    """Whether the results are those of one whole `dbt build` in which everything passed."""
    arguments = results.get("args", {})
    if arguments.get("which") != "build":
        yield (
            f"The last dbt command was `dbt {arguments.get('which')}`, not `dbt build`: its tests "
            "did not run with the tables they test."
        )
    if arguments.get("target") != TARGET:
        yield f"The last dbt command had the target {arguments.get('target')!r}, not '{TARGET}'."
    for name in FILTERS:
        if arguments.get(name) and arguments[name] != MAY_BE_LEFT_OUT.get(name):
            yield (
                f"The last build was given `{name.replace('_', '-')}` = {arguments[name]!r}: it "
                "is not the whole project as written."
            )
    ids = [part.get("metadata", {}).get("invocation_id") for part in (manifest, results)]
    if ids[0] is None or ids[0] != ids[1]:
        yield (
            "manifest.json and run_results.json come from different runs: another dbt command "
            "(parse, compile, docs …) ran after the build."
        )
    yield from _node_refusals(manifest, results)


def _node_refusals(manifest: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[str]:
    left_out = results.get("args", {}).get("exclude_resource_types") or []
    expected = {
        name: node["resource_type"]
        for group in ("nodes", "unit_tests", "functions")
        for name, node in manifest.get(group, {}).items()
        if node["resource_type"] in TESTS + BUILT
        and node["resource_type"] not in left_out
        and node.get("config", {}).get("materialized") != "ephemeral"
    }
    if not any(kind in TESTS for kind in expected.values()):
        yield "The project declares no test: nothing would be proved."
    for name, versions in sorted(manifest.get("disabled", {}).items()):
        if any(version.get("resource_type") in TESTS for version in versions):
            yield f"The test {name} is declared and disabled. Enable it or remove it."
    outcomes: dict[str, list[str]] = {}
    for result in results.get("results", []):
        outcomes.setdefault(result["unique_id"], []).append(result["status"])
    for name, kind in sorted(expected.items()):
        wanted = "pass" if kind in TESTS else "success"
        seen = outcomes.get(name, [])
        if not seen:
            yield f"{name} did not run in the last build."
        elif set(seen) != {wanted}:
            yield f"{name} ended with '{', '.join(sorted(set(seen)))}', not '{wanted}'."
    for name, seen in sorted(outcomes.items()):
        if name not in expected and set(seen) - {"success", "pass"}:
            yield f"{name} ended with '{', '.join(sorted(set(seen)))}'."


def landing_refusals(state: State) -> Iterator[str]:
    """Whether every landed file is the one that was registered when it was received."""
    envelopes = sorted((state.landing / "submission").glob("*.parquet"))
    registered: dict[tuple[str, str], str] = {}
    with duckdb.connect(":memory:") as reader:
        for path in envelopes:
            try:
                rows = reader.execute(
                    "select feed, submission_id, landed_sha256 from read_parquet(?)", [str(path)]
                ).fetchall()
            except duckdb.Error:
                yield f"The envelope {path.name} in the landing folder cannot be read."
                continue
            registered |= {(feed, submission): landed for feed, submission, landed in rows}
        for path in sorted(state.landing.glob(f"*/{SCHEMA_FILE}")):
            if reader.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()[0]:
                yield (
                    f"{path.parent.name}/{SCHEMA_FILE} in the landing folder holds rows; it only "
                    "gives an empty feed its columns. Remove it: the next build makes it again."
                )
    landed = {
        (path.parent.name, path.stem): path
        for path in sorted(state.landing.glob("*/*.parquet"))
        if path.parent.name != "submission" and path.name != SCHEMA_FILE
    }
    for (feed, submission), path in landed.items():
        if (feed, submission) not in registered:
            yield f"Landed file {feed}/{path.name} has no envelope: it was not loaded. Remove it."
        elif files.file_sha256(path) != registered[feed, submission]:
            yield (
                f"Landed file {feed}/{path.name} is not the file that was registered: it was "
                "changed after it was received. Load the submission again."
            )
    for feed, submission in sorted(registered.keys() - landed.keys()):
        yield f"Landed file {feed}/{submission}.parquet is registered and gone. Load it again."


def register_refusals(
    state: State, connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]
) -> Iterator[str]:
    """Whether every relation is of the one build that today's inputs and code would make.

    What releases read (`rel_` and `mart_`) is also counted and hashed again.
    """
    build_id = current_build_id(state)
    expected: dict[str, set[str]] = {zone: set() for zone in ZONES}
    for name, node in manifest.get("nodes", {}).items():
        if node["resource_type"] not in BUILT or node["config"]["materialized"] == "ephemeral":
            continue
        if node.get("database") not in expected:
            yield f"{name} is built outside the five zones (database {node.get('database')!r})."
            continue
        expected[node["database"]].add(f"{node['schema']}.{node['alias']}")
    for zone, relations in expected.items():
        if relations:
            yield from _zone_refusals(connection, zone, relations, build_id)


def _zone_refusals(
    connection: duckdb.DuckDBPyConnection, zone: str, relations: set[str], build_id: str
) -> Iterator[str]:
    try:
        rows = connection.execute(
            f"select relation, build_id, row_count, content_hash from {zone}.meta.build_register"  # noqa: S608 (a constant)
        ).fetchall()
    except duckdb.Error:
        yield f"The zone '{zone}' has no build register: it was never built."
        return
    registered: dict[str, list[tuple[str, int, str]]] = {}
    for relation, *facts in rows:
        registered.setdefault(relation, []).append(tuple(facts))
    for relation in sorted(relations):
        facts = registered.get(relation, [])
        if len(facts) != 1:
            yield f"{zone}.{relation} is in the build register {len(facts)} times, not once."
        elif facts[0][0] != build_id:
            yield (
                f"{zone}.{relation} is of build {facts[0][0]}; inputs, code and keys of today "
                f"make {build_id}. Something changed after the build, or it was built in parts."
            )
        elif relation.split(".")[1].startswith(("rel_", "mart_")):
            yield from _content_refusals(connection, zone, relation, facts[0][1:])
    yield from _unregistered(connection, zone, relations)


def _content_refusals(
    connection: duckdb.DuckDBPyConnection, zone: str, relation: str, registered: tuple[Any, ...]
) -> Iterator[str]:
    schema, name = relation.split(".")
    if not (NAME.fullmatch(schema) and NAME.fullmatch(name)):
        yield f"{zone}.{relation} has a name that cannot be read safely."
        return
    try:
        found = connection.execute(content_hash_sql(f"{zone}.{relation}")).fetchone()
    except duckdb.Error:
        yield f"{zone}.{relation} is in the build register and cannot be read."
        return
    if tuple(found) != tuple(registered):
        yield f"{zone}.{relation} was changed after the build: its rows are not those registered."


def _unregistered(
    connection: duckdb.DuckDBPyConnection, zone: str, relations: set[str]
) -> Iterator[str]:
    """Tables and views a release could read that this build did not make."""
    present = connection.execute(
        "select schema_name || '.' || table_name as relation from duckdb_tables() "
        "where database_name = ? and regexp_matches(table_name, '^(rel|mart)_') "
        "union select schema_name || '.' || view_name from duckdb_views() "
        "where database_name = ? and regexp_matches(view_name, '^(rel|mart)_') order by relation",
        [zone, zone],
    ).fetchall()
    for (relation,) in present:
        if relation not in relations:
            yield (
                f"{zone}.{relation} is in the warehouse and not in the project: drop it, or "
                "remove the warehouse of this target and build again."
            )
