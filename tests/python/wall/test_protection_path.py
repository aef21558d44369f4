"""Attacks on the aggregated zone: tables that are published past the protection."""

from __future__ import annotations

from typing import Any

import pytest
from wall_project import columns, manifest, model, node, with_sql

from safe_haven.wall.gate import gate

CUBE = "model.safe_haven.cube_activity"


def found(project: dict[str, Any]) -> list[str]:
    """Why the gate refuses the project."""
    return [item.why for item in gate(project) if item.rule == "protection-path"]


def added(*models: dict[str, Any]) -> dict[str, Any]:
    """The allowed project and more models."""
    project = manifest()
    project["nodes"] |= {item["unique_id"]: item for item in models}
    return project


def test_control_a_table_under_the_pattern_is_allowed() -> None:
    assert gate(manifest()) == []


def test_attack_an_exact_table_published_as_it_is() -> None:
    project = with_sql(
        manifest(), "mart_activity", "select sex, records from restricted.disclosure.cube_activity"
    )
    node(project, "mart_activity")["depends_on"]["nodes"] = [CUBE]
    assert "not built from cube_activity and sdc_pattern alone" in found(project)[0]


def test_attack_the_same_mart_under_another_name() -> None:
    own = node(manifest(), "mart_activity")
    again = model(
        "mart_activity_again",
        "marts/activity",
        own["compiled_code"],
        own["depends_on"]["nodes"],
        own["columns"],
    )
    reasons = found(added(again))
    assert any("cube_activity_again and sdc_pattern alone" in reason for reason in reasons)
    assert len(reasons) == 3


def test_attack_a_second_exact_table_beside_the_protected_one() -> None:
    other = model(
        "cube_other",
        "disclosure",
        "select sex, count(*) as records from pseudonymised.core.fct_activity group by sex",
        ["model.safe_haven.fct_activity"],
        columns(sex="quasi", records="restricted"),
    )
    project = added(other)
    sql = node(project, "mart_activity")["compiled_code"]
    with_sql(project, "mart_activity", f"{sql} union all from restricted.disclosure.cube_other")
    node(project, "mart_activity")["depends_on"]["nodes"].append("model.safe_haven.cube_other")
    assert "alone" in found(project)[0]


@pytest.mark.parametrize("name", ["sdc_cell", "sdc_relation"])
def test_attack_a_mart_that_the_proof_does_not_know(name: str) -> None:
    project = with_sql(manifest(), name, "select 'x' as cell_id")
    node(project, name)["depends_on"]["nodes"] = []
    assert found(project) == [
        f"cube_activity is not in {name}, so the proof does not know this table"
    ]


@pytest.mark.parametrize("place", ["marts/register", "marts/derived", "marts/perturbed"])
def test_control_tables_with_rules_of_their_own_are_left_to_them(place: str) -> None:
    listed = model(
        "mart_listed",
        place,
        "select code from pseudonymised.seeds.code",
        ["seed.safe_haven.code"],
        columns(code="plain"),
    )
    assert found(added(listed)) == []
