"""Runs in a scratch copy of the project: builds it empty, then breaks it batch by batch.

Reads a JSON list of mutants (rule, file, old, new, test) from standard input and writes, as its
last line, {"control": {test: status}, "mutants": {rule: status}}. dbt is loaded and the project
parsed once; each run of tests is a fork of that, in which the text that dbt parsed is changed.
Mutants share a batch when the test of one cannot see the file of another: a unit test reads its
own model, the macros below it and the rows it is given, nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

Mutant = dict[str, str]
FORK = multiprocessing.get_context("fork")
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


def invoke(*arguments: str, manifest: Any = None) -> Any:
    """Run dbt quietly, parsing the project only where no manifest is given."""
    quietly = ["--quiet", "--no-use-colors", "--no-write-json"]
    return dbtRunner(manifest=manifest).invoke([*quietly, *arguments, "--target", "operator"])


def build_empty(manifest: Any) -> str:
    """Build every model and seed without rows; what went wrong, else nothing."""
    built = invoke("build", "--empty", *NO_TESTS, manifest=manifest)
    return "" if built.success else str(built.exception or "see above")


def run_tests(manifest: Any, names: list[str]) -> dict[str, str]:
    """The status of each unit test by name."""
    selected = (f"test_name:{name}" for name in sorted(set(names)))
    done = invoke("test", "--select", *selected, manifest=manifest)
    if done.result is None:
        return {name: f"not run: {done.exception}" for name in names}
    return {item.node.name: str(item.status.value) for item in done.result.results}


def files_seen(manifest: Any) -> dict[str, set[str]]:
    """The files that each unit test depends on: its model and every macro below it."""
    seen = {}
    for unit in manifest.unit_tests.values():
        model = manifest.nodes[unit.depends_on.nodes[0]]
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


def break_sql(manifest: Any, mutant: Mutant) -> int:
    """Change the SQL of a model or macro as dbt parsed it; how often the text stood there."""
    old, found = mutant["old"], 0
    for nodes, sql in ((manifest.nodes, "raw_code"), (manifest.macros, "macro_sql")):
        for node in nodes.values():
            if node.original_file_path == mutant["file"]:
                text = getattr(node, sql)
                setattr(node, sql, text.replace(old, mutant["new"]))
                found += text.count(old)
    return found


def break_seed(manifest: Any, mutant: Mutant) -> int:
    """Change a seed where the named test was given its rows; how often the text stood there."""
    text = Path(mutant["file"]).read_text()
    broken = text.replace(mutant["old"], mutant["new"])
    rows, changed = (list(csv.DictReader(io.StringIO(each))) for each in (text, broken))
    named = (unit for unit in manifest.unit_tests.values() if unit.name == mutant["test"])
    for unit in named:
        for given in unit.given:
            if given.rows == rows:
                given.rows = changed
    return text.count(mutant["old"])


def run_batch(manifest: Any, batch: list[Mutant]) -> dict[str, str]:
    """Break the rules and run the named tests."""
    refused = {}
    for mutant in batch:
        break_rule = break_seed if mutant["file"].endswith(".csv") else break_sql
        if break_rule(manifest, mutant) != 1:
            refused[mutant["rule"]] = f"{mutant['file']}: the text to change does not stand once"
    statuses = run_tests(manifest, [mutant["test"] for mutant in batch])
    found = {mutant["rule"]: statuses.get(mutant["test"], "not run") for mutant in batch}
    return found | refused


def in_a_fork(run: Callable[..., Any], *arguments: Any) -> Any:
    """What `run` answers in a process of its own, whose changes and open files end with it."""
    receiver, sender = FORK.Pipe(duplex=False)
    child = FORK.Process(target=lambda: sender.send(run(*arguments)))
    child.start()
    sender.close()
    try:
        return receiver.recv()
    finally:
        child.join()


def main() -> None:
    """Parse, build, run the control, run every batch."""
    mutants: list[Mutant] = json.load(sys.stdin)
    output = os.dup(1)
    os.dup2(2, 1)
    manifest = invoke("parse").result
    for node in manifest.nodes.values():
        if node.resource_type == "seed":  # may have been parsed in the project that was copied
            node.root_path = os.getcwd()
    if error := in_a_fork(build_empty, manifest):
        raise SystemExit(f"the unbroken project does not build: {error}")
    control = in_a_fork(run_tests, manifest, [mutant["test"] for mutant in mutants])
    results: dict[str, str] = {}
    for batch in batches(mutants, files_seen(manifest)):
        results |= in_a_fork(run_batch, manifest, batch)
    answer = json.dumps({"control": control, "mutants": results})
    os.write(output, answer.encode() + b"\n")


if __name__ == "__main__":
    main()
