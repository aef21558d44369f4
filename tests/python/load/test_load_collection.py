"""A new collection is declared by one file: a contract with a schedule and an end date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.zones import open_read_only

COPIED = ("dbt_project.yml", "macros", "models", "profiles.yml", "safe_haven", "seeds", "tests")
AFTER_STAGING = {
    *("models/core", "models/disclosure", "models/governance", "models/handover"),
    *("models/identity", "models/marts", "models/releases"),
    *("tests/access", "tests/config", "tests/disclosure", "tests/integrity", "tests/python"),
    *("tests/rates",),
}
"""What reads the tables of records: dbt would parse it for nothing."""
FEED = "winter_bed_survey"
FILES = {"in_time.csv": "2025-03-31", "late.csv": "2025-04-01"}
"""Day of receipt of each file."""
GENERATED = {"macros/submission/input_contract.sql"}
CONTRACT = """
version: 2

sources:
  - name: landing_winter_bed_survey
    database: memory
    schema: landing
    description: The input contract of a survey of open beds that is held in one winter.
    tables:
      - name: winter_bed_survey
        description: One row per hospital site and day.
        config:
          meta:
            subject: open beds of hospital sites
            schedule: weekly
            collected_until: 2025-03-31
            source_document: "Letter to trusts of 1 November 2024 (invented)"
            senders: []
            sender_column: site_code
            record_key: [site_code, counted_on]
            date_order: []
        columns:
          - name: site_code
            description: Hospital site.
            data_type: varchar
            config: {meta: {sensitivity: plain, required: true, format: site_code, reference: ODS}}
          - name: counted_on
            description: Day of the count.
            data_type: date
            config: {meta: {sensitivity: plain, required: true, reference: "the letter"}}
          - name: beds_open
            description: Beds open at noon.
            data_type: integer
            config: {meta: {sensitivity: plain, required: true, maximum: 999, reference: letter}}
"""


class Copy:
    """A copy of the project with a state of its own."""

    def __init__(self, folder: Path) -> None:
        """Copy the project's own files, up to the tables of records."""
        self.folder = folder
        for name in COPIED:
            source = PROJECT_ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            folder.mkdir(parents=True, exist_ok=True)
            copy(source, folder / name, **({"ignore": _left_out} if source.is_dir() else {}))
        self.state = State(var=folder / "var")

    def texts(self) -> dict[str, bytes]:
        """Every file of the copy, by path; neither state nor caches."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
            and not {"var", "__pycache__", "target", "logs"} & set(path.parts)
            and path.name != ".user.yml"
        }

    def run(self, *command: str) -> None:
        """Run a command of the copy."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "PYTHONDONTWRITEBYTECODE": "1",
                "SAFE_HAVEN_VAR": str(self.state.var),
                "DBT_TARGET_PATH": str(self.state.var / "target"),
                "DBT_LOG_PATH": str(self.state.var / "logs"),
                "DBT_PROFILES_DIR": str(self.folder),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]

    def safe_haven(self, *arguments: str) -> None:
        """Run a verb of the command line."""
        self.run(sys.executable, "-c", "from safe_haven.cli import main; main()", *arguments)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Which of the names in a folder of the project are not copied."""
    place = Path(folder).relative_to(PROJECT_ROOT)
    return {name for name in names if str(place / name) in AFTER_STAGING} | {"__pycache__"}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy with the collection declared, a file sent in time and one too late, and built."""
    copy = Copy(tmp_path_factory.mktemp("collection") / "project")
    before = copy.texts()
    path = copy.folder / "models" / "staging" / FEED / f"_{FEED}_source.yml"
    path.parent.mkdir()
    path.write_text(CONTRACT, encoding="utf-8")
    copy.safe_haven("contracts")
    after = copy.texts()
    assert {name for name in before if before[name] != after.get(name)} == GENERATED
    for index, (name, day) in enumerate(FILES.items()):
        file = copy.folder.parent / name
        file.write_text(f"site_code,counted_on,beds_open\nRXX01,2025-03-{index}9,120\n")
        copy.safe_haven(
            "load", f"landing-{FEED.replace('_', '-')}", str(file),
            "--sender", "RXX", "--received-on", day,
        )  # fmt: skip
    copy.run(
        str(Path(sys.executable).parent / "dbt"), "build",
        "--select", "+stg_error_report", "+stg_submission_count",
        "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test",
    )  # fmt: skip
    return copy


@pytest.fixture
def warehouse(declared: Copy) -> duckdb.DuckDBPyConnection:
    """The zones that the copy built."""
    return open_read_only(State(var=declared.state.var, target="dev"))


def test_a_declared_collection_is_built(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Its row stands, typed, with no model written by hand."""
    rows = warehouse.execute(
        f"select site_code, counted_on::varchar, beds_open from identifiable.staging.stg_{FEED}"
    ).fetchall()
    assert rows == [("RXX01", "2025-03-09", 120)]


def test_a_file_after_the_end_is_refused_with_the_reason(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The report that goes back to the sender says that the collection ended, and when."""
    report = warehouse.execute(
        "select file_name, rule, severity, what_to_do from identifiable.staging.stg_error_report"
    ).fetchall()
    ended = "Send nothing more: this collection ended on 2025-03-31"
    assert report == [("late.csv", "collection_ended", "reject", ended)]


def test_every_row_of_a_declared_collection_is_counted(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The reconciliation knows the feed without being told of it."""
    counts = warehouse.execute(
        "select received, rejected, accepted, unexplained "
        f"from identifiable.staging.stg_submission_count where feed = '{FEED}' order by accepted"
    ).fetchall()
    assert counts == [(1, 1, 0, 0), (1, 0, 1, 0)]
