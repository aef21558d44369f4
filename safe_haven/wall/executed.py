"""Tests declared = parsed = executed.

dbt drops some tests in silence: an inline SQL text in a list of tests, a misspelt key, a disabled
test, a node left out of the run. So the tests that the project's files declare are counted here by
reading the files, and compared with what dbt parsed (manifest) and what ran and passed (run
results).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safe_haven.wall.findings import Finding
from safe_haven.yaml_file import read_yaml

# (file, kind of entity, entity, column or "") of a generic test; (file, "singular", name, "") and
# (file, "unit", name, "") of the others.
Place = tuple[str, str, str, str]

TEST_KEYS = ("data_tests", "tests")
ENTITIES = ("models", "seeds", "snapshots")
# Every key that dbt reads on an entity or a column. A key that is not here is a typing error, and
# what stands under it is never run.
ENTITY_KEYS = frozenset(
    {
        "access",
        "columns",
        "config",
        "constraints",
        "contract",
        "data_tests",
        "database",
        "deprecation_date",
        "description",
        "docs",
        "external",
        "freshness",
        "group",
        "identifier",
        "latest_version",
        "loaded_at_field",
        "loaded_at_query",
        "loader",
        "meta",
        "name",
        "primary_key",
        "quoting",
        "schema",
        "tags",
        "tests",
        "time_spine",
        "versions",
    }
)
COLUMN_KEYS = frozenset(
    {
        "config",
        "constraints",
        "data_tests",
        "data_type",
        "description",
        "dimension",
        "docs",
        "entity",
        "granularity",
        "meta",
        "name",
        "policy_tags",
        "quote",
        "tags",
        "tests",
    }
)
FILE_KEYS = frozenset(
    {
        "analyses",
        "data_tests",
        "exposures",
        "groups",
        "macros",
        "metrics",
        "models",
        "saved_queries",
        "seeds",
        "semantic_models",
        "snapshots",
        "sources",
        "tests",
        "unit_tests",
        "version",
    }
)
UNIT_TEST_KEYS = frozenset(
    {
        "config",
        "description",
        "expect",
        "given",
        "model",
        "name",
        "overrides",
        "versions",
    }
)
# What loosens a test: it then passes although rows were found.
STRICT = {"severity": "ERROR", "error_if": "!= 0", "warn_if": "!= 0", "limit": None}


def declared(root: Path) -> tuple[Counter[Place], list[Finding]]:
    """The tests that the files below `root` declare, and what in those files dbt would not read."""
    places: Counter[Place] = Counter()
    findings: list[Finding] = []
    for path in sorted(
        path
        for folder in ("models", "seeds", "snapshots", "tests", "analyses", "macros")
        for pattern in ("*.yml", "*.yaml")
        for path in (root / folder).rglob(pattern)
        if "tests/python" not in path.as_posix()
    ):
        file = path.relative_to(root).as_posix()
        content = read_yaml(path) or {}
        findings += _unknown(file, file, content, FILE_KEYS)
        for places_found, problems in _in_file(file, content):
            places.update(places_found)
            findings += problems
    for path in sorted((root / "tests").rglob("*.sql")):
        file = path.relative_to(root).as_posix()
        if "tests/generic/" not in file and "tests/python/" not in file:
            places[(file, "singular", path.stem, "")] += 1
    return places, findings


def _in_file(file: str, content: Mapping[str, Any]) -> Iterator[tuple[list[Place], list[Finding]]]:
    for kind in ENTITIES:
        for entity in content.get(kind) or []:
            yield _entity(file, kind, entity["name"], entity)
    for source in content.get("sources") or []:
        for table in source.get("tables") or []:
            yield _entity(file, "sources", f"{source['name']}.{table['name']}", table)
    for unit in content.get("unit_tests") or []:
        name = unit["name"]
        yield [(file, "unit", name, "")], _unknown(file, name, unit, UNIT_TEST_KEYS)


def _entity(
    file: str, kind: str, name: str, entity: Mapping[str, Any]
) -> tuple[list[Place], list[Finding]]:
    places, findings = _tests(file, kind, name, "", entity)
    findings += _unknown(file, name, entity, ENTITY_KEYS)
    columns = list(entity.get("columns") or [])
    for version in entity.get("versions") or []:
        found, problems = _tests(file, kind, name, "", version)
        places, findings = places + found, findings + problems
        columns += version.get("columns") or []
    for column in columns:
        if "name" not in column:
            continue
        found, problems = _tests(file, kind, name, column["name"], column)
        places, findings = places + found, findings + problems
        findings += _unknown(file, f"{name}.{column['name']}", column, COLUMN_KEYS)
    return places, findings


def _tests(
    file: str, kind: str, name: str, column: str, holder: Mapping[str, Any]
) -> tuple[list[Place], list[Finding]]:
    places: list[Place] = []
    findings: list[Finding] = []
    for key in TEST_KEYS:
        listed = holder.get(key)
        if listed is None:
            continue
        if not isinstance(listed, list):
            findings.append(_not_a_test(file, name, column))
            places.append((file, kind, name, column))
            continue
        for test in listed:
            places.append((file, kind, name, column))
            if not _is_call(test):
                findings.append(_not_a_test(file, name, column))
    return places, findings


def _is_call(test: Any) -> bool:
    """Whether a list entry calls a generic test by name, with arguments or without."""
    if isinstance(test, str):
        return bool(re.fullmatch(r"[A-Za-z_][\w.]*", test))
    if not isinstance(test, Mapping) or not test:
        return False
    names = [key for key in test if key not in {"name", "description", "config"}]
    return bool(names) and all(re.fullmatch(r"[A-Za-z_][\w.]*", str(key)) for key in names)


def _not_a_test(file: str, name: str, column: str) -> Finding:
    return Finding(
        "tests-declared",
        f"{file}: {name}{'.' + column if column else ''}",
        "an entry in its list of tests is not a call of a generic test: dbt ignores it in silence",
        "write the SQL as a file under tests/, or call a generic test by name",
    )


def _unknown(
    file: str, name: str, holder: Mapping[str, Any], known: frozenset[str]
) -> list[Finding]:
    return [
        Finding(
            "tests-declared",
            f"{file}: {name}",
            f"'{key}' is no key that dbt reads here: what stands under it is never run",
            "correct the spelling or the indentation",
        )
        for key in holder
        if str(key) not in known
    ]


def parsed(manifest: Mapping[str, Any]) -> dict[str, Place]:
    """The tests that dbt parsed and enabled, by unique id, with the place that declared them."""
    places: dict[str, Place] = {}
    for unique_id, node in manifest.get("nodes", {}).items():
        if node.get("resource_type") == "test":
            places[unique_id] = _place_of(manifest, node)
    for unique_id, unit in manifest.get("unit_tests", {}).items():
        places[unique_id] = (_file(unit), "unit", unit["name"], "")
    return places


def _file(node: Mapping[str, Any]) -> str:
    return str(node.get("original_file_path", "")).replace("\\", "/")


def _place_of(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> Place:
    if not node.get("test_metadata"):
        return (_file(node), "singular", node["name"], "")
    column = str(node.get("column_name") or "").strip('"')
    kind, _, name = str(node.get("file_key_name") or "").partition(".")
    if kind == "sources":
        sources = manifest.get("sources", {})
        tables = [
            sources[parent]["name"]
            for parent in node.get("depends_on", {}).get("nodes", [])
            if parent in sources and sources[parent]["source_name"] == name
        ]
        name = f"{name}.{tables[0]}" if tables else name
    return (_file(node), kind, name, column)


def parsed_differs(expected: Counter[Place], manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Places where the files declare more or fewer tests than dbt parsed."""
    found = Counter(parsed(manifest).values())
    disabled = {
        item["unique_id"]: item
        for items in manifest.get("disabled", {}).values()
        for item in items
        if item.get("resource_type") in {"test", "unit_test"}
    }
    for unique_id, item in sorted(disabled.items()):
        yield Finding(
            "tests-parsed",
            str(item.get("name", unique_id)),
            "the test is disabled: it is declared and never runs",
            "enable it or remove it",
        )
    for place in sorted(set(expected) | set(found)):
        if expected[place] != found[place]:
            file, kind, name, column = place
            yield Finding(
                "tests-parsed",
                f"{file}: {name}{'.' + column if column else ''}",
                f"{expected[place]} {kind} tests are declared here, dbt parsed {found[place]}",
                "correct the entry that dbt does not take for a test (or parse the project again)",
            )


def loosened(manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Tests that pass although they found rows."""
    for node in manifest.get("nodes", {}).values():
        if node.get("resource_type") != "test":
            continue
        for key, strict in STRICT.items():
            value = node.get("config", {}).get(key, strict)
            if str(value).lower().replace(" ", "") != str(strict).lower().replace(" ", ""):
                yield Finding(
                    "tests-executed",
                    node["name"],
                    f"its {key} lets it pass although it finds rows",
                    f"remove {key}",
                )


def executed_differs(
    manifest: Mapping[str, Any], run_results: Mapping[str, Any]
) -> Iterator[Finding]:
    """Parsed tests that did not run and pass in the last run."""
    statuses = {item["unique_id"]: item["status"] for item in run_results.get("results", [])}
    for unique_id in sorted(parsed(manifest)):
        status = statuses.get(unique_id)
        if status == "pass":
            continue
        name = unique_id.split(".")[2] if unique_id.count(".") > 1 else unique_id
        yield Finding(
            "tests-executed",
            name,
            f"it was parsed and its result is '{status or 'not run'}', not pass",
            "run `dbt build` over the whole project, without a selection, and mend what fails",
        )


def counts(root: Path, manifest: Mapping[str, Any], run_results: Mapping[str, Any]) -> list[int]:
    """How many tests are declared, parsed, and executed with success."""
    tests = parsed(manifest)
    passed = sum(
        item["unique_id"] in tests and item["status"] == "pass"
        for item in run_results.get("results", [])
    )
    return [sum(declared(root)[0].values()), len(tests), passed]


def tests_ran(
    root: Path, manifest: Mapping[str, Any], run_results: Mapping[str, Any]
) -> list[Finding]:
    """Every difference between the tests declared below `root`, parsed, and executed; sorted."""
    places, findings = declared(root)
    findings += parsed_differs(places, manifest)
    findings += loosened(manifest)
    findings += executed_differs(manifest, run_results)
    return sorted(set(findings))
