"""Giving analysts their copies, and taking them back: the operator's side.

A copy is there whole or not at all: it is written beside its place, signed, logged, renamed, and
only then pointed at. Whoever is no trained analyst of the copy's office any more loses it at the
next run: its key is destroyed.
"""

from __future__ import annotations

import datetime
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring, write_atomically
from safe_haven.paths import State
from safe_haven.release import events, files, signing
from safe_haven.staff import grant as grants
from safe_haven.staff import rows
from safe_haven.staff.grant import ANALYST, Grant
from safe_haven.zones import BLOCK_SIZE, open_read_only, writer_lock

STAFF_ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
PREPARING = ".preparing"

Row = Mapping[str, Any]


def trained(staff: Sequence[Row], today: datetime.date) -> Row | None:
    """The row of a role's training that is valid on `today`, if there is one."""
    return next(
        (row for row in staff if row["training_valid_from"] <= today <= row["training_valid_to"]),
        None,
    )


def refusals(staff: Sequence[Row], today: datetime.date) -> Iterator[str]:
    """Every reason against giving a copy; `staff` are the rows of one role."""
    if not staff:
        yield "not_on_the_staff_list"
    elif (row := trained(staff, today)) is None:
        yield "training_not_valid"
    elif row["access_role"] != ANALYST:
        yield "not_an_analyst"


def analyst_state(state: State, staff_role: str) -> State:
    """The folder that is handed to an analyst, as a state of its own.

    Errors: SafeHavenError for what cannot be a role, since it would be a path.
    """
    if not STAFF_ROLE.fullmatch(staff_role):
        raise SafeHavenError(
            "That is no role of staff: roles are written in small letters, digits and '_', and "
            "stand in seeds/agreements/staff_access.csv."
        )
    return State(var=state.analysts / staff_role, target=ANALYST)


def give(state: State, staff_role: str) -> State:
    """Make the copy of one analyst, in place of any before, and return the folder to hand over.

    Errors: SafeHavenError when the role may have none, which is logged, or the build is not one.
    """
    analyst = analyst_state(state, staff_role)
    with writer_lock(state), open_read_only(state) as connection:
        today = audit_log.now().date()
        withdraw_lapsed(state, connection, today)
        staff = read_staff(connection, staff_role)
        found = list(refusals(staff, today))
        if found:
            told = {"staff_role": staff_role, "reasons": found}
            events.record(state, [(events.COPY_REFUSED, told)])
            raise SafeHavenError(
                f"{staff_role} gets no copy: {', '.join(found)}. Roles, offices and training stand "
                "in seeds/agreements/staff_access.csv; run ./run build after a change."
            )
        state.analysts.mkdir(mode=0o700, exist_ok=True)
        analyst.make_folders()
        row = trained(staff, today)
        assert row is not None
        _publish(state, analyst, _prepare(state, analyst, connection, row))
    return analyst


def read_staff(connection: duckdb.DuckDBPyConnection, staff_role: str) -> list[Row]:
    """The rows of a role, as last built."""
    result = connection.execute(
        "select staff_role, office_code, access_role, training_valid_from, training_valid_to "
        "from pseudonymised.seeds.staff_access where staff_role = ? order by training_valid_from",
        [staff_role],
    )
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _prepare(
    state: State, analyst: State, connection: duckdb.DuckDBPyConnection, row: Row
) -> Grant:
    """Write and sign the copy where nobody looks for it."""
    rules = rows.read_rules(connection)
    build_id = _one_build(connection)
    preparing = analyst.warehouse / PREPARING
    files.remove(preparing)
    preparing.mkdir(mode=0o700)
    copy_id = secrets.token_hex(8)
    keyring = Keyring(analyst.keys)
    keyring.ensure([grants.key_name(copy_id)])
    path = preparing / grants.COPY
    key = keyring.key(grants.key_name(copy_id))
    grants.attach_file(connection, path, rows.TARGET, key, f", BLOCK_SIZE {BLOCK_SIZE}")
    rows.copy_rows(connection, rules, row["office_code"])
    connection.execute(f"detach {rows.TARGET}")
    path.chmod(0o600)
    grant = Grant(
        copy_id,
        row["staff_role"],
        row["office_code"],
        build_id,
        row["training_valid_from"],
        row["training_valid_to"],
        files.file_sha256(path),
    )
    grants.write(preparing, Keyring(state.keys), grant)
    files.sync_tree(preparing)
    return grant


def _one_build(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute(
        "select distinct build_id from pseudonymised.meta.build_register "
        "where split_part(relation, '.', 1) in ('core', 'governance', 'seeds') "
        "union select build_id from restricted.meta.build_register "
        "where split_part(relation, '.', 1) = 'governance'"
    ).fetchall()
    if len(found) != 1:
        raise SafeHavenError(
            "The warehouse is of more than one build, so a copy would mix them. Run ./run build."
        )
    return found[0][0]


def _publish(state: State, analyst: State, grant: Grant) -> None:
    """Log the copy, put it in its place, and forget those before."""
    public_key = state.public_keys / signing.PUBLIC_KEY_FILE
    told = {"staff_role": grant.staff_role, "office": grant.office_code, "copy": grant.copy_id}
    events.record(state, [(events.COPY_GIVEN, told | {"build_id": grant.build_id})])
    write_atomically(analyst.public_keys / signing.PUBLIC_KEY_FILE, public_key.read_bytes(), 0o644)
    files.move(analyst.warehouse / PREPARING, analyst.warehouse / grant.copy_id)
    files.point(analyst.warehouse / grants.CURRENT, grant.copy_id)
    _forget(analyst, keep=grant.copy_id)


def _forget(analyst: State, keep: str | None = None) -> None:
    """Destroy the keys of all copies but one, and remove their files."""
    keyring = Keyring(analyst.keys)
    for name in keyring.names():
        if name.startswith("copy-") and keep != name.removeprefix("copy-"):
            keyring.destroy(name)
    for path in _copies(analyst):
        if path.name != keep:
            files.remove(path)


def _copies(analyst: State) -> list[Path]:
    return [path for path in analyst.warehouse.glob("*") if grants.COPY_ID.fullmatch(path.name)]


def withdraw_lapsed(
    state: State, connection: duckdb.DuckDBPyConnection, today: datetime.date
) -> list[str]:
    """Take their copies from those who may not have them today; returns their roles."""
    withdrawn = []
    for folder in sorted(state.analysts.glob("*")):
        if not STAFF_ROLE.fullmatch(folder.name):
            continue
        analyst = analyst_state(state, folder.name)
        if not _copies(analyst):
            continue
        staff = read_staff(connection, folder.name)
        found = list(refusals(staff, today)) or _moved(analyst, trained(staff, today))
        if found:
            told = {"staff_role": folder.name, "reasons": found}
            events.record(state, [(events.COPY_WITHDRAWN, told)])
            (analyst.warehouse / grants.CURRENT).unlink(missing_ok=True)
            _forget(analyst)
            withdrawn.append(folder.name)
    return withdrawn


def _moved(analyst: State, row: Row | None) -> list[str]:
    try:
        office = grants.read(analyst).office_code
    except SafeHavenError:
        return ["copy_not_sound"]
    return [] if row is not None and row["office_code"] == office else ["of_another_office"]
