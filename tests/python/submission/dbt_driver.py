"""Runs dbt again and again: it is loaded and the project parsed once, each run is a fork of that.

Reads one JSON request a line from standard input, {"arguments": [...], "broken": [[file, old, new],
...]}; answers each with the exit code on a line of its own. `broken` changes macros as dbt parsed
them, in that run only. A fork ends after its run, which lets go of the writer's lock and the zone
files.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

from dbt.cli.main import dbtRunner

import safe_haven.plugin  # noqa: F401 - loaded once here, not once in each fork
from safe_haven.load.contract import contracts

# Nobody reads dbt's artefacts here, and writing the manifest takes seconds.
QUIETLY = ("--quiet", "--no-write-json")


def break_rule(manifest: Any, file: str, old: str, new: str) -> None:
    """Change the text of the macros of a file, in which it must stand once."""
    found = 0
    for macro in manifest.macros.values():
        if macro.original_file_path == file:
            found += macro.macro_sql.count(old)
            macro.macro_sql = macro.macro_sql.replace(old, new)
    if found != 1:
        raise ValueError(f"{file}: the rule stands {found} times: {old}")


def run(manifest: Any, request: dict[str, Any]) -> int:
    """The exit code of one run, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for change in request["broken"]:
                break_rule(manifest, *change)
            done = dbtRunner(manifest=manifest).invoke([*QUIETLY, *request["arguments"]])
            code = 0 if done.success else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Parse once, then serve."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    contracts()
    manifest = dbtRunner().invoke([*QUIETLY, "parse", "--target", "operator"]).result
    for line in sys.stdin:
        answers.write(f"{run(manifest, json.loads(line))}\n")
        answers.flush()


if __name__ == "__main__":
    main()
