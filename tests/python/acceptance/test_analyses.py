"""Every question in analyses/ has an answer in the built world, if the world holds what it asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.run.steps import copy_parsed, step_environment

QUESTIONS = sorted(path.stem for path in (PROJECT_ROOT / "analyses").glob("*.sql"))
NOT_TOLD_ENOUGH = {
    "how_do_our_counts_compare_with_the_published_ones": "a published month of the world's period",
    "how_does_mortality_differ_between_local_authorities": "a loaded population",
}
"""Questions without an answer in this world, and what is lacking."""


@pytest.fixture(scope="module")
def compiled(state: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questions as dbt compiles them, in a state of its own: the built one is only read."""
    own = State(var=tmp_path_factory.mktemp("analyses") / "var", target=state.target)
    own.make_folders()
    copy_parsed(state, own.target_dir)
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "dbt"),
            "--quiet",
            "compile",
            "--select=resource_type:analysis",
            f"--target={own.target}",
            f"--profiles-dir={PROJECT_ROOT}",
        ],
        cwd=PROJECT_ROOT,
        env=step_environment(own),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return own.target_dir / "compiled" / "safe_haven" / "analyses"


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered(
    question: str, compiled: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    sql = (compiled / f"{question}.sql").read_text(encoding="utf-8")
    is_answered = warehouse.sql(sql).fetchone() is not None
    assert is_answered == (question not in NOT_TOLD_ENOUGH)
