"""Conventions that dbt-bouncer cannot say: one YAML file per model, of the same name, beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nhs_number
import yaml

from safe_haven.paths import PROJECT_ROOT

TEN_DIGITS = re.compile(r"(?<![0-9A-Za-z.])[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9A-Za-z])")
HASHES = {"uv.lock"}
"""Files of hashes and sizes, in which ten digits are no number of anybody."""
NOT_OURS = {".git", ".venv", "var", "target", "logs", ".pytest_cache", ".ruff_cache", ".hypothesis"}
"""What git does not keep: the state of this machine."""


def numbers_that_may_be_issued(text: str) -> set[str]:
    """Valid NHS numbers outside the 999 range, which could be somebody's, in whatever spelling."""
    found = {re.sub("[ -]", "", number) for number in TEN_DIGITS.findall(text)}
    return {
        number
        for number in found
        if nhs_number.is_valid(number) and not number.startswith("999") and int(number)
    }


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


def test_no_file_holds_a_number_that_may_be_issued() -> None:
    """Fixtures, docs and code use the 999 range, which is never issued."""
    top = [path for path in PROJECT_ROOT.iterdir() if path.name not in NOT_OURS]
    files = [path for found in top for path in [found, *found.rglob("*")] if path.is_file()]
    named = {
        path.name
        for path in files
        if path.name not in HASHES
        and path.suffix != ".pyc"
        and numbers_that_may_be_issued(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert named == set()


def test_attack_a_number_that_may_be_issued_is_seen() -> None:
    """The control: found in every spelling; a number of the 999 range is not."""
    issued = "".join(("987", "654", "3210"))
    for spelling in (issued, f"{issued[:3]} {issued[3:6]} {issued[6:]}", f"'{issued}',"):
        assert numbers_that_may_be_issued(spelling) == {issued}
    assert numbers_that_may_be_issued("9990000042, 987654321, A9876543211") == set()
