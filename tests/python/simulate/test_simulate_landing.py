"""What `safe-haven simulate` does to the landing folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from simulated_world import WORLD, landing_bytes, make_state

from safe_haven.errors import SafeHavenError
from safe_haven.load.landing import (
    Submission,
    landing_path,
    landing_schema,
    read_submissions,
    register_submission,
    write_parquet,
)
from safe_haven.paths import State
from safe_haven.simulate import fault_key, submissions, world
from safe_haven.simulate.command import simulate, simulate_command
from safe_haven.simulate.world import SQL, World
from safe_haven.simulate.write import part_folder

SMALL = World(persons=400, months=3, seed=3)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> State:
    """An installation into which SMALL was simulated. Do not change it."""
    state = make_state(tmp_path_factory.mktemp("small") / "var")
    simulate(state, SMALL)
    return state


def copy_of(state: State, var: Path) -> State:
    """Another installation with the same landing folder."""
    copy = make_state(var)
    shutil.copytree(state.landing, copy.landing, dirs_exist_ok=True)
    return copy


def load_file(state: State, submission_id: str) -> Path:
    """Land a file as the loader does, with one row that is not simulated."""
    folder = state.landing / "apc_episode"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state.landing / "submission").mkdir(mode=0o700, exist_ok=True)
    path = landing_path(state, "apc_episode", submission_id)
    write_parquet(landing_schema("apc_episode").empty_table(), path)
    register_submission(
        state,
        Submission(
            submission_id=submission_id,
            feed="apc_episode",
            layout="hes-apc",
            sender_organisation_code="X24",
            file_name="a.csv",
            file_sha256="0" * 64,
            landed_sha256="0" * 64,
            rows_received="0",
            received_on="2024-04-01",
            extract_at="2024-04-01T00:00:00",
        ),
    )
    return path


def test_the_same_arguments_give_the_same_bytes_whatever_the_batches(
    landed: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "PERSON_MONTHS_AT_ONCE", 2 * WORLD.persons)
    monkeypatch.setattr(world, "PEOPLE_AT_ONCE", WORLD.persons // 2 + 1)
    state = make_state(tmp_path / "var")
    simulate(state, WORLD)
    assert landing_bytes(state) == landing_bytes(landed)


def test_faults_that_are_not_asked_for_in_a_month_would_plant_nothing(
    landed: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = {path.stem.removeprefix("fault_") for path in SQL.glob("fault_*.sql")}
    assert every > fault_key.IN_EVERY_FILE
    monkeypatch.setattr(fault_key, "IN_EVERY_FILE", every)
    state = make_state(tmp_path / "var")
    simulate(state, WORLD)
    assert landing_bytes(state) == landing_bytes(landed)


def test_another_seed_gives_another_world(small: State, tmp_path: Path) -> None:
    first = landing_bytes(small)
    state = copy_of(small, tmp_path / "var")
    simulate(state, World(persons=SMALL.persons, months=SMALL.months, seed=SMALL.seed + 1))
    second = landing_bytes(state)
    same = [name for name in first if first[name] == second.get(name)]
    # Corrections of a bulk feed have a file where there are some.
    assert {n for n in first if "-net" not in n} == {n for n in second if "-net" not in n}
    # Only the zero-row files (files made of records without a fault, of which there may be none
    # in a small world), and the places that are there in every world.
    alike = ("_schema", "postcode_directory", "-test", "-other-sender")
    assert all(any(part in name for part in alike) for name in same)


def test_another_run_replaces_simulated_files_and_leaves_loaded_ones(
    small: State, tmp_path: Path
) -> None:
    state = copy_of(small, tmp_path / "var")
    path = load_file(state, "hes-apc-0123456789abcdef")
    loaded = path.read_bytes()
    simulate(state, World(persons=SMALL.persons, months=1, seed=SMALL.seed))
    months = {s.period_start for s in read_submissions(state) if s.feed == "outpatient_appointment"}
    assert months == {"2024-04-01"}
    assert not list(state.landing.rglob("*2024-05*"))
    assert path.read_bytes() == loaded
    assert [s.submission_id for s in read_submissions(state) if s.layout != "simulated"] == [
        path.stem
    ]


def test_a_loaded_file_is_never_replaced_even_under_our_id(tmp_path: Path) -> None:
    state = make_state(tmp_path / "var")
    path = load_file(state, "simulated-apc_episode-2024-04")
    before = landing_bytes(state)
    with pytest.raises(SafeHavenError, match="loaded file has the submission id"):
        simulate(state, SMALL)
    after = landing_bytes(state)
    assert {name: after[name] for name in before} == before
    assert path.exists()


def test_what_an_interrupted_run_left_is_cleared(
    small: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = copy_of(small, tmp_path / "var")
    whole = landing_bytes(state)
    with monkeypatch.context() as broken:
        broken.setattr(
            "safe_haven.simulate.write.register_submission",
            lambda *_: (_ for _ in ()).throw(KeyboardInterrupt),
        )
        with pytest.raises(KeyboardInterrupt):
            simulate(state, World(persons=500, months=1))
    assert read_submissions(state) == [], "rows without an envelope: nobody reads them"
    assert not part_folder(state).exists()
    simulate(state, SMALL)
    assert landing_bytes(state) == whole


def test_the_command_counts_what_it_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "var"))
    arguments = ["--persons", "400", "--months", "1", "--received-on", "2024-05-20"]
    result = CliRunner().invoke(simulate_command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "apc_episode                3 files" in result.output
    state = State.from_environment()
    assert {s.received_on for s in read_submissions(state)} == {"2024-05-20"}


def test_a_day_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "var"))
    result = CliRunner().invoke(simulate_command, ["--received-on", "yesterday"])
    assert isinstance(result.exception, SafeHavenError)
    assert "YYYY-MM-DD" in str(result.exception)
