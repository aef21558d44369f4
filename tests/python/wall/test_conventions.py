"""Conventions that dbt-bouncer cannot say: one YAML file per model, of the same name, beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from safe_haven.paths import PROJECT_ROOT


def models_without_their_yaml(root: Path) -> list[str]:
    """Models whose YAML is missing, or describes another model or more than one."""
    wrong = []
    for path in sorted([*root.rglob("*.sql"), *root.rglob("*.py")]):
        beside = path.with_suffix(".yml")
        described = yaml.safe_load(beside.read_text()) if beside.exists() else {}
        if [model["name"] for model in described.get("models", [])] != [path.stem]:
            wrong.append(path.name)
    return wrong


def test_every_model_has_its_yaml_beside_it() -> None:
    """The YAML of model a is a.yml in the same folder, and describes a alone."""
    assert models_without_their_yaml(PROJECT_ROOT / "models") == []


def test_attack_a_model_described_elsewhere_is_named(tmp_path: Path) -> None:
    """The control: a model without its YAML, or in a shared one, is found."""
    (tmp_path / "a.sql").write_text("select 1")
    assert models_without_their_yaml(tmp_path) == ["a.sql"]
    (tmp_path / "a.yml").write_text("models: [{name: a}, {name: b}]")
    assert models_without_their_yaml(tmp_path) == ["a.sql"]
    (tmp_path / "a.yml").write_text("models: [{name: a}]")
    assert models_without_their_yaml(tmp_path) == []


def test_the_conventions_file_is_valid() -> None:
    """dbt-bouncer reads every check of dbt-bouncer.yml."""
    command = [
        str(Path(sys.executable).parent / "dbt-bouncer"),
        "validate",
        "--config-file",
        "dbt-bouncer.yml",
    ]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
