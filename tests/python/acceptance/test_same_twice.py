"""Two builds from two empty states, with the same landing and keyring, give the same packs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from safe_haven.build_id import current_build_id
from safe_haven.keyring import Keyring
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.release import cut, files, pack, records, signing
from safe_haven.release.audits import Checks
from safe_haven.run.steps import copy_parsed, dbt, step_environment

# What stands between a pack and its recipient, and writes nothing into it: the first world's packs
# passed all of it. So the second build runs every model and seed and no test.
UNCHECKED = Checks(
    gate=lambda state, connection: None,
    audit=lambda folders: [],
    scan=lambda connection, paths, containers: [],
)
NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


@pytest.fixture(scope="module")
def first(state: State) -> State:
    """The world that was built and released."""
    return state


@pytest.fixture(scope="module")
def second(first: State, tmp_path_factory: pytest.TempPathFactory) -> State:
    """Another state, empty but for the landing folder and the keyring of the first, built again."""
    for current in first.releases.glob("*/*/current"):
        made_by = json.loads((current / pack.MANIFEST).read_bytes())["build_id"]
        assert made_by == current_build_id(first), "the project changed since: run ./run test"
    state = State(var=tmp_path_factory.mktemp("second") / "var", target="operator")
    shutil.copytree(first.landing, state.landing)
    shutil.copytree(first.keys, state.keys)
    state.make_folders()
    copy_parsed(first, state.var / "target")
    built = subprocess.run(
        dbt("build", *NO_TESTS, target="operator"),
        cwd=PROJECT_ROOT,
        env=step_environment(state) | {"DBT_TARGET_PATH": str(state.var / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-3000:]
    cut.release(state, checks=UNCHECKED)
    return state


def contents(state: State) -> dict[str, Any]:
    """Everything in every pack, by its path below the releases: bytes, or what is encrypted.

    An encrypted container differs each time it is written, and with it the one line of the manifest
    that has its hash, and the signature. In their place stand the tables, the other lines, and
    whether the signature holds.
    """
    found: dict[str, Any] = {}
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    for current in sorted(state.releases.glob("*/*/current")):
        folder = current.resolve()
        manifest = json.loads((folder / pack.MANIFEST).read_bytes())
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found[path.relative_to(state.releases).as_posix()] = path.read_bytes()
        if manifest["flow"] == pack.AGGREGATE:
            continue
        place = folder.relative_to(state.releases).as_posix()
        signed = (found[f"{place}/{name}"] for name in (pack.MANIFEST, pack.SIGNATURE))
        found[f"{place}/{pack.SIGNATURE}"] = signing.is_signed(public_key, *signed)
        del manifest["files"][records.CONTAINER]
        found[f"{place}/{pack.MANIFEST}"] = manifest
        key = Keyring(state.keys).key(f"recipient-{manifest['recipient_code']}")
        found[f"{place}/{records.CONTAINER}"] = {
            table.name: (table.fields, table.rows.to_pydict())
            for table in records.read_container(folder / records.CONTAINER, key)
        }
    return found


def test_two_builds_give_the_same_packs(first: State, second: State) -> None:
    one, other = contents(first), contents(second)
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []
    flows = {Path(name).name for name in one}
    assert {"records.duckdb.enc", "workbook.xlsx", "mart_activity_by_age_sex.parquet"} <= flows


def test_control_what_differs_is_seen(second: State, tmp_path: Path) -> None:
    """One changed byte in a file, and one changed value under a recipient's key."""
    before = contents(second)
    changed = State(var=tmp_path / "var", target="operator")
    shutil.copytree(second.var, changed.var, symlinks=True)
    csv = next(changed.releases.glob("*/*/current/data/*.csv"))
    csv.write_bytes(csv.read_bytes().replace(b"shown", b"shewn", 1))
    container = next(changed.releases.glob(f"*/*/current/{records.CONTAINER}"))
    manifest = json.loads((container.parent.parent / pack.MANIFEST).read_bytes())
    key = Keyring(changed.keys).key(f"recipient-{manifest['recipient_code']}")
    with records.attached(container, key, "READ_WRITE") as connection:
        table = next(iter(manifest["row_counts"]))
        connection.execute(f"delete from pack.main.{table} where rowid = 0")
        connection.execute("checkpoint pack")
    after = contents(changed)
    differing = [changed.releases / name for name in before if before[name] != after[name]]
    assert sorted(differing) == sorted([csv.resolve(), container.resolve()])
    assert files.file_sha256(container) != files.file_sha256(
        second.releases / container.resolve().relative_to(changed.releases)
    )
