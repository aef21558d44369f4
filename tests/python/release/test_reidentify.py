"""Re-identification: every gate refuses, what is given is logged and no more than approved."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from release_world import World, files_of, open_quickly
from test_audit_log import log

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.release import audits, controlled, lifecycle_command, records, reidentify

TODAY = datetime.date(2026, 5, 4)
NUMBER = "9990000018"
KNOWN = "00000000-0000-4000-8000-000000000001"
OF_ANOTHER = "00000000-0000-4000-8000-0000000000bb"
UNKNOWN = "00000000-0000-4000-8000-0000000000ff"
STAFF = "pseudonymised.seeds.staff_access"
REQUEST = "pseudonymised.seeds.reidentification_request"
AGREEMENT = "pseudonymised.governance.gov_agreement"

GATES = {
    "agreement_not_in_force": f"update {AGREEMENT} set is_allowed = false",
    "agreement_has_no_pseudonyms": f"update {AGREEMENT} set flow = 'aggregate'",
    "agreement_allows_no_reidentification": f"update {AGREEMENT} set purpose = 'Commissioning'",
    "purpose_not_direct_care": f"update {REQUEST} set purpose = 'research'",
    "request_not_dated": f"update {REQUEST} set requested_on = null",
    "not_approved": f"update {REQUEST} set approved_on = null",
    "request_expired": f"update {REQUEST} set expires_on = '2026-05-03'",
    "approver_is_requester": f"update {REQUEST} set requester_role = 'guardian'",
    "requester_not_on_the_staff_list": f"delete from {STAFF} where staff_role = 'pharmacist'",
    "approver_not_on_the_staff_list": f"delete from {STAFF} where staff_role = 'guardian'",
    "requester_training_not_valid": (
        f"update {STAFF} set training_valid_to = '2026-05-03' where staff_role = 'pharmacist'"
    ),
    "approver_training_not_valid": (
        f"update {STAFF} set training_valid_from = '2026-05-05' where staff_role = 'guardian'"
    ),
    "requester_not_employed_by_the_recipient": (
        f"update {STAFF} set employer_code = 'QBB' where staff_role = 'pharmacist'"
    ),
    "approver_not_employed_by_the_recipient": (
        f"update {STAFF} set employer_code = 'QBB' where staff_role = 'guardian'"
    ),
    "approver_may_not_approve": f"update {STAFF} set may_approve = false",
    "more_people_than_approved": f"update {REQUEST} set person_limit = 1",
}


@pytest.fixture
def asked(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[World, Path]:
    """A world with one sound request, and a file of three pseudonyms of which it has one."""
    noon = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
    monkeypatch.setattr(audit_log, "now", lambda: noon)
    monkeypatch.setattr(reidentify, "open_read_only", open_quickly)
    world.keyring.ensure(["controlled"])
    world.sql(
        f"create table {STAFF} (staff_role varchar, employer_code varchar, may_approve boolean, "
        "training_valid_from date, training_valid_to date)",
        f"insert into {STAFF} values ('pharmacist', 'QAA', false, '2025-01-01', '2026-12-31'), "
        "('guardian', 'QAA', true, '2025-01-01', '2026-12-31')",
        f"create table {REQUEST} as select 'REQ-1' as request_id, 'REC-A' as agreement_id, "
        "'direct_care' as purpose, 'pharmacist' as requester_role, 'guardian' as approver_role, "
        "date '2026-04-01' as requested_on, date '2026-04-02' as approved_on, "
        "date '2026-05-04' as expires_on, 3 as person_limit",
        "create schema pseudonymised.governance",
        f"create table {AGREEMENT} as select 'REC-A' as agreement_id, 'QAA' as recipient_code, "
        "'record_level' as flow, 'Risk stratification' as purpose, true as is_allowed, "
        "date '2026-12-31' as ends_on",
        zone="pseudonymised",
    )
    world.sql(
        "create table restricted.releases.rel_person_pseudonym as "
        f"select 'REC-A' as agreement_id, 1 as person_key, '{KNOWN}'::uuid as person_pseudonym "
        f"union all select 'REC-B', 1, '{OF_ANOTHER}'"
    )
    world.sql(
        "create schema identifiable.identity",
        f"create table identifiable.identity.idn_person as select 1 as person_key, "
        f"'{NUMBER}' as nhs_number",
        zone="identifiable",
    )
    path = tmp_path / "pseudonyms.csv"
    path.write_text(f"person_pseudonym\n{KNOWN}\n{UNKNOWN}\n{OF_ANOTHER.upper()}\n{KNOWN}\n")
    return world, path


def people(world: World, path: Path) -> list[tuple[str, str]]:
    """What an encrypted file of names holds."""
    with records.attached(path, world.keyring.key("controlled"), "READ_ONLY") as opened:
        names = "select person_pseudonym::varchar, nhs_number from pack.person"
        return opened.execute(names).fetchall()


def test_only_people_of_the_agreement_are_named(asked: tuple[World, Path]) -> None:
    world, path = asked
    use = reidentify.reidentify(world.state, "REQ-1", path)
    assert (use.given, use.resolved) == (3, 1)
    assert people(world, use.path) == [(KNOWN, NUMBER)]
    assert use.path.is_relative_to(world.state.controlled)
    assert use.path.stat().st_mode & 0o777 == 0o600


def test_names_are_encrypted_and_logged_as_counts(asked: tuple[World, Path]) -> None:
    world, path = asked
    use = reidentify.reidentify(world.state, "REQ-1", path)
    assert NUMBER.encode() not in use.path.read_bytes()
    event = log(world)[-1]
    assert (event.event, dict(event.detail)) == (
        "reidentified",
        {"request": "REQ-1", "agreement": "REC-A", "people_asked": 3, "people_named": 1},
    )
    for content in files_of(world.state.audit).values():
        assert NUMBER.encode() not in content
        assert KNOWN.encode() not in content
    key = world.keyring.key("recipient-QAA")
    with (
        pytest.raises(SafeHavenError, match="does not open with this key"),
        records.attached(use.path, key, "READ_ONLY"),
    ):
        pass


def test_every_use_is_logged_and_kept_apart(asked: tuple[World, Path]) -> None:
    world, path = asked
    world.sql(f"update {REQUEST} set person_limit = 6", zone="pseudonymised")
    uses = [reidentify.reidentify(world.state, "REQ-1", path) for _ in range(2)]
    assert len({use.path for use in uses}) == 2
    assert [event.event for event in log(world)].count("reidentified") == 2


@pytest.mark.parametrize("reason", GATES)
def test_attack_each_gate_refuses(asked: tuple[World, Path], reason: str) -> None:
    """Control: `test_control_with_the_gates_off_the_names_are_given`."""
    world, path = asked
    world.sql(GATES[reason], zone="pseudonymised")
    with pytest.raises(SafeHavenError, match=reason):
        reidentify.reidentify(world.state, "REQ-1", path)
    assert not list(world.state.controlled.rglob("*.duckdb"))
    event = log(world)[-1]
    assert event.event == "reidentification_refused"
    assert reason in event.detail["reasons"]


@pytest.mark.parametrize("reason", GATES)
def test_control_with_the_gates_off_the_names_are_given(
    asked: tuple[World, Path], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, path = asked
    world.sql(GATES[reason], zone="pseudonymised")
    monkeypatch.setattr(reidentify, "refusals", lambda *_: [])
    use = reidentify.reidentify(world.state, "REQ-1", path)
    assert people(world, use.path) == [(KNOWN, NUMBER)]


def test_attack_many_uses_name_no_more_than_approved(
    asked: tuple[World, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control does not count earlier uses, and names are given again."""
    world, path = asked
    reidentify.reidentify(world.state, "REQ-1", path)
    with pytest.raises(SafeHavenError, match="more_people_than_approved"):
        reidentify.reidentify(world.state, "REQ-1", path)
    monkeypatch.setattr(reidentify, "uses", lambda *_: [])
    assert people(world, reidentify.reidentify(world.state, "REQ-1", path).path)


def test_attack_an_agreement_that_ended_since_the_build_is_refused(
    asked: tuple[World, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the gates off names are given, since the build still allows it."""
    world, path = asked
    world.sql(f"update {AGREEMENT} set ends_on = '2026-05-03'", zone="pseudonymised")
    with pytest.raises(SafeHavenError, match="agreement_not_in_force"):
        reidentify.reidentify(world.state, "REQ-1", path)
    monkeypatch.setattr(reidentify, "refusals", lambda *_: [])
    assert people(world, reidentify.reidentify(world.state, "REQ-1", path).path)


def test_every_reason_is_told_at_once(asked: tuple[World, Path]) -> None:
    world, path = asked
    world.sql(GATES["request_expired"], GATES["not_approved"], zone="pseudonymised")
    with pytest.raises(SafeHavenError, match="not_approved, request_expired"):
        reidentify.reidentify(world.state, "REQ-1", path)


def test_attack_a_request_under_a_destroyed_agreement_is_refused(
    asked: tuple[World, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the gates off names are given."""
    world, path = asked
    monkeypatch.setattr(reidentify.lifecycle.Register, "is_destroyed", lambda *_: True)
    monkeypatch.setattr(reidentify.lifecycle, "recover", lambda *_: None)
    with pytest.raises(SafeHavenError, match="agreement_destroyed"):
        reidentify.reidentify(world.state, "REQ-1", path)
    monkeypatch.setattr(reidentify, "refusals", lambda *_: [])
    assert people(world, reidentify.reidentify(world.state, "REQ-1", path).path)


def test_an_unknown_request_is_refused(asked: tuple[World, Path]) -> None:
    world, path = asked
    with pytest.raises(SafeHavenError, match="no request REQ-2"):
        reidentify.reidentify(world.state, "REQ-2", path)


@pytest.mark.parametrize("content", ["", "person_pseudonym\n", f"{KNOWN}\n{NUMBER}\n"])
def test_a_file_of_other_things_is_refused_without_showing_them(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(content)
    with pytest.raises(SafeHavenError) as error:
        reidentify.read_pseudonyms(path)
    assert NUMBER not in str(error.value)


def test_names_are_logged_before_they_can_be_read(
    asked: tuple[World, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, path = asked

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(controlled.files, "move", killed)
    with pytest.raises(KeyboardInterrupt):
        reidentify.reidentify(world.state, "REQ-1", path)
    assert log(world)[-1].event == "reidentified"
    assert not list((world.state.controlled / "reidentified").rglob("*.duckdb"))


def test_the_search_for_identifiers_would_find_a_name_in_a_pack(asked: tuple[World, Path]) -> None:
    """Control: what is allowed here is what the search of the packs refuses."""
    world, path = asked
    use = reidentify.reidentify(world.state, "REQ-1", path)
    container = audits.Container(use.path, world.keyring.key("controlled"))
    with open_quickly(world.state) as connection:
        assert audits.scan_for_identifiers(connection, [], [container])


def test_the_verb_prints_counts_and_no_name(
    asked: tuple[World, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, path = asked
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    result = CliRunner().invoke(
        lifecycle_command.reidentify_command, ["--request=REQ-1", f"--pseudonyms={path}"]
    )
    assert result.exit_code == 0, result.output
    assert "1 of 3 pseudonyms resolved" in result.output
    assert NUMBER not in result.output
