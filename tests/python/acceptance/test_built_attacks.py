"""Attacks on what the build made, by somebody who holds all of its output and not its keys."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import duckdb
import pytest

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.pseudonymise import KeyedHash
from safe_haven.release import records

NUMBERS = 10_000_000
"""Every number of the range 999, which is the range of simulated patients."""
PSEUDONYMS = "restricted.releases.rel_person_pseudonym"


@pytest.fixture(scope="module")
def dictionary(warehouse: duckdb.DuckDBPyConnection) -> str:
    """A relation of every valid 999 number and what an attacker can make of it without a key."""
    digits = " + ".join(f"{10 - at} * substr(n, {at + 1}, 1)::integer" for at in range(9))
    warehouse.execute(
        "create or replace temporary table dictionary as with number as ("
        f"select '999' || lpad(range::varchar, 7, '0') as n from range({NUMBERS})), "
        f"checked as (select n, (11 - ({digits}) % 11) % 11 as digit from number) "
        "select n, left(sha256(n), 32)::uuid as sha, md5(n)::uuid as md, "
        "left(sha256(length(n) || ':' || n), 32)::uuid as prefixed, "
        "lpad(n, 32, '0')::uuid as padded "
        "from checked where digit = substr(n, 10, 1)::integer"
    )
    return "dictionary"


def named(warehouse: duckdb.DuckDBPyConnection, dictionary: str, values: str) -> int:
    """How many of some values (a query of one column) the dictionary has a number for."""
    (found,) = warehouse.execute(
        f"select count(*) from (select distinct value from ({values}) as held(value)) "
        f"where value in (select unnest([sha, md, prefixed, padded]) from {dictionary})"
    ).fetchone() or (0,)
    return int(found)


# -- pseudonyms ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        f"select person_pseudonym from {PSEUDONYMS}",
        f"select person_key from {PSEUDONYMS}",
        "select person_key from identifiable.identity.idn_person",
    ],
    ids=["pseudonyms", "keys in the restricted zone", "keys of people"],
)
def test_attack_a_dictionary_of_every_999_number_names_nobody(
    warehouse: duckdb.DuckDBPyConnection, dictionary: str, values: str
) -> None:
    """Its control is `test_control_hashes_without_a_key_all_fall_to_it`."""
    (held,) = warehouse.execute(f"select count(*) from ({values})").fetchone() or (0,)
    assert held > 100
    assert named(warehouse, dictionary, values) == 0


@pytest.mark.parametrize("unkeyed", ["left(sha256(nhs_number), 32)", "md5(nhs_number)"])
def test_control_hashes_without_a_key_all_fall_to_it(
    warehouse: duckdb.DuckDBPyConnection, dictionary: str, unkeyed: str
) -> None:
    people = "from identifiable.identity.idn_person where nhs_number like '999%'"
    (held,) = warehouse.execute(f"select count(distinct nhs_number) {people}").fetchone() or (0,)
    assert named(warehouse, dictionary, f"select {unkeyed}::uuid {people}") == held > 100


def packs_of_records(state: State) -> Iterator[tuple[str, set[str]]]:
    """Every agreement whose pack holds records, and its pseudonyms, read with the pack's key."""
    keyring = Keyring(state.keys)
    for path in sorted(state.releases.glob(f"*/*/current/{records.CONTAINER}")):
        recipient, agreement = path.relative_to(state.releases).parts[:2]
        content = records.read_container(path, keyring.key(f"recipient-{recipient}"))
        found = {
            str(value)
            for table in content
            if "person_pseudonym" in table.rows.column_names
            for value in table.rows["person_pseudonym"].to_pylist()
            if value is not None
        }
        if found:
            yield agreement, found


@pytest.fixture(scope="module")
def pseudonyms(state: State) -> dict[str, set[str]]:
    """Pseudonyms by agreement, out of the packs."""
    return dict(packs_of_records(state))


def shared_people(warehouse: duckdb.DuckDBPyConnection, one: str, other: str, column: str) -> int:
    """People in both agreements, by a column of the map of pseudonyms."""
    (found,) = warehouse.execute(
        f"select count(distinct {column}) from {PSEUDONYMS} where agreement_id = ? and {column} "
        f"in (select {column} from {PSEUDONYMS} where agreement_id = ?)",
        [one, other],
    ).fetchone() or (0,)
    return int(found)


def test_attack_joining_the_packs_of_two_recipients(
    warehouse: duckdb.DuckDBPyConnection, pseudonyms: dict[str, set[str]]
) -> None:
    """The control joins the same people by the key of the warehouse, which no pack has."""
    pairs = list(combinations(pseudonyms, 2))
    assert len(pairs) >= 10
    assert [pair for pair in pairs if pseudonyms[pair[0]] & pseudonyms[pair[1]]] == []
    joined = [shared_people(warehouse, *pair, "person_key") for pair in pairs]
    assert sum(people > 0 for people in joined) >= 3


def test_attack_joining_feeds_with_and_without_opt_outs(
    warehouse: duckdb.DuckDBPyConnection, state: State
) -> None:
    """Whoever is in one feed only has objected. So no feed without opt-outs has their pseudonyms.

    Each person of the feed with opt-outs is given the pseudonym that each feed without them has, or
    would have, for that person. The control uses one key for both, which joins them all.
    """
    keyring = Keyring(state.keys)
    names = [name for name in keyring.names() if name.startswith("agreement-")]
    honouring = [name for name in names if "-applied-" in name]
    others = [name for name in names if "-not_applied-" in name]
    assert honouring and len(others) > 10
    for own in honouring:
        agreement = own.removeprefix("agreement-").partition("-applied-")[0]
        people = warehouse.execute(
            f"select person_key::varchar, person_pseudonym::varchar from {PSEUDONYMS} "
            "where agreement_id = ?",
            [agreement],
        ).fetchall()
        released = {pseudonym for _, pseudonym in people}
        assert len(released) > 10
        elsewhere = {under(keyring.key(name), person) for name in others for person, _ in people}
        assert released & elsewhere == set()
        assert {under(keyring.key(own), person) for person, _ in people} == released


def under(key: bytes, person_key: str) -> str:
    """The pseudonym of a person under a key, as the macro `pseudonym` makes it."""
    return KeyedHash(key).uuid(f"9:pseudonym{len(person_key)}:{person_key}")


# -- keys ---------------------------------------------------------------------------------------


def encoded(key: bytes) -> set[bytes]:
    """A key as it could stand in a file."""
    text = key.hex()
    return {
        key,
        text.encode(),
        text.upper().encode(),
        base64.b64encode(key).rstrip(b"="),
        base64.urlsafe_b64encode(key).rstrip(b"="),
        text.encode("utf-16-le"),
    }


def files_with_a_key(folder: Path, keys: Path) -> dict[str, str]:
    """Files outside the folder of keys that hold one, and which."""
    wanted = {
        form: path.name
        for path in sorted(keys.glob("*.key"))
        for form in encoded(bytes.fromhex(path.read_text().strip()))
    }
    wanted |= {path.read_bytes().strip(): path.name for path in keys.glob("*.password")}
    assert len(wanted) > 50
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.is_relative_to(keys):
            continue
        content = path.read_bytes()
        for form, name in wanted.items():
            if form in content:
                found[path.relative_to(folder).as_posix()] = name
    return found


def test_attack_grep_for_keys_in_artefacts_and_logs(state: State) -> None:
    """All that the build left: manifest, compiled SQL, run results, logs, zones, packs, landing.

    Its control is `test_control_a_statement_with_a_key_in_a_log_is_found`.
    """
    searched = [path for path in state.var.rglob("*") if path.is_file()]
    assert {"manifest.json", "run_results.json"} <= {path.name for path in searched}
    assert any(path.is_relative_to(state.logs) for path in searched)
    assert files_with_a_key(state.var, state.keys) == {}


def test_control_a_statement_with_a_key_in_a_log_is_found(state: State, tmp_path: Path) -> None:
    """What a log would hold if the statement that attaches a zone passed through dbt."""
    keyring = Keyring(state.keys)
    shutil.copytree(state.keys, tmp_path / "keys")
    log = tmp_path / "logs" / "dbt.log"
    log.parent.mkdir()
    log.write_text(f"attach 'x' (ENCRYPTION_KEY '{keyring.key('zone-restricted').hex()}')")
    assert files_with_a_key(tmp_path, tmp_path / "keys") == {"logs/dbt.log": "zone-restricted.key"}


def test_attack_grep_for_keys_in_what_the_database_remembers(state: State) -> None:
    """The history of queries, settings, secrets and the catalogue of an open connection.

    Whoever is given a connection may have its statements logged from then on, but the zones were
    attached before. The control attaches them where statements are logged already.
    """
    keyring = Keyring(state.keys)
    keys = [keyring.key(name).hex() for name in keyring.names()]
    of_zones = {keyring.key(f"zone-{zone}").hex() for zone in zones.ZONES}
    assert len(of_zones) == len(zones.ZONES) < len(keys)
    with zones.open_read_only(state) as connection:
        connection.execute("call enable_logging('QueryLog')")
        connection.execute("select 'a statement of my own'")
        told = remembered(connection)
    assert "a statement of my own" in told
    assert not [key for key in keys if key in told]
    with duckdb.connect() as logged:
        logged.execute("call enable_logging('QueryLog')")
        zones.attach(logged, state, keyring, read_only=True)
        told = remembered(logged)
    assert {key for key in keys if key in told} == of_zones


def remembered(connection: duckdb.DuckDBPyConnection) -> str:
    """Everything that a query can ask of what was run and set."""
    asked = (
        "from duckdb_logs",
        "from duckdb_settings()",
        "from duckdb_secrets()",
        "from duckdb_databases()",
        "from duckdb_views()",
        "from duckdb_tables()",
        "from duckdb_variables()",
    )
    return "\n".join(str(connection.execute(query).fetchall()) for query in asked)
