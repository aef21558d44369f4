"""Runs dbt again and again: it is loaded and the project parsed once, each run is a fork of that.

Reads one JSON list of arguments a line from standard input; answers each with the exit code on a
line of its own. A fork ends after its run, which lets go of the writer's lock and the zone files.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from dbt.cli.main import dbtRunner

# Nobody reads dbt's artefacts here, and writing the manifest takes seconds.
QUIETLY = ("--quiet", "--no-write-json")


def run(manifest: Any, arguments: list[str]) -> int:
    """The exit code of one run, in a process of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            done = dbtRunner(manifest=manifest).invoke([*QUIETLY, *arguments])
            code = 0 if done.success else 1
        finally:
            sys.stdout.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Parse once, then serve."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    manifest = dbtRunner().invoke([*QUIETLY, "parse", "--target", "operator"]).result
    for line in sys.stdin:
        answers.write(f"{run(manifest, json.loads(line))}\n")
        answers.flush()


if __name__ == "__main__":
    main()
