"""Destruction: packs and keys go for good, a signed certificate says so, nothing comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from release_world import World, files_of
from test_audit_log import log, told, verify_chain
from test_release_crash import Killed, count_calls

from safe_haven.errors import KeyringError, SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.plugin import agreement_key_name
from safe_haven.release import (
    cut,
    events,
    files,
    lifecycle,
    lifecycle_command,
    merges,
    records,
    register,
    signing,
    verify,
)

KEY = "agreement-REC-A-not_applied-v1"
WHY = "the agreement ended and its data need not be kept"


def end(world: World, agreement: str = "REC-A") -> World:
    """Let the last build have the agreement ended, and its retention too."""
    world.sql(
        "update restricted.releases.rel_pack set allowed = false, retained_until = '2026-04-29', "
        f"reasons = ['agreement_not_in_date'] where agreement_id = '{agreement}'"
    )
    return world


def destroy(world: World, agreement: str = "REC-A", recipient: str = "QAA") -> str:
    return lifecycle.destroy(world.state, recipient, agreement, WHY)


def pass_on(world: World, *agreements: str) -> World:
    """Let the next version of each agreement name QBB as the recipient, in date."""
    for agreement in agreements:
        world.sql(
            "update restricted.releases.rel_pack set recipient_code = 'QBB', "
            "recipient_name = 'Invented body QBB', agreement_version = 2 "
            f"where agreement_id = '{agreement}'",
            "update restricted.releases.rel_entitlement set item = json_merge_patch(item, "
            """'{"recipient_code": "QBB", "version": "2"}') """
            f"where kind = 'agreement' and agreement_id = '{agreement}'",
        )
    return world


def kept_until(world: World, day: str) -> World:
    """Let the terms that are signed with the next releases say until when data may be kept."""
    world.sql(
        "update restricted.releases.rel_entitlement set item = json_merge_patch(item, "
        f"""'{{"retained_until": "{day}"}}') where kind = 'agreement'"""
    )
    return world


@pytest.fixture
def passed_on(world: World) -> World:
    """A world whose agreements with QAA passed on to QBB, which has got nothing under them yet."""
    (world.state.controlled / "reidentified" / "REC-A").mkdir(parents=True)
    return pass_on(world, "AGG-A", "REC-A")


@pytest.fixture
def destroyed(world: World) -> World:
    """A world whose record-level agreement ended and was destroyed."""
    (world.state.controlled / "reidentified" / "REC-A").mkdir(parents=True)
    destroy(end(world))
    return world


def test_packs_people_and_keys_are_gone(destroyed: World) -> None:
    assert not (destroyed.state.releases / "QAA" / "REC-A").exists()
    assert not (destroyed.state.controlled / "reidentified" / "REC-A").exists()
    assert KEY not in destroyed.keyring.names()
    assert "recipient-QAA" in destroyed.keyring.names()
    assert destroyed.aggregate.is_dir()


def test_the_certificate_is_signed_and_says_what_happened(destroyed: World) -> None:
    folder = destroyed.state.register / "destruction" / "QAA" / "REC-A"
    content = (folder / "certificate.json").read_bytes()
    public = signing.load_public_key(destroyed.state.public_keys / signing.PUBLIC_KEY_FILE)
    assert signing.is_signed(public, content, (folder / "certificate.json.sig").read_bytes())
    document = json.loads(content)
    words = (folder / "certificate.txt").read_bytes()
    assert document["text_sha256"] == files.sha256(words)
    assert [key["name"] for key in document["keys"]] == [KEY]
    entry = destroyed.evidence().register.entries[-1]
    assert document["register_entry_sha256"] == entry.entry_sha256
    for item in (*document["releases"], *document["keys"]):
        assert str(item.get("release_id", item.get("check_value"))) in words.decode()
    event = next(event for event in log(destroyed) if event.event == "destroyed")
    assert document["destroyed_at"] == event.at


def test_register_and_log_have_it(destroyed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = destroyed.evidence().register
    assert [entry.status for entry in known.of("QAA", "REC-A")] == ["destroyed"]
    assert known.latest("QAA", "REC-A") is None
    assert told(destroyed, "destroyed", "key_destroyed") == [
        ("key_destroyed", KEY),
        ("destroyed", "REC-A"),
    ]
    assert verify_chain(destroyed, monkeypatch).exit_code == 0


def test_attack_a_copy_of_a_destroyed_pack_fails(world: World, tmp_path: Path) -> None:
    """Control: to a verifier with the register of before the copy is proved."""
    before = world.evidence()
    copy = tmp_path / world.record_level.name
    for name, content in files_of(world.record_level).items():
        files.write_new(copy / name, content)
    assert not world.verify(copy).failed
    destroy(end(world))
    chain = world.verify(copy).proofs["chain"]
    assert chain.outcome == verify.FAILED
    assert f"this release was destroyed, for: {WHY}" in chain.details
    assert not verify.verify_packs([copy], before)[0].failed


def test_attack_nothing_is_released_under_it_again(destroyed: World) -> None:
    """Control: `test_control_with_every_defence_off_it_is_released_again`."""
    destroyed.sql(
        "update restricted.releases.rel_pack set allowed = true, reasons = [] "
        "where agreement_id = 'REC-A'"
    )
    assert destroyed.release()["REC-A"] == cut.REFUSED
    assert not (destroyed.state.releases / "QAA" / "REC-A").exists()


def test_the_register_takes_nothing_after_a_destruction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second defence: with the refusal off, the chain has no place for another release."""
    destroy(end(world, "AGG-A"), "AGG-A")
    world.sql("update restricted.releases.rel_pack set allowed = true, reasons = []")
    monkeypatch.setattr(lifecycle, "refusals", lambda *_: [])
    with pytest.raises(SafeHavenError, match="follows the destruction of the agreement"):
        world.release()


def key_from_a_backup(world: World, key: bytes) -> None:
    """Put a key that was destroyed back, and take away both records of its destruction."""
    (world.state.keys / f"{KEY}.destroyed").unlink()
    world.keyring.check_values.unlink()
    files.write_new(world.keyring.path(KEY), key)


def test_control_with_every_defence_off_it_is_released_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No refusal, no end in the register, no proof that asks for one, and the key from a backup."""
    key = world.keyring.path(KEY).read_bytes()
    destroy(end(world))
    world.sql("update restricted.releases.rel_pack set allowed = true, reasons = []")
    monkeypatch.setattr(lifecycle, "refusals", lambda *_: [])
    with_status = register._with_status

    def goes_on(entries: Sequence[register.Entry]) -> tuple[register.Entry, ...]:
        kinds = [entry.event for entry in entries]
        after = kinds.index(register.DESTROYED) + 1 if register.DESTROYED in kinds else 0
        return with_status(entries[:after]) + with_status(entries[after:])

    monkeypatch.setattr(register, "_with_status", goes_on)
    monkeypatch.setattr(register.Register, "notice", lambda *_: None)
    with pytest.raises(KeyringError, match="was destroyed"):
        world.release(agreement="REC-A")
    key_from_a_backup(world, key)
    assert world.release(agreement="REC-A")["REC-A"] == cut.RELEASED
    assert world.record_level.is_dir()


def test_a_destroyed_key_is_not_made_again(destroyed: World) -> None:
    destroyed.keyring.ensure([KEY, "person"])
    assert KEY not in destroyed.keyring.names()
    with pytest.raises(KeyringError, match="was destroyed"):
        destroyed.keyring.key(KEY)


# -- an agreement that passed on to another body -----------------------------------------------


@pytest.mark.parametrize(("day", "late"), [("2029-03-31", False), ("2026-04-29", True)])
def test_who_had_an_agreement_before_keeps_data_as_long_as_was_signed(
    fresh: World, day: str, late: bool
) -> None:
    kept_until(fresh, day).release()
    pass_on(fresh, "REC-A")
    assert (f"QAA  REC-A  {day}" in lifecycle.overdue_text(fresh.state)) == late
    assert ("REC-A" in lifecycle.overdue_text(fresh.state)) == late


def test_attack_another_day_than_was_signed_does_not_count(fresh: World) -> None:
    """The control signs and registers the other day too, and it counts."""
    kept_until(fresh, "2026-04-29").release()
    path = fresh.record_level / "entitlement.json"
    path.write_bytes(path.read_bytes().replace(b"2026-04-29", b"2029-03-31"))
    pass_on(fresh, "REC-A")
    assert "QAA  REC-A  no day that was signed" in lifecycle.overdue_text(fresh.state)
    fresh.seal(path.parent)
    assert "REC-A" not in lifecycle.overdue_text(fresh.state)


def test_what_was_signed_without_a_day_is_overdue(passed_on: World) -> None:
    assert "QAA  AGG-A  no day that was signed" in lifecycle.overdue_text(passed_on.state)


@pytest.mark.parametrize("agreement", ["AGG-A", "REC-A"])
@pytest.mark.parametrize("given", [False, True])
def test_who_had_it_before_is_destroyed_and_the_next_goes_on(
    passed_on: World, agreement: str, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if given:
        assert passed_on.release()[agreement] == cut.RELEASED
    destroy(passed_on, agreement)
    assert not (passed_on.state.releases / "QAA" / agreement).exists()
    assert KEY in passed_on.keyring.names()
    assert (passed_on.state.controlled / "reidentified" / "REC-A").is_dir()
    assert certificate(passed_on, "QAA", agreement)["keys"] == []
    assert certificate(passed_on, "QAA", agreement)["not_covered"][-1].endswith("under it: QBB")
    outcome = cut.UNCHANGED if given else cut.RELEASED
    assert passed_on.release()[agreement] == outcome
    assert not passed_on.verify(passed_on.folder("QBB", agreement)).failed
    with pytest.raises(SafeHavenError, match="is in date"):
        destroy(passed_on, agreement, "QBB")
    assert verify_chain(passed_on, monkeypatch).exit_code == 0


def test_control_without_a_look_at_others_the_next_is_blocked(
    passed_on: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_other_holders", lambda *_: set())
    destroy(passed_on)
    assert KEY not in passed_on.keyring.names()
    assert passed_on.release()["REC-A"] == cut.REFUSED


@pytest.mark.parametrize("order", [("QAA", "QBB"), ("QBB", "QAA")])
def test_after_both_ended_each_is_destroyed_and_keys_go_with_the_last(
    passed_on: World, order: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passed_on.release()
    end(passed_on)
    first, last = order
    printed = [destroy(passed_on, "REC-A", first)]
    assert KEY in passed_on.keyring.names()
    assert (passed_on.state.releases / last / "REC-A").is_dir()
    printed.append(destroy(passed_on, "REC-A", last))
    assert KEY not in passed_on.keyring.names()
    assert passed_on.state.controlled_of("REC-A") == []
    for recipient, words in zip(order, printed, strict=True):
        assert not (passed_on.state.releases / recipient / "REC-A").exists()
        assert f"recipient {recipient}" in words
        assert certificate(passed_on, recipient)["recipient"] == recipient
    assert [len(certificate(passed_on, recipient)["keys"]) for recipient in order] == [0, 1]
    passed_on.release()
    assert verify_chain(passed_on, monkeypatch).exit_code == 0


def test_keys_kept_for_one_who_never_got_anything_can_be_destroyed(passed_on: World) -> None:
    files.remove(passed_on.state.controlled / "reidentified")
    destroy(passed_on)
    destroy(end(passed_on), recipient="QBB")
    assert KEY not in passed_on.keyring.names()


def test_a_destruction_that_is_not_at_its_end_hides_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = signing.private_key(world.keyring)
    known = world.evidence().register.with_destruction(
        "QAA", "AGG-A", WHY, events.head(world.state)
    )
    register.write(world.state.register, known, key)
    recalled = known.with_recall(known.current()[-1], "wrong", events.head(world.state))
    register.write(world.state.register, recalled, key)
    events.record(world.state)
    assert told(world, "recalled", "destroyed") == [("recalled", "AGG-B")]
    found = verify_chain(world, monkeypatch)
    assert "(destroyed, AGG-A) is not in the log" in found.output
    assert "disagree" not in found.output
    assert len(found.output.splitlines()) == 3
    world.release()
    assert told(world, "recalled", "destroyed") == [("recalled", "AGG-B"), ("destroyed", "AGG-A")]
    assert verify_chain(world, monkeypatch).exit_code == 0


# -- what is left elsewhere --------------------------------------------------------------------


def left_elsewhere(world: World) -> dict[str, str]:
    """Let the log say that the release was sent and loaded, and one of another agreement too."""
    where = {"recipient": "QAA", "agreement": "REC-A", "release_id": world.record_level.name}
    other = {"recipient": "QBB", "agreement": "AGG-B", "release_id": "0" * 32}
    loaded = {"database": "db.example:5432/live", "releases": [list(where.values())]}
    events.record(
        world.state,
        [
            (events.DELIVERED, where | {"mailbox": "X26OT001", "message_id": "M1"}),
            (events.DELIVERED, other | {"mailbox": "X26OT002", "message_id": "M2"}),
            (events.SERVED, loaded),
        ],
    )
    return where


@pytest.mark.parametrize("elsewhere", [True, False])
def test_what_is_left_elsewhere_is_told_and_certified_as_not_covered(
    world: World, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    release_id = world.record_level.name
    if elsewhere:
        left_elsewhere(world)
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(end(world).state.var))
    options = ["--recipient=QAA", "--agreement=REC-A", f"--reason={WHY}"]
    output = CliRunner().invoke(lifecycle_command.destroy_command, options).output
    sent = f"{release_id}: It was sent to mailbox X26OT001 as message M1."
    loaded = f"{release_id}: It was loaded into db.example:5432/live: run ./run serve again"
    assert ((sent in output), (loaded in output)) == (elsewhere, elsewhere)
    assert "M2" not in output
    folder = lifecycle.certificate_folder(world.state, "QAA", "REC-A")
    words = (folder / "certificate.txt").read_text()
    # The certificate is public: names of mailboxes and databases are not in it.
    assert "X26OT001" not in words
    assert "db.example" not in words
    not_covered = certificate(world, "QAA")["not_covered"]
    assert all(f"  {item}\n" in words for item in not_covered)
    assert (f"release {release_id} in messages that were sent: 1" in not_covered) == elsewhere
    assert (len(not_covered) == 4) == elsewhere
    assert (len(not_covered) == 2) != elsewhere


# -- a key that was destroyed ------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["nothing", "tombstone", "check values"])
def test_attack_a_destroyed_key_from_a_backup_is_not_used(world: World, lost: str) -> None:
    """Either record of the destruction is enough.

    Control: `test_control_without_tombstones_the_key_from_a_backup_is_used`.
    """
    key = world.keyring.path(KEY).read_bytes()
    destroy(end(world))
    tombstone = world.state.keys / f"{KEY}.destroyed"
    if lost == "tombstone":
        tombstone.unlink()
    if lost == "check values":
        world.keyring.check_values.unlink()
    files.write_new(world.keyring.path(KEY), key)
    with pytest.raises(KeyringError, match="was destroyed"):
        Keyring(world.state.keys).key(KEY)


def test_control_without_tombstones_the_key_from_a_backup_is_used(world: World) -> None:
    key = world.keyring.path(KEY).read_bytes()
    destroy(end(world))
    key_from_a_backup(world, key)
    assert Keyring(world.state.keys).key(KEY).hex() == key.decode().strip()


def test_the_tombstone_says_which_key_it_was(destroyed: World) -> None:
    tombstone = (destroyed.state.keys / f"{KEY}.destroyed").read_text().strip()
    assert destroyed.keyring.records()[KEY] == (tombstone, "destroyed")


def test_keys_of_other_agreements_stay(world: World) -> None:
    """Ids that begin alike name other agreements; every version and regime of this one goes."""
    mine = [
        agreement_key_name(
            {"agreement_id": "REC-A", "opt_out_regime": regime, "key_version": version}
        )
        for regime, version in (("applied", "1"), ("not_applied", "2"))
    ]
    others = ["agreement-REC-A-B-not_applied-v1", "agreement-REC-AA-not_applied-v1"]
    world.keyring.ensure([*mine, *others])
    destroy(end(world))
    assert not set(mine) & set(world.keyring.names())
    assert set(others) <= set(world.keyring.names())


@pytest.mark.parametrize(
    ("agreement", "message"), [("REC-A", "is in date"), ("OLD-B", "Nothing was released")]
)
def test_refused_destructions_change_nothing(world: World, agreement: str, message: str) -> None:
    before = files_of(world.state.var)
    with pytest.raises(SafeHavenError, match=message):
        destroy(world, agreement)
    after = files_of(world.state.var)
    assert {k for k in after if "duckdb" not in k} == {k for k in before if "duckdb" not in k}


def test_a_contract_that_lapsed_is_no_end(world: World) -> None:
    """Only the end of the agreement allows what cannot be undone."""
    world.sql(
        "update restricted.releases.rel_pack set allowed = false, "
        "reasons = ['contract_not_in_force'] where agreement_id = 'REC-A'"
    )
    with pytest.raises(SafeHavenError, match="is in date"):
        destroy(world)


def test_nothing_is_destroyed_twice(destroyed: World) -> None:
    with pytest.raises(SafeHavenError, match="already"):
        destroy(destroyed)


@pytest.mark.parametrize("passes_on", [False, True])
def test_killed_at_any_step_the_next_run_ends_it(
    world: World, tmp_path: Path, passes_on: bool
) -> None:
    pass_on(world, "REC-A") if passes_on else end(world)
    whole = world.copy(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        steps = count_calls(patch, None)
        destroy(whole)
    assert len(steps) > 5
    for stop_at in range(len(steps)):
        killed = world.copy(tmp_path / f"killed-{stop_at}")
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            with pytest.raises(Killed):
                destroy(killed)
        if not killed.evidence().register.is_destroyed("QAA", "REC-A"):
            destroy(killed)
        killed.release()
        assert told(killed, "destroyed", "key_destroyed") == told(
            whole, "destroyed", "key_destroyed"
        )
        assert (KEY in killed.keyring.names()) == passes_on
        assert not (killed.state.releases / "QAA" / "REC-A").exists()
        assert certificate(killed, "QAA")["releases"] == certificate(whole, "QAA")["releases"]


def certificate(world: World, recipient: str, agreement: str = "REC-A") -> dict[str, Any]:
    """The published certificate."""
    folder = lifecycle.certificate_folder(world.state, recipient, agreement)
    return json.loads((folder / "certificate.json").read_bytes())


def test_overdue_is_named_until_it_is_destroyed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lifecycle.overdue_text(world.state) == ""
    end(world)
    assert "QAA  REC-A  2026-04-29" in lifecycle.overdue_text(world.state)
    destroy(world)
    assert lifecycle.overdue_text(world.state) == ""


def test_data_whose_agreement_is_gone_are_overdue(world: World) -> None:
    world.sql("delete from restricted.releases.rel_pack where agreement_id = 'REC-A'")
    assert "QAA  REC-A  no agreement any more" in lifecycle.overdue_text(world.state)


def test_attack_pseudonyms_of_a_destroyed_key_come_not_back_for_another(destroyed: World) -> None:
    """Control: `test_control_with_the_key_back_another_gets_the_same_pseudonyms`."""
    destroyed.sql(
        "update restricted.releases.rel_pack set allowed = true, reasons = [] "
        "where agreement_id = 'REC-A'"
    )
    assert pass_on(destroyed, "REC-A").release()["REC-A"] == cut.REFUSED


def test_control_with_the_key_back_another_gets_the_same_pseudonyms(world: World) -> None:
    key = world.keyring.path(KEY).read_bytes()
    before = pseudonyms(world, "QAA")
    destroy(end(world))
    key_from_a_backup(world, key)
    world.sql("update restricted.releases.rel_pack set allowed = true, reasons = []")
    assert pass_on(world, "REC-A").release(agreement="REC-A")["REC-A"] == cut.RELEASED
    assert pseudonyms(world, "QBB") == before


def pseudonyms(world: World, recipient: str) -> set[str]:
    """Those in the records that a recipient was given."""
    path = world.folder(recipient, "REC-A") / records.CONTAINER
    return merges.people(records.read_container(path, world.keyring.key(f"recipient-{recipient}")))


def test_control_under_another_key_another_recipient_gets_its_own(destroyed: World) -> None:
    destroyed.keyring.ensure(["agreement-REC-A-not_applied-v2"])
    destroyed.sql(
        "update restricted.releases.rel_pack set allowed = true, reasons = [], key_version = 2 "
        "where agreement_id = 'REC-A'"
    )
    assert pass_on(destroyed, "REC-A").release()["REC-A"] == cut.RELEASED


def test_a_dry_run_ends_no_destruction_and_says_that_it_is_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = signing.private_key(world.keyring)
    known = world.evidence().register.with_destruction(
        "QAA", "AGG-A", WHY, events.head(world.state)
    )
    register.write(world.state.register, known, key)
    before = files_of(world.state.var)
    assert world.release(dry_run=True)["AGG-A"] == cut.REFUSED
    assert files_of(world.state.var) == before
    assert "the destruction of QAA/AGG-A is not at its end" in lifecycle.unfinished(world.state)
    assert world.release()["AGG-A"] == cut.REFUSED
    assert not (world.state.releases / "QAA" / "AGG-A").exists()
    assert list(lifecycle.unfinished(world.state)) == []


def test_without_a_date_it_is_overdue(world: World) -> None:
    world.sql("update restricted.releases.rel_pack set retained_until = null")
    assert "REC-A" in lifecycle.overdue_text(world.state)


def test_the_verb_prints_the_certificate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(end(world).state.var))
    options = ["--recipient=QAA", "--agreement=REC-A", f"--reason={WHY}"]
    result = CliRunner().invoke(lifecycle_command.destroy_command, options)
    assert result.exit_code == 0, result.output
    assert "CERTIFICATE OF DESTRUCTION" in result.output
    assert KEY in result.output
