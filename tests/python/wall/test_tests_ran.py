"""Tests declared = parsed = executed: whatever dbt drops in silence is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from safe_haven.wall import executed

Files = dict[str, Any]
Results = dict[str, Any]

PERSON_YAML = "models/core/person.yml"


def project_files() -> Files:
    """A project that declares six tests: three generic, one of a source, one unit, one singular."""
    return {
        PERSON_YAML: {
            "version": 2,
            "models": [
                {
                    "name": "person",
                    "data_tests": [{"unique_combination": {"arguments": {"column_names": ["a"]}}}],
                    "columns": [{"name": "a", "data_tests": ["not_null", "unique"]}],
                }
            ],
            "unit_tests": [
                {"name": "rule_holds", "model": "person", "given": [], "expect": {"rows": []}}
            ],
        },
        "models/staging/_source.yml": {
            "sources": [
                {
                    "name": "landing_person",
                    "tables": [
                        {"name": "person", "columns": [{"name": "b", "data_tests": ["not_null"]}]}
                    ],
                }
            ]
        },
        "tests/integrity/totals_agree.sql": "select 1 where false",
        "tests/generic/unique_combination.sql": "{% test unique_combination(model) %}",
    }


def write(root: Path, files: Files) -> None:
    """Write the files below `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))


def generic(name: str, file: str, key: str, column: str | None, **more: Any) -> dict[str, Any]:
    """A generic test as the manifest holds it."""
    return {
        "resource_type": "test",
        "name": name,
        "original_file_path": file,
        "test_metadata": {"name": name},
        "file_key_name": key,
        "column_name": column,
        "depends_on": {"nodes": []},
        "config": {"severity": "ERROR", "error_if": "!= 0", "warn_if": "!= 0", "limit": None},
        **more,
    }


def manifest() -> dict[str, Any]:
    """What dbt parses from `project_files`."""
    prefix = "test.safe_haven."
    source = "source.safe_haven.landing_person.person"
    return {
        "nodes": {
            f"{prefix}combination.1": generic("combination", PERSON_YAML, "models.person", None),
            f"{prefix}not_null_a.2": generic("not_null_a", PERSON_YAML, "models.person", "a"),
            f"{prefix}unique_a.3": generic("unique_a", PERSON_YAML, "models.person", "a"),
            f"{prefix}not_null_b.4": generic(
                "not_null_b",
                "models/staging/_source.yml",
                "sources.landing_person",
                "b",
                depends_on={"nodes": [source]},
            ),
            f"{prefix}totals_agree": {
                "resource_type": "test",
                "name": "totals_agree",
                "original_file_path": "tests/integrity/totals_agree.sql",
                "config": {},
            },
        },
        "sources": {source: {"name": "person", "source_name": "landing_person"}},
        "unit_tests": {
            "unit_test.safe_haven.person.rule_holds": {
                "name": "rule_holds",
                "original_file_path": PERSON_YAML,
            }
        },
        "disabled": {},
    }


def run_results() -> Results:
    """A run in which every test passed."""
    parsed = manifest()
    names = [*parsed["nodes"], *parsed["unit_tests"]]
    return {"results": [{"unique_id": name, "status": "pass"} for name in names]}


def test_everything_declared_ran(tmp_path: Path) -> None:
    """The control: six declared, six parsed, six passed, nothing to report."""
    write(tmp_path, project_files())
    assert executed.tests_ran(tmp_path, manifest(), run_results()) == []
    assert executed.counts(tmp_path, manifest(), run_results()) == [6, 6, 6]


def model(files: Files) -> dict[str, Any]:
    """The one model of the project's YAML."""
    return files[PERSON_YAML]["models"][0]


def first_test(results: Results, status: str) -> None:
    """Give the first test another result."""
    results["results"][0]["status"] = status


FILE_ATTACKS: dict[str, Callable[[Files], object]] = {
    "inline SQL in a list": lambda f: model(f)["data_tests"].append("select * from person"),
    "inline SQL as a text": lambda f: model(f)["columns"][0].update(tests="select 1"),
    "inline SQL under a key": lambda f: model(f)["data_tests"].append({"my test": "select 1"}),
    "a test that dbt did not parse": lambda f: model(f)["data_tests"].append("not_null"),
    "a misspelt key on a model": lambda f: model(f).update(test=["unique"]),
    "a misspelt key on a column": lambda f: model(f)["columns"][0].update(data_test=["unique"]),
    "a misspelt key of a file": lambda f: f[PERSON_YAML].update(unit_test=[]),
    "a misspelt key of a unit test": lambda f: f[PERSON_YAML]["unit_tests"][0].update(expected={}),
    "tests on a misspelt column list": lambda f: model(f).update(column=[{"name": "c"}]),
    "a column declared twice": lambda f: model(f)["columns"].append(
        {"name": "a", "data_tests": ["accepted"]}
    ),
    "a singular test that dbt ignores": lambda f: f.update({"tests/other/new.sql": "select 1"}),
    "a unit test that dbt ignores": lambda f: f[PERSON_YAML]["unit_tests"].append(
        {"name": "b", "model": "person", "given": [], "expect": {}}
    ),
    "a source test that dbt ignores": lambda f: f["models/staging/_source.yml"]["sources"][0][
        "tables"
    ][0].update(tests=["unique"]),
    "an empty entry": lambda f: model(f)["data_tests"].append(None),
    "a test in a seed's YAML": lambda f: f.update(
        {"seeds/a.yaml": {"seeds": [{"name": "s", "data_tests": ["unique"]}]}}
    ),
}


@pytest.mark.parametrize("name", FILE_ATTACKS)
def test_attack_a_declared_test_that_dbt_drops_is_named(name: str, tmp_path: Path) -> None:
    """Every way to declare a test that never runs is a finding."""
    files = project_files()
    FILE_ATTACKS[name](files)
    write(tmp_path, files)
    findings = executed.tests_ran(tmp_path, manifest(), run_results())
    assert findings and {item.rule for item in findings} <= {"tests-declared", "tests-parsed"}


RUN_ATTACKS: dict[str, Callable[[dict[str, Any], Results], object]] = {
    "a test left out of the run": lambda m, r: r["results"].pop(),
    "a test skipped": lambda m, r: first_test(r, "skipped"),
    "a test that failed": lambda m, r: first_test(r, "fail"),
    "a test that only warned": lambda m, r: first_test(r, "warn"),
    "a test that was only compiled": lambda m, r: first_test(r, "success"),
    "a test that broke": lambda m, r: first_test(r, "error"),
    "no results at all": lambda m, r: r.update(results=[]),
    "a test lowered to a warning": lambda m, r: m["nodes"]["test.safe_haven.unique_a.3"][
        "config"
    ].update(severity="warn"),
    "a test that allows failures": lambda m, r: m["nodes"]["test.safe_haven.unique_a.3"][
        "config"
    ].update(error_if=">100"),
    "a test that looks at few rows": lambda m, r: m["nodes"]["test.safe_haven.unique_a.3"][
        "config"
    ].update(limit=1),
    "a disabled test": lambda m, r: m["disabled"].update(
        {"a": [{"unique_id": "test.a", "name": "a", "resource_type": "test"}]}
    ),
    "a disabled unit test": lambda m, r: m["disabled"].update(
        {"a": [{"unique_id": "unit_test.a", "name": "a", "resource_type": "unit_test"}]}
    ),
    "a test that nobody declares": lambda m, r: m["nodes"].update(
        {"test.safe_haven.more.9": generic("more", PERSON_YAML, "models.person", "a")}
    ),
}


@pytest.mark.parametrize("name", RUN_ATTACKS)
def test_attack_a_test_that_did_not_run_and_pass_is_named(name: str, tmp_path: Path) -> None:
    """Skipped, loosened, disabled, failed or left out: a finding that names it."""
    write(tmp_path, project_files())
    parsed, results = copy.deepcopy(manifest()), run_results()
    RUN_ATTACKS[name](parsed, results)
    findings = executed.tests_ran(tmp_path, parsed, results)
    assert findings and all(item.node for item in findings)


def test_attack_one_test_more_and_one_less_do_not_cancel(tmp_path: Path) -> None:
    """Places are compared, not sums: a dropped test is not hidden by a new one elsewhere."""
    files = project_files()
    model(files)["columns"][0]["data_tests"] = ["not_null"]
    model(files)["columns"].append({"name": "c", "data_tests": ["unique"]})
    write(tmp_path, files)
    assert executed.counts(tmp_path, manifest(), run_results()) == [6, 6, 6]
    assert len(executed.tests_ran(tmp_path, manifest(), run_results())) == 2
