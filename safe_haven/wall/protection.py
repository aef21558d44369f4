"""The gate of the aggregated zone: nothing is published past the protection."""

from __future__ import annotations

from collections.abc import Iterator

from safe_haven.wall.findings import Finding
from safe_haven.wall.project import Node, Project, folder, label

PATTERN = "sdc_pattern"
PROVED_IN = ("sdc_cell", "sdc_relation")


def protection_path(project: Project) -> Iterator[Finding]:
    """A published table is its own exact table under the pattern, and is in what was proved.

    Registers, derived figures and perturbed tables have folders, and rules, of their own.
    """
    models = {node["name"]: node for node in project.of("model")}
    proved = {name: _models_read(project, models[name]) for name in PROVED_IN if name in models}
    for node in project.of("model"):
        if folder(node) != "marts":
            continue
        exact = "cube_" + node["name"].removeprefix("mart_")
        if _models_read(project, node) != {exact, PATTERN}:
            yield Finding(
                "protection-path",
                label(node),
                f"it is not built from {exact} and {PATTERN} alone, so what it shows is not proved",
                "declare it in macros/disclosure/linked_tables.sql and build it with "
                "protected_cells, or move it under marts/register, derived or perturbed",
            )
        for name in PROVED_IN:
            if exact not in proved.get(name, set()):
                yield Finding(
                    "protection-path",
                    label(node),
                    f"{exact} is not in {name}, so the proof does not know this table",
                    "declare it in macros/disclosure/linked_tables.sql",
                )


def _models_read(project: Project, node: Node) -> set[str]:
    return {
        parent["name"] for parent in project.read_by(node) if parent["resource_type"] == "model"
    }
