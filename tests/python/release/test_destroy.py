"""Destruction: packs and keys go for good, a signed certificate says so, nothing comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from release_world import World, files_of
from test_audit_log import log, told, verify_chain
from test_release_crash import Killed, count_calls

from safe_haven.errors import KeyringError, SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.plugin import agreement_key_name
from safe_haven.release import cut, files, lifecycle, lifecycle_command, signing, verify

KEY = "agreement-REC-A-not_applied-v1"
WHY = "the agreement ended and its data need not be kept"


def end(world: World, agreement: str = "REC-A") -> World:
    """Let the last build have the agreement ended, and its retention too."""
    world.sql(
        "update restricted.releases.rel_pack set allowed = false, retained_until = '2026-04-29', "
        f"reasons = ['agreement_not_in_date'] where agreement_id = '{agreement}'"
    )
    return world


def destroy(world: World, agreement: str = "REC-A") -> str:
    return lifecycle.destroy(world.state, "QAA", agreement, WHY)


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
    folder = destroyed.state.register / "destruction" / "REC-A"
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
    copy = tmp_path / world.record_level.name
    for name, content in files_of(world.record_level).items():
        files.write_new(copy / name, content)
    assert not world.verify(copy).failed
    destroy(end(world))
    chain = world.verify(copy).proofs["chain"]
    assert chain.outcome == verify.FAILED
    assert f"this release was destroyed, for: {WHY}" in chain.details


def test_attack_nothing_is_released_under_it_again(destroyed: World) -> None:
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
    monkeypatch.setattr(lifecycle, "refusals", lambda order, known: [])
    with pytest.raises(SafeHavenError, match="follows the destruction of the agreement"):
        world.release()


def test_a_destroyed_key_is_not_made_again(destroyed: World) -> None:
    destroyed.keyring.ensure([KEY, "person"])
    assert KEY not in destroyed.keyring.names()
    with pytest.raises(KeyringError, match="was destroyed"):
        destroyed.keyring.key(KEY)


@pytest.mark.parametrize("lost", ["nothing", "tombstone", "check values"])
def test_attack_a_destroyed_key_from_a_backup_is_not_used(world: World, lost: str) -> None:
    """Either record of the destruction is enough."""
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
    (world.state.keys / f"{KEY}.destroyed").unlink()
    world.keyring.check_values.unlink()
    files.write_new(world.keyring.path(KEY), key)
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


def test_killed_at_any_step_the_next_run_ends_it(world: World, tmp_path: Path) -> None:
    end(world)
    whole = world.copy(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        steps = count_calls(patch, None)
        destroy(whole)
    assert len(steps) > 8
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
        assert KEY not in killed.keyring.names()
        assert not (killed.state.releases / "QAA" / "REC-A").exists()
        assert (lifecycle.certificate_folder(killed.state, "REC-A") / "certificate.txt").exists()


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


def test_attack_the_agreement_of_another_recipient_comes_not_back(destroyed: World) -> None:
    destroyed.sql(
        "update restricted.releases.rel_pack set allowed = true, reasons = [], "
        "recipient_code = 'QBB' where agreement_id = 'REC-A'"
    )
    assert destroyed.release()["REC-A"] == cut.REFUSED


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
