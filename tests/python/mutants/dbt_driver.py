"""Runs in a scratch copy of the project: builds it empty, then breaks it batch by batch.

Reads a JSON list of mutants (rule, file, old, new, test) from standard input and writes, as its
last line, {"control": {test: status}, "mutants": {rule: status}}. One process, so that dbt is
loaded once and parses only what changed. Mutants share a batch when the test of one cannot see the
file of another: a unit test reads its own model and the macros below it, nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

Mutant = dict[str, str]


def invoke(*arguments: str) -> Any:
    """Run dbt quietly and return its results."""
    return dbtRunner().invoke(["--quiet", "--no-use-colors", *arguments])


def run_tests(names: list[str]) -> dict[str, str]:
    """The status of each unit test by name."""
    done = invoke("test", "--select", *(f"test_name:{name}" for name in sorted(set(names))))
    if done.result is None:
        return {name: f"not run: {done.exception}" for name in names}
    return {item.node.name: str(item.status.value) for item in done.result.results}


def files_seen(manifest: Any) -> dict[str, set[str]]:
    """The files that each unit test depends on: its model and every macro below it."""
    seen = {}
    for unit in manifest.unit_tests.values():
        model = next(
            node for node in manifest.nodes.values() if node.unique_id == unit.depends_on.nodes[0]
        )
        macros, stack = set(), list(model.depends_on.macros)
        while stack:
            name = stack.pop()
            if name not in macros and name in manifest.macros:
                macros.add(name)
                stack.extend(manifest.macros[name].depends_on.macros)
        seen[unit.name] = {model.original_file_path} | {
            manifest.macros[name].original_file_path for name in macros
        }
    return seen


def batches(mutants: list[Mutant], seen: dict[str, set[str]]) -> list[list[Mutant]]:
    """Mutants that do not see each other, together; as few batches as a greedy choice gives."""
    found: list[list[Mutant]] = []
    for mutant in mutants:
        for batch in found:
            if all(
                mutant["test"] != other["test"]
                and mutant["file"] != other["file"]
                and mutant["file"] not in seen[other["test"]]
                and other["file"] not in seen[mutant["test"]]
                for other in batch
            ):
                batch.append(mutant)
                break
        else:
            found.append([mutant])
    return found


def run_batch(batch: list[Mutant]) -> dict[str, str]:
    """Break the files, run the named tests, mend the files."""
    before = {mutant["file"]: Path(mutant["file"]).read_text() for mutant in batch}
    try:
        for mutant in batch:
            text = before[mutant["file"]]
            if text.count(mutant["old"]) != 1:
                return {
                    item["rule"]: f"{mutant['file']}: the text to change does not stand once"
                    for item in batch
                }
            Path(mutant["file"]).write_text(text.replace(mutant["old"], mutant["new"]))
        statuses = run_tests([mutant["test"] for mutant in batch])
        return {mutant["rule"]: statuses.get(mutant["test"], "not run") for mutant in batch}
    finally:
        for file, text in before.items():
            Path(file).write_text(text)


def main() -> None:
    """Build, run the control, run every batch."""
    mutants: list[Mutant] = json.load(sys.stdin)
    output = os.dup(1)
    os.dup2(2, 1)
    built = invoke(
        "build",
        "--empty",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
    )
    if not built.success:
        raise SystemExit(f"the unbroken project does not build: {built.exception}")
    manifest = invoke("parse").result
    control = run_tests([mutant["test"] for mutant in mutants])
    results: dict[str, str] = {}
    for batch in batches(mutants, files_seen(manifest)):
        results |= run_batch(batch)
    answer = json.dumps({"control": control, "mutants": results})
    os.write(output, answer.encode() + b"\n")


if __name__ == "__main__":
    main()
