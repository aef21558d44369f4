"""`safe-haven wall --scan` and `safe-haven tests-ran`, over a small state folder of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from wall_project import manifest, node

from safe_haven import zones
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.wall import command

NUMBER = "9991234578"


def run_in_zones(state: State, *statements: str) -> None:
    """Run statements with the five zone files attached for writing."""
    with duckdb.connect() as connection:
        zones.attach(connection, state, Keyring(state.keys))
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """Five encrypted zones with one person in the identifiable one, and a compiled manifest."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path))
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    state = State.from_environment()
    Keyring(state.keys).ensure(f"zone-{zone}" for zone in zones.ZONES)
    run_in_zones(
        state,
        "create schema identifiable.staging",
        "create table identifiable.staging.stg_person (nhs_number varchar, family_name varchar)",
        f"insert into identifiable.staging.stg_person values ('{NUMBER}', 'SMITH')",
        "create schema aggregated.marts",
        "create table aggregated.marts.mart_activity as select '1' as sex, 5 as records",
    )
    state.target_dir.mkdir()
    (state.target_dir / "manifest.json").write_text(json.dumps(manifest()))
    yield state


def wall(*arguments: str) -> Result:
    """Run `safe-haven wall`."""
    return CliRunner().invoke(command.wall_command, list(arguments))


def test_the_wall_holds_and_says_what_it_checked(state: State) -> None:
    """The control: gate and scan pass, with the numbers of nodes and columns."""
    done = wall("--scan")
    assert done.exit_code == 0, done.output
    assert "11 nodes and 33 columns" in done.output


ATTACKS: dict[str, Callable[[State], object]] = {
    "in a mart": lambda state: run_in_zones(
        state, f"insert into aggregated.marts.mart_activity values ('{NUMBER[::-1]}', 1)"
    ),
    "in the catalogue of a zone": lambda state: run_in_zones(
        state, f"comment on table aggregated.marts.mart_activity is '{NUMBER}'"
    ),
    "in a column nobody described": lambda state: run_in_zones(
        state, "alter table aggregated.marts.mart_activity add column extra varchar"
    ),
    "in a published file": lambda state: (state.public / "a.html").write_text(NUMBER),
    "in a pack": lambda state: (state.releases / "a.csv").write_text(f"x,{NUMBER}"),
    "in the catalogue of dbt": lambda state: (state.target_dir / "catalog.json").write_text(
        json.dumps({"stats": NUMBER})
    ),
    "a zone without encryption": lambda state: (
        zones.zone_file(state, "anonymised").unlink(),
        duckdb.connect(zones.zone_file(state, "anonymised")).close(),
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_a_leak_outside_the_identifiable_zone_is_found(attack: str, state: State) -> None:
    """Wherever the number stands, the command fails, and does not repeat it."""
    ATTACKS[attack](state)
    done = wall("--scan")
    assert done.exit_code != 0
    assert NUMBER not in done.output and NUMBER[::-1] not in done.output


def test_the_identifiable_zone_and_the_logs_are_not_scanned(state: State) -> None:
    """What belongs to the identifiable zone may hold identifiers: no false alarm."""
    (state.logs / "dbt.log").write_text(NUMBER)
    (state.controlled / "pack").write_text(NUMBER)
    (state.target_dir / "run_results.json").write_text(NUMBER)
    assert wall("--scan").exit_code == 0


def test_attack_an_empty_identifiable_zone_proves_nothing(state: State) -> None:
    """Without a needle the scan refuses to say that nothing was found."""
    run_in_zones(state, "delete from identifiable.staging.stg_person")
    done = wall("--scan")
    assert done.exit_code != 0 and isinstance(done.exception, SafeHavenError)


def test_attack_a_breach_in_the_manifest_fails_the_command(state: State) -> None:
    """The gate's findings are printed with their reasons; a torn or missing manifest is no pass."""
    project = manifest()
    node(project, "mart_activity")["database"] = "memory"
    path = state.target_dir / "manifest.json"
    path.write_text(json.dumps(project))
    done = wall()
    assert done.exit_code == 1 and "routing  mart_activity" in done.output
    path.write_text(json.dumps(project)[:-10])
    assert isinstance(wall().exception, SafeHavenError)
    path.unlink()
    assert isinstance(wall().exception, SafeHavenError)


def test_attack_tests_that_did_not_run_fail_the_command(state: State) -> None:
    """The manifest of another project does not hold the tests that this one declares."""
    (state.target_dir / "run_results.json").write_text(json.dumps({"results": []}))
    done = CliRunner().invoke(command.tests_ran_command, [])
    assert done.exit_code == 1
    assert "dbt parsed 0" in done.output


def test_published_numbers_are_those_in_the_projects_text(tmp_path: Path) -> None:
    """Ten digits standing alone in models, macros, seeds and tests; nothing from elsewhere."""
    for folder, text in (("models", f"- {NUMBER}"), ("var", "9990000018"), ("seeds", "1234567890")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yml").write_text(text)
    assert command.published_numbers(tmp_path) == {NUMBER, "1234567890"}
