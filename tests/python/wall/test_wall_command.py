"""`safe-haven wall --scan` and `safe-haven tests-ran`, over a small state folder of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from wall_project import manifest, node

from safe_haven import zones
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import records
from safe_haven.release.render import Field, Table
from safe_haven.wall import canary, command

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
    assert "14 nodes and 38 columns" in done.output


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


# -- PATHS: what a person wants searched --------------------------------------------------------


@pytest.fixture
def pack(state: State) -> Path:
    """A released pack of QAA with one table in the clear and one under its key, and its link."""
    shutil.copytree(state.warehouse, State(var=state.var, target="operator").warehouse)
    Keyring(state.keys).ensure(["recipient-QAA", "recipient-QBB"])
    folder = state.releases / "QAA" / "A1" / "1"
    (folder / "data").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"recipient_code": "QAA"}))
    (folder / "data" / "table.csv").write_text("icb_code,records\nQAA,10\n")
    write_records(state, folder, "a", "QAA")
    (folder.parent / "current").symlink_to("1")
    return folder


def write_records(state: State, folder: Path, value: str, recipient: str) -> None:
    """The container of the pack, with one value in it, under a recipient's key."""
    fields = (Field("person_pseudonym", "string", ""),)
    table = Table("apc_spell", fields, pa.table({"person_pseudonym": [value]}))
    container = folder / records.CONTAINER
    container.unlink(missing_ok=True)
    records.write_container(container, Keyring(state.keys).key(f"recipient-{recipient}"), [table])


PLANTED: dict[str, Callable[[State, Path], object]] = {
    "in a table": lambda state, pack: (pack / "data" / "table.csv").write_text(f"x,{NUMBER}"),
    "in a name": lambda state, pack: (pack / f"{NUMBER}.txt").write_text("x"),
    "in the name of a folder": lambda state, pack: (
        (pack / NUMBER).mkdir(),
        (pack / NUMBER / "a.txt").write_text("x"),
    ),
    "in an encrypted record": lambda state, pack: write_records(state, pack, NUMBER, "QAA"),
    "backwards in one": lambda state, pack: write_records(state, pack, NUMBER[::-1], "QAA"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_attack_an_identifier_in_a_pack_is_found_by_hand(
    planted: str, state: State, pack: Path
) -> None:
    """In the clear or under the recipient's key; the finding does not repeat it."""
    PLANTED[planted](state, pack)
    done = wall("--scan", str(pack))
    assert done.exit_code == 1, done.output
    assert "canary-scan" in done.output
    assert NUMBER not in done.output and NUMBER[::-1] not in done.output


@pytest.mark.parametrize("through", ["current", ".."])
def test_attack_a_pack_is_searched_however_it_is_named(
    through: str, state: State, pack: Path
) -> None:
    """By its link, or with all of the recipient's."""
    write_records(state, pack, NUMBER, "QAA")
    assert wall("--scan", str(pack.parent / through)).exit_code == 1


def test_control_a_clean_pack_passes_and_the_scan_says_how_much_it_read(
    state: State, pack: Path
) -> None:
    done = wall("--scan", str(pack.parent / "current"))
    assert done.exit_code == 0, done.output
    assert "3 files searched" in done.output


def test_control_without_the_key_the_bytes_of_a_container_show_nothing(
    state: State, pack: Path
) -> None:
    """Why the scan opens containers: their bytes alone would pass."""
    write_records(state, pack, NUMBER, "QAA")
    assert not canary.scan_paths([pack], [NUMBER])


def test_attack_an_identifier_in_a_released_container_fails_the_whole_scan(
    state: State, pack: Path
) -> None:
    assert wall("--scan").exit_code == 0
    write_records(state, pack, NUMBER, "QAA")
    assert "canary-scan" in wall("--scan").output


@pytest.mark.parametrize("place", ["data/records.duckdb.enc", f"{NUMBER}.bin"])
def test_attack_a_container_that_no_key_opens_is_no_pass(
    place: str, state: State, pack: Path
) -> None:
    """Another recipient's key, and so by any name."""
    write_records(state, pack, NUMBER, "QBB")
    (pack / records.CONTAINER).rename(pack / place)
    done = wall("--scan", str(pack))
    assert done.exit_code == 1 and "scan-unreadable" in done.output
    assert NUMBER not in done.output


def test_attack_a_link_to_a_file_is_followed(state: State, pack: Path, tmp_path: Path) -> None:
    PLANTED["in a table"](state, pack)
    link = tmp_path / "link.csv"
    link.symlink_to(pack / "data" / "table.csv")
    assert wall("--scan", str(link)).exit_code == 1


def test_attack_nothing_to_read_proves_nothing(state: State, pack: Path, tmp_path: Path) -> None:
    """An empty folder, a path that is not there, and PATHS without --scan are refused."""
    (tmp_path / "empty").mkdir()
    refused = wall("--scan", str(tmp_path / "empty"))
    assert isinstance(refused.exception, SafeHavenError)
    assert wall("--scan", str(tmp_path / "gone")).exit_code == 2
    assert wall(str(pack)).exit_code == 2


def test_published_numbers_are_those_in_the_projects_text(tmp_path: Path) -> None:
    """Ten digits standing alone in models, macros, seeds and tests; nothing from elsewhere."""
    for folder, text in (("models", f"- {NUMBER}"), ("var", "9990000018"), ("seeds", "1234567890")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.yml").write_text(text)
    assert command.published_numbers(tmp_path) == {NUMBER, "1234567890"}


def test_numbers_inside_codes_are_those_of_the_projects_text(tmp_path: Path) -> None:
    """Every ten digits of a longer code; a number that stands alone in a seed is none of them."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.csv").write_text(f"code\n{NUMBER}\n123456789012\n")
    found = command.numbers_inside_codes(tmp_path)
    assert found == {"1234567890", "2345678901", "3456789012"}
