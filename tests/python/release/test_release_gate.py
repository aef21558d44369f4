"""The gate: every way in which a build is not one complete, tested build of today's inputs.

Each attack has its control in `refusal`: without the checks that find it, the build is released.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from release_world import NO_CHECKS, World, open_quickly

from safe_haven.build_id import current_build_id
from safe_haven.build_register import content_hash_sql
from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.release import files, gate
from safe_haven.release.audits import Checks

TABLES = (
    "rel_pack",
    "rel_field",
    "rel_entitlement",
    "rel_activity_by_month",
    "rel_apc_spell",
    "rel_emergency_attendance",
    "rel_superseded_pseudonym",
    "rel_gate_count",
)
MODELS = [("restricted", "releases", name) for name in TABLES]
MODELS += [("pseudonymised", "core", "fct_activity"), ("aggregated", "marts", "mart_small")]
GATE_ONLY = Checks(audit=NO_CHECKS.audit, scan=NO_CHECKS.scan)


@pytest.fixture(scope="module")
def gated(built: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The invented warehouse with everything a complete build leaves behind."""
    root = tmp_path_factory.mktemp("gated")
    world = built.copy(root / "var")
    (root / "code" / "models").mkdir(parents=True)
    (root / "code" / "models" / "a.sql").write_text("select 1")
    land(world, "person", "sub-1", "SUB-1")
    world.sql(
        "create schema core; create table core.fct_activity as select 1 as n".replace(
            "core", "pseudonymised.core"
        ),
        zone="pseudonymised",
    )
    world.sql(
        "create schema aggregated.marts",
        "create table aggregated.marts.mart_small as select 5 as n",
        zone="aggregated",
    )
    register(world, current_build_id(world.state, root / "code"))
    write_artefacts(world)
    return world


@pytest.fixture
def gate_world(gated: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of it; the code the build id covers lies in the copy's neighbourhood."""
    code = tmp_path / "code"
    (code / "models").mkdir(parents=True)
    (code / "models" / "a.sql").write_text("select 1")
    monkeypatch.setattr(gate, "current_build_id", lambda state: current_build_id(state, code))
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    return gated.copy(tmp_path / "var")


def land(world: World, feed: str, submission: str, content: str) -> None:
    """Put a submission and its envelope into the landing folder."""
    for folder in (feed, "submission"):
        (world.state.landing / folder).mkdir(exist_ok=True)
    landed = world.state.landing / feed / f"{submission}.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"copy (select '{content}' as n) to '{landed}'")
        digest = files.file_sha256(landed)
        connection.execute(
            f"copy (select '{submission}' as submission_id, '{feed}' as feed, "
            f"'{digest}' as landed_sha256) to "
            f"'{world.state.landing / 'submission' / submission}.parquet'"
        )


def register(world: World, build_id: str) -> None:
    """Register every model as built by `build_id`."""
    for zone in ("pseudonymised", "restricted", "aggregated"):
        statements = [
            f"create schema {zone}.meta",
            f"create table {zone}.meta.build_register (relation varchar, build_id varchar, "
            "row_count bigint, content_hash varchar)",
        ]
        for at, schema, name in MODELS:
            if at == zone:
                counted = content_hash_sql(f"{zone}.{schema}.{name}")
                statements.append(
                    f"insert into {zone}.meta.build_register "
                    f"select '{schema}.{name}', '{build_id}', * from ({counted})"
                )
        world.sql(*statements, zone=zone)


def write_artefacts(world: World) -> None:
    """Write the manifest and results of a whole build in which all passed."""
    nodes: dict[str, Any] = {
        f"model.safe_haven.{name}": {
            "resource_type": "model",
            "database": zone,
            "schema": schema,
            "alias": name,
            "config": {"materialized": "table"},
        }
        for zone, schema, name in MODELS
    }
    nodes["model.safe_haven.inline"] = {
        "resource_type": "model",
        "config": {"materialized": "ephemeral"},
    }
    nodes["test.safe_haven.not_null"] = {"resource_type": "test", "config": {}}
    manifest = {
        "metadata": {"invocation_id": "one"},
        "nodes": nodes,
        "unit_tests": {"unit_test.safe_haven.u": {"resource_type": "unit_test"}},
        "disabled": {},
    }
    results = {
        "metadata": {"invocation_id": "one"},
        "args": {"which": "build", "target": "operator", "select": [], "exclude": []},
        "results": [
            {"unique_id": name, "status": "success"}
            for name in nodes
            if name.startswith("model") and not name.endswith("inline")
        ]
        + [
            {"unique_id": "test.safe_haven.not_null", "status": "pass"},
            {"unique_id": "unit_test.safe_haven.u", "status": "pass"},
        ],
    }
    world.state.target_dir.mkdir(exist_ok=True)
    for name, document in (("manifest", manifest), ("run_results", results)):
        (world.state.target_dir / f"{name}.json").write_text(json.dumps(document))


def edit(world: World, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change one artefact of dbt."""
    path = world.state.target_dir / f"{name}.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


RUN, NODES, LANDING = "run_refusals", "_node_refusals", "landing_refusals"
ZONE, CONTENT, UNREGISTERED = "_zone_refusals", "_content_refusals", "_unregistered"


def refusal(world: World, *checks: str) -> str:
    """What the gate says; it must refuse, and let the build pass without `checks` (the control)."""
    with (
        open_quickly(world.state) as connection,
        pytest.raises(SafeHavenError, match="No release can be cut") as refused,
    ):
        gate.check(world.state, connection)
    assert "Run ./run build" in str(refused.value)
    with pytest.MonkeyPatch.context() as patch:
        with open_quickly(world.state) as connection:
            for check in checks:
                assert list(gate.refusals(world.state, connection)), f"found without {check}"
                patch.setattr(gate, check, lambda *_: iter(()))
            assert list(gate.refusals(world.state, connection)) == []
        assert world.release(GATE_ONLY)["AGG-A"] == "released"
    return str(refused.value)


def test_control_complete_build_passes_the_gate_and_is_released(gate_world: World) -> None:
    with open_quickly(gate_world.state) as connection:
        assert list(gate.refusals(gate_world.state, connection)) == []
    assert gate_world.release(GATE_ONLY)["AGG-A"] == "released"


def test_attack_refused_gate_releases_nothing(gate_world: World) -> None:
    """Control: with the gate off the same build is released."""
    edit(gate_world, "run_results", lambda d: d["args"].update(select=["rel_pack"]))
    with pytest.raises(SafeHavenError, match="No release can be cut"):
        gate_world.release(GATE_ONLY)
    assert not list(gate_world.state.releases.iterdir())
    assert gate_world.release()["AGG-A"] == "released"


def test_attack_other_target(gate_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: where releases are cut from that target, the gate is open."""
    state = State(var=gate_world.state.var, target="dev")
    with open_quickly(gate_world.state) as connection:
        assert "target 'operator' only" in next(gate.refusals(state, connection))
        monkeypatch.setattr(gate, "TARGET", "dev")
        edit(gate_world, "run_results", lambda d: d["args"].update(target="dev"))
        assert list(gate.refusals(state, connection)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"select": ["rel_pack"]}, "was given `select`"),
        ({"exclude": ["test_type:data"]}, "was given `exclude`"),
        ({"selector": "small"}, "was given `selector`"),
        ({"resource_types": ["model"]}, "was given `resource-types`"),
        ({"exclude_resource_types": ["test"]}, "was given `exclude-resource-types`"),
        ({"exclude_resource_types": ["unit_test", "test"]}, "was given `exclude-resource-types`"),
        ({"empty": True}, "was given `empty`"),
        ({"sample": "3 days"}, "was given `sample`"),
        ({"defer": True}, "was given `defer`"),
        ({"vars": {"release_date": "2030-01-01"}}, "was given `vars`"),
        ({"which": "run"}, "`dbt run`, not `dbt build`"),
        ({"target": "dev"}, "had the target 'dev'"),
        ({"target": None}, "had the target None"),
    ],
)
def test_attack_partial_build(gate_world: World, arguments: dict[str, Any], message: str) -> None:
    """Control: without the check of the run the same build is released."""
    edit(gate_world, "run_results", lambda d: d["args"].update(arguments))
    assert message in refusal(gate_world, RUN)


@pytest.mark.parametrize("name", ["manifest", "run_results"])
def test_attack_artefact_missing(
    gate_world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a gate that remembers what was there lets the build pass."""
    folder = gate_world.state.target_dir
    before = {path: json.loads(path.read_text()) for path in folder.glob("*.json")}
    (folder / f"{name}.json").unlink()
    with open_quickly(gate_world.state) as connection:
        with pytest.raises(SafeHavenError, match="no record of a build"):
            gate.check(gate_world.state, connection)
        monkeypatch.setattr(gate, "_artefact", before.get)
        assert list(gate.refusals(gate_world.state, connection)) == []


def test_attack_artefacts_of_two_runs(gate_world: World) -> None:
    """Control: without the check of the run the same build is released."""
    edit(gate_world, "manifest", lambda d: d["metadata"].update(invocation_id="two"))
    assert "different runs" in refusal(gate_world, RUN)


@pytest.mark.parametrize("status", ["fail", "error", "warn", "skipped", "no-op", "success"])
def test_attack_test_that_did_not_pass(gate_world: World, status: str) -> None:
    """Control: without the check of what ran the same build is released."""
    edit(gate_world, "run_results", lambda d: d["results"][-2].update(status=status))
    assert f"test.safe_haven.not_null ended with '{status}', not 'pass'" in refusal(
        gate_world, NODES
    )


@pytest.mark.parametrize("at", [0, -1, -2])
def test_attack_node_that_did_not_run(gate_world: World, at: int) -> None:
    """Control: without the check of what ran the same build is released."""
    edit(gate_world, "run_results", lambda d: d["results"].pop(at))
    assert "did not run in the last build" in refusal(gate_world, NODES)


def leave_out_unit_tests(document: dict[str, Any]) -> None:
    """The results of `dbt build --exclude-resource-type unit_test`."""
    document["args"].update(exclude_resource_types=["unit_test"])
    assert document["results"].pop(-1)["unique_id"].startswith("unit_test.")


def test_unit_tests_may_be_left_out(gate_world: World) -> None:
    edit(gate_world, "run_results", leave_out_unit_tests)
    with open_quickly(gate_world.state) as connection:
        assert list(gate.refusals(gate_world.state, connection)) == []


def test_attack_data_tests_left_out_with_unit_tests(gate_world: World) -> None:
    """Control: without the check of what ran the same build is released."""
    edit(gate_world, "run_results", leave_out_unit_tests)
    edit(gate_world, "run_results", lambda d: d["results"].pop(-1))
    assert "test.safe_haven.not_null did not run" in refusal(gate_world, NODES)


@pytest.mark.parametrize("status", ["error", "skipped", "pass", "partial success"])
def test_attack_model_that_was_not_built(gate_world: World, status: str) -> None:
    """Control: without the check of what ran the same build is released."""
    edit(gate_world, "run_results", lambda d: d["results"][0].update(status=status))
    assert f"ended with '{status}', not 'success'" in refusal(gate_world, NODES)


def test_attack_disabled_test(gate_world: World) -> None:
    """Control: without the check of what ran the same build is released."""
    disabled = {"test.safe_haven.gone": [{"resource_type": "test"}]}
    edit(gate_world, "manifest", lambda d: d.update(disabled=disabled))
    assert "declared and disabled" in refusal(gate_world, NODES)


def test_attack_project_without_tests(gate_world: World) -> None:
    """Control: without the check of what ran the same build is released."""

    def drop(document: dict[str, Any]) -> None:
        document["unit_tests"] = {}
        del document["nodes"]["test.safe_haven.not_null"]

    edit(gate_world, "manifest", drop)
    assert "declares no test" in refusal(gate_world, NODES)


def test_attack_failed_hook(gate_world: World) -> None:
    """Control: without the check of what ran the same build is released."""
    hook = {"unique_id": "operation.safe_haven.on_run_end", "status": "error"}
    edit(gate_world, "run_results", lambda d: d["results"].append(hook))
    assert "operation.safe_haven.on_run_end ended with 'error'" in refusal(gate_world, NODES)


@pytest.mark.parametrize(
    ("zone", "statement"),
    [
        (
            "restricted",
            "update restricted.releases.rel_activity_by_month set records = 95 where records = 100",
        ),
        ("restricted", "delete from restricted.releases.rel_apc_spell where spell = 1"),
        (
            "restricted",
            "insert into restricted.releases.rel_apc_spell "
            "from restricted.releases.rel_apc_spell limit 1",
        ),
        ("restricted", "update restricted.releases.rel_pack set allowed = true, reasons = []"),
        ("aggregated", "update aggregated.marts.mart_small set n = 10"),
    ],
)
def test_attack_table_edited_after_the_build(gate_world: World, zone: str, statement: str) -> None:
    """Control: without the check of contents the changed warehouse is released."""
    gate_world.sql(statement.replace("spell = 1", "length_of_stay_days = 1"), zone=zone)
    assert "was changed after the build" in refusal(gate_world, CONTENT)


def test_attack_table_dropped_after_the_build(gate_world: World) -> None:
    """Control: without the check of contents a release is made without the table."""
    gate_world.sql("drop table restricted.releases.rel_superseded_pseudonym")
    assert "in the build register and cannot be read" in refusal(gate_world, CONTENT)


def test_attack_foreign_table_beside_the_packs(gate_world: World) -> None:
    """Control: without the search for such tables the same build is released."""
    gate_world.sql("create view restricted.releases.rel_more as select 1 as n")
    assert "rel_more is in the warehouse and not in the project" in refusal(
        gate_world, UNREGISTERED
    )


@pytest.mark.parametrize("zone", ["restricted", "pseudonymised", "aggregated"])
def test_attack_mixed_builds(gate_world: World, zone: str) -> None:
    """Control: without the check of the build register the same build is released."""
    gate_world.sql(
        f"update {zone}.meta.build_register set build_id = 'older'",
        zone=zone,
    )
    assert "is of build older" in refusal(gate_world, ZONE)


def test_attack_relation_not_registered(gate_world: World) -> None:
    """Control: without the check of the build register the same build is released."""
    gate_world.sql("delete from restricted.meta.build_register where relation like '%rel_pack'")
    assert "in the build register 0 times" in refusal(gate_world, ZONE)


def test_attack_zone_never_registered(gate_world: World) -> None:
    """Control: without the check of the build register the same build is released."""
    gate_world.sql("drop table aggregated.meta.build_register", zone="aggregated")
    assert "'aggregated' has no build register" in refusal(gate_world, ZONE)


def test_attack_model_outside_the_zones(gate_world: World) -> None:
    """Control: without the check of the build register the same build is released."""
    edit(
        gate_world,
        "manifest",
        lambda d: d["nodes"]["model.safe_haven.rel_pack"].update(database="memory"),
    )
    assert "outside the five zones" in refusal(gate_world, "register_refusals")


def test_attack_code_changed_after_the_build(gate_world: World, tmp_path: Path) -> None:
    """Control: without the check of the build register the same build is released."""
    (tmp_path / "code" / "models" / "a.sql").write_text("select 2")
    assert "Something changed after the build" in refusal(gate_world, ZONE)


def test_attack_key_added_after_the_build(gate_world: World) -> None:
    """Control: without the check of the build register the same build is released."""
    gate_world.keyring.ensure(["recipient-QZZ"])
    assert "Something changed after the build" in refusal(gate_world, ZONE)


def test_attack_landing_file_changed(gate_world: World) -> None:
    """Control: without the checks of landing and build register the same build is released."""
    path = gate_world.state.landing / "person" / "sub-1.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    found = refusal(gate_world, LANDING, ZONE)
    assert "person/sub-1.parquet is not the file that was registered" in found


def test_attack_landing_file_without_envelope(gate_world: World) -> None:
    """Control: without the checks of landing and build register the same build is released."""
    path = gate_world.state.landing / "person" / "sub-1.parquet"
    path.with_name("sub-2.parquet").write_bytes(path.read_bytes())
    assert "person/sub-2.parquet has no envelope" in refusal(gate_world, LANDING, ZONE)


def test_attack_landing_file_gone(gate_world: World) -> None:
    """Control: without the checks of landing and build register the same build is released."""
    (gate_world.state.landing / "person" / "sub-1.parquet").unlink()
    assert "person/sub-1.parquet is registered and gone" in refusal(gate_world, LANDING, ZONE)


def test_attack_rows_in_the_schema_file_of_a_feed(gate_world: World) -> None:
    """Control: without the checks of landing and build register the same build is released."""
    path = gate_world.state.landing / "person" / "sub-1.parquet"
    path.with_name("_schema.parquet").write_bytes(path.read_bytes())
    assert "person/_schema.parquet in the landing folder holds rows" in refusal(
        gate_world, LANDING, ZONE
    )
