"""Invoice validation: exactly the approved fields of exactly the approved people, or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from release_world import World, files_of, open_quickly
from test_audit_log import log

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.release import (
    audits,
    controlled,
    evidence,
    invoices,
    lifecycle,
    lifecycle_command,
    records,
)
from safe_haven.release.render import Field, Table

TODAY = datetime.datetime(2027, 9, 30, 12, tzinfo=datetime.UTC)
NUMBERS = {1: "9990000018", 2: "9990000026", 4: "9990000042"}
FIELDS = ("nhs_number", "responsible_commissioner_code", "provider_code", "discharge_month")
AGREEMENT = "pseudonymised.governance.gov_agreement"
BASIS = "pseudonymised.seeds.legal_basis"
SPELL = "restricted.releases.rel_apc_spell"

GATES = {
    "agreement_is_not_for_invoice_validation": (
        f"update {AGREEMENT} set information_flow = 'commissioning'"
    ),
    "contract_not_signed": (
        f"update {AGREEMENT} set is_allowed = false, reasons = ['contract_not_signed']"
    ),
    "not_allowed": f"update {AGREEMENT} set is_allowed = false",
    "agreement_not_in_date_today": f"update {AGREEMENT} set ends_on = '2027-09-29'",
    "legal_basis_expired": f"update {BASIS} set valid_to = '2027-09-29'",
}


def pseudonym(agreement: str, person: int) -> str:
    """Another one under each agreement."""
    return f"00000000-0000-4000-8000-0000000{agreement.encode()[:2].hex()}{person}"


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An agreement on the last day of its legal basis, beside those that there are.

    Person 1 has a spell under it, 2 under another agreement only, 3 has no number, 4 two spells.
    """
    monkeypatch.setattr(audit_log, "now", lambda: TODAY)
    monkeypatch.setattr(invoices, "open_read_only", open_quickly)
    world.keyring.ensure([controlled.KEY])
    spells = [("INV-A", 1), ("INV-A", 3), ("INV-A", 4), ("INV-A", 4), ("REC-A", 2)]
    people = sorted({*spells, ("REC-A", 1)})
    world.sql(
        "create table restricted.releases.rel_person_pseudonym (agreement_id varchar, "
        "person_key integer, person_pseudonym uuid)",
        *(
            "insert into restricted.releases.rel_person_pseudonym values "
            f"('{agreement}', {key}, '{pseudonym(agreement, key)}')"
            for agreement, key in people
        ),
        *(
            f"insert into {SPELL} values ('{agreement}', 'i{at}', "
            f"'{pseudonym(agreement, key)}', '01A', 'RAA', '2025-04', '2025-05', {at})"
            for at, (agreement, key) in enumerate(spells)
        ),
        *(
            "insert into restricted.releases.rel_field values "
            f"('INV-A', 'apc_spell', '{name}', {at}, 'varchar', 'in words')"
            for at, name in enumerate(FIELDS, start=1)
        ),
        "insert into restricted.releases.rel_pack by name select * replace ('INV-A' as "
        "agreement_id, 'controlled' as flow, date '2027-09-30' as retained_until) "
        "from restricted.releases.rel_pack where agreement_id = 'REC-A'",
    )
    world.sql(
        "create schema pseudonymised.governance",
        f"create table {AGREEMENT} as select 'INV-A' as agreement_id, 'QAA' as recipient_code, "
        "'invoice_validation' as information_flow, 'S251' as legal_basis, true as is_allowed, "
        "[]::varchar[] as reasons, date '2026-04-01' as starts_on, date '2027-09-30' as ends_on",
        f"create table {BASIS} as select 'S251' as legal_basis, "
        "'invoice_validation' as information_flow, date '2027-09-30' as valid_to "
        # what it permits beside is over
        "union all select 'S251', 'risk_stratification', date '2020-09-30'",
        zone="pseudonymised",
    )
    world.sql(
        "create schema identifiable.identity",
        "create table identifiable.identity.idn_person (person_key integer, nhs_number varchar, "
        "postcode varchar)",
        *(
            f"insert into identifiable.identity.idn_person values ({key}, '{number}', 'AA1 1AA')"
            for key, number in NUMBERS.items()
        ),
        "insert into identifiable.identity.idn_person values (3, null, 'AA1 1AA')",
        zone="identifiable",
    )
    return world


def written(world: World, path: Path) -> dict[str, list[dict[str, str]]]:
    """What the file holds, by table."""
    content = records.read_container(path, world.keyring.key(controlled.KEY))
    return {table.name: table.rows.to_pylist() for table in content}


def test_exactly_the_approved_fields_of_the_approved_people(world: World) -> None:
    given = invoices.give(world.state, "INV-A")
    (rows,) = written(world, given.path).values()
    assert [tuple(row) for row in rows] == [FIELDS] * 3
    assert [row["nhs_number"] for row in rows] == [NUMBERS[1], NUMBERS[4], NUMBERS[4]]
    assert {row["responsible_commissioner_code"] for row in rows} == {"01A"}
    assert given.records == 3


def test_the_file_is_encrypted_and_logged_as_counts(world: World) -> None:
    path = invoices.give(world.state, "INV-A").path
    assert path == world.state.controlled / "invoice_validation/INV-A/records.duckdb"
    assert path.stat().st_mode & 0o777 == 0o600
    assert NUMBERS[1].encode() not in path.read_bytes()
    with pytest.raises(SafeHavenError, match="does not open with this key"):
        records.read_container(path, world.keyring.key("recipient-QAA"))
    told = log(world)[-1]
    assert (told.event, dict(told.detail)) == (
        "invoice_validation",
        {"agreement": "INV-A", "row_counts": {"apc_spell": 3}},
    )
    page = evidence.evidence(world.state, TODAY.year).with_name("invoices.csv")
    assert '"invoice_validation","INV-A","apc_spell [c]"' in page.read_text()
    for content in files_of(world.state.audit).values():
        assert not any(number.encode() in content for number in NUMBERS.values())


def test_it_takes_the_place_of_the_one_before(world: World) -> None:
    first = invoices.give(world.state, "INV-A").path
    world.sql(f"delete from {SPELL} where record_key = 'i0'")
    second = invoices.give(world.state, "INV-A").path
    assert first == second
    assert len(written(world, second)["apc_spell"]) == 2
    assert len(list(world.state.controlled.rglob("*.duckdb"))) == 1


@pytest.mark.parametrize("reason", GATES)
def test_attack_each_gate_refuses(world: World, reason: str) -> None:
    """Control: `test_control_with_the_gates_off_the_file_is_written`."""
    world.sql(GATES[reason], zone="pseudonymised")
    with pytest.raises(SafeHavenError, match=reason):
        invoices.give(world.state, "INV-A")
    assert not list(world.state.controlled.rglob("*.duckdb"))
    event = log(world)[-1]
    assert event.event == "invoice_validation_refused"
    assert reason in event.detail["reasons"]


@pytest.mark.parametrize("reason", GATES)
def test_control_with_the_gates_off_the_file_is_written(
    world: World, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql(GATES[reason], zone="pseudonymised")
    monkeypatch.setattr(invoices, "refusals", lambda *_: iter(()))
    assert invoices.give(world.state, "INV-A").records == 3


def test_attack_the_day_after_its_legal_basis_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the last day it is given (the tests above); the build of that day knows no better.

    Control: with the gates off the file is written.
    """
    world.sql(f"update {AGREEMENT} set ends_on = '2028-03-31'", zone="pseudonymised")
    monkeypatch.setattr(audit_log, "now", lambda: TODAY + datetime.timedelta(days=1))
    with pytest.raises(SafeHavenError, match=r"is refused: legal_basis_expired\.$"):
        invoices.give(world.state, "INV-A")
    monkeypatch.setattr(invoices, "refusals", lambda *_: iter(()))
    assert invoices.give(world.state, "INV-A").records == 3


LISTS = [
    (
        "insert into restricted.releases.rel_field values "
        "('INV-A', 'apc_spell', 'person_pseudonym', 9, 'uuid', '')",
        "number and pseudonym side by side",
        {"apc_spell": {*FIELDS, "person_pseudonym"}},
    ),
    (
        "delete from restricted.releases.rel_field where field_name = 'nhs_number'",
        "no table of records by NHS number",
        {"apc_spell": {*FIELDS} - {"nhs_number"}},
    ),
    (
        "insert into restricted.releases.rel_field values "
        "('INV-A', 'pseudonym_bridge', 'nhs_number', 9, 'varchar', '')",
        "pseudonym_bridge is no table of records",
        {"apc_spell": {*FIELDS}, "pseudonym_bridge": {"nhs_number"}},
    ),
]
"""What changes the list, why it is refused, and the columns that would be written."""


@pytest.mark.parametrize(("statement", "message"), [one[:2] for one in LISTS])
def test_attack_a_list_of_other_fields(world: World, statement: str, message: str) -> None:
    """Control: `test_control_a_list_that_nobody_checks_is_written`."""
    world.sql(statement)
    with pytest.raises(SafeHavenError, match=message):
        invoices.give(world.state, "INV-A")
    assert not list(world.state.controlled.rglob("*.duckdb"))


@pytest.mark.parametrize(("statement", "columns"), [one[::2] for one in LISTS])
def test_control_a_list_that_nobody_checks_is_written(
    world: World, statement: str, columns: dict[str, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql(
        statement,
        "create table restricted.releases.rel_pseudonym_bridge as "
        "select agreement_id, person_pseudonym from restricted.releases.rel_person_pseudonym",
    )
    monkeypatch.setattr(invoices, "_content", unchecked)
    found = written(world, invoices.give(world.state, "INV-A").path)
    assert {table: set(rows[0]) for table, rows in found.items()} == columns


def unchecked(connection: duckdb.DuckDBPyConnection, agreement: str) -> Iterator[Table]:
    """The tables of an agreement's list, whatever they are."""
    listed = connection.execute(
        "select table_name, list(field_name) from restricted.releases.rel_field "
        "where agreement_id = ? group by all",
        [agreement],
    ).fetchall()
    for table, names in listed:
        fields = tuple(Field(name, "string", "") for name in names)
        yield Table(table, fields, invoices._rows(connection, agreement, table, fields))


def test_attack_another_identifier_is_no_column_of_a_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a person only the number is read, whatever the list names.

    The control reads the postcode of a person, and it is written.
    """
    world.sql(
        "update restricted.releases.rel_field set field_name = 'postcode' "
        "where agreement_id = 'INV-A' and field_name = 'provider_code'"
    )
    with pytest.raises(Exception, match='"postcode"'):
        invoices.give(world.state, "INV-A")
    assert not list(world.state.controlled.rglob("*.duckdb"))
    world.sql("delete from restricted.releases.rel_field where field_name = 'nhs_number'")
    monkeypatch.setattr(invoices, "NUMBER", "postcode")
    (rows,) = written(world, invoices.give(world.state, "INV-A").path).values()
    assert {row["postcode"] for row in rows} == {"AA1 1AA"}


@pytest.mark.parametrize("agreement", ["REC-A", "../REC-A", "", "NONE"])
def test_attack_another_agreement(
    world: World, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the gates off a file is written, of whatever the agreement's list names."""
    world.sql(
        "update restricted.releases.rel_field set field_name = 'nhs_number' "
        "where agreement_id = 'REC-A' and field_name = 'person_pseudonym'"
    )
    with pytest.raises(SafeHavenError, match="agreement_is_not_for_invoice_validation"):
        invoices.give(world.state, agreement)
    monkeypatch.setattr(invoices, "refusals", lambda *_: iter(()))
    given = invoices.give(world.state, agreement)
    assert given.path.exists()
    assert given.records == (1 if agreement == "REC-A" else 0)


def test_it_is_logged_before_it_can_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(controlled.files, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        invoices.give(world.state, "INV-A")
    assert log(world)[-1].event == "invoice_validation"
    assert not list((world.state.controlled / "invoice_validation").rglob("*.duckdb"))


def test_no_pack_is_made_of_it(world: World) -> None:
    assert "INV-A" not in world.release()
    assert not (world.state.releases / "QAA/INV-A").exists()


def test_control_in_a_pack_the_search_for_identifiers_would_find_it(world: World) -> None:
    path = invoices.give(world.state, "INV-A").path
    container = audits.Container(path, world.keyring.key(controlled.KEY))
    with open_quickly(world.state) as connection:
        assert audits.scan_for_identifiers(connection, [], [container])


def test_after_its_end_it_is_overdue_and_can_be_destroyed(world: World) -> None:
    path = invoices.give(world.state, "INV-A").path
    with pytest.raises(SafeHavenError, match="is in date in the last build"):
        lifecycle.destroy(world.state, "QAA", "INV-A", "end of retention")
    world.sql(
        "update restricted.releases.rel_pack set retained_until = '2026-04-29', allowed = false, "
        "reasons = ['agreement_not_in_date'] where agreement_id = 'INV-A'"
    )
    assert "QAA  INV-A  2026-04-29" in lifecycle.overdue_text(world.state)
    with pytest.raises(SafeHavenError, match="Nothing was released to QBB"):
        lifecycle.destroy(world.state, "QBB", "INV-A", "not its own")
    certificate = lifecycle.destroy(world.state, "QAA", "INV-A", "end of retention")
    assert "Agreement INV-A, recipient QAA" in certificate
    assert not path.exists()
    assert lifecycle.overdue_text(world.state) == ""
    assert [event.event for event in log(world)].count("destroyed") == 1
    with pytest.raises(SafeHavenError, match="agreement_destroyed"):
        invoices.give(world.state, "INV-A")


def test_the_verb_prints_counts_and_no_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    result = CliRunner().invoke(
        lifecycle_command.validate_invoices_command, ["--agreement=INV-A"], catch_exceptions=False
    )
    assert "3 records written, under the key 'controlled'" in result.output
    assert not any(number in result.output for number in NUMBERS.values())
