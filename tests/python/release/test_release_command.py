"""The verbs as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from release_world import World

from safe_haven.release import command, cut, files, pack, verify


@pytest.fixture(autouse=True)
def no_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """These invented figures have no true table behind them to audit."""
    monkeypatch.setattr(verify, "audit_disclosure", lambda folders: [])


def run(world: World, *arguments: str | Path) -> Result:
    """`safe-haven verify …` with this world's public material."""
    options = ["--register", world.state.register]
    options += ["--public-key", world.state.public_keys / "signing.pub.pem"]
    given = [str(a) for a in (*arguments, *options)]
    # In colour: else click itself would take out what moves the cursor.
    return CliRunner().invoke(command.verify_command, given, color=True)


def test_verify_prints_four_proofs_and_exits_0(world: World) -> None:
    result = run(world, world.aggregate, "--recipient-key", world.keyring.path("recipient-QAA"))
    assert result.exit_code == 0, result.output
    assert all(proof in result.output for proof in verify.PROOFS)
    assert "All four proofs hold for all 1 packs." in result.output


def test_verify_without_the_key_says_what_was_not_proved(world: World) -> None:
    """Whoever scripts it must not take silence for a proof."""
    result = run(world, world.record_level)
    assert result.exit_code == command.NOT_ALL_MADE
    assert f"entitlement of {world.record_level}: its rows are encrypted" in result.output
    assert "No proof failed, and not all were made." in result.output


def test_attack_name_of_a_file_in_a_pack(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown, and does nothing to the screen. The control shows it as it is."""
    (world.aggregate / "data" / "\x1b[2J\ngood").write_text("x")
    result = run(world, world.aggregate)
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "data/\\x1b[2J\\ngood is an extra file" in result.output
    monkeypatch.setattr(command, "printable", str)
    assert "\x1b[2J\ngood" in run(world, world.aggregate).output


def test_verify_takes_the_keys_of_several_recipients(world: World) -> None:
    keys = (
        part
        for code in ("QBB", "QAA")
        for part in ("--recipient-key", world.keyring.path(f"recipient-{code}"))
    )
    result = run(world, world.record_level, *keys)
    assert result.exit_code == 0, result.output


def test_attack_changed_pack_exits_1_and_names_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control takes the bytes for those that were signed and proves no rows: it exits 0."""
    listed = json.loads((world.aggregate / pack.MANIFEST).read_bytes())["files"]
    (world.aggregate / "data/mart_activity_by_month.csv").write_text("x")
    result = run(world, world.aggregate)
    assert result.exit_code == 1
    assert "data/mart_activity_by_month.csv was changed" in result.output
    assert "Do not use them" in result.output
    monkeypatch.setattr(
        files, "file_sha256", lambda path: listed[path.relative_to(world.aggregate).as_posix()]
    )
    monkeypatch.setattr(verify, "_entitlement_findings", lambda *_: iter(()))
    assert run(world, world.aggregate).exit_code == 0


def test_another_recipients_key_is_not_called_a_failure(world: World) -> None:
    result = run(world, world.record_level, "--recipient-key", world.keyring.path("recipient-QBB"))
    assert result.exit_code == command.NOT_ALL_MADE
    assert "FAILED" not in result.output
    assert "no key given opens it" in result.output
    assert world.keyring.key("recipient-QBB").hex() not in result.output


def test_verify_without_a_register_exits_1(world: World, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        command.verify_command,
        [
            str(world.aggregate),
            "--register",
            str(tmp_path),
            "--public-key",
            str(world.state.public_keys / "signing.pub.pem"),
        ],
    )
    assert result.exit_code == 1
    assert "does not know this release" in result.output


def test_release_prints_what_became_of_each_agreement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    outcome = cut.Outcome("QBB", "OLD-B", "aggregate", cut.REFUSED, "agreement_not_in_date")
    monkeypatch.setattr(cut, "release", lambda *_: [outcome])
    result = CliRunner().invoke(command.release_command, ["--dry-run"])
    assert result.exit_code == 0
    assert "QBB" in result.output
    assert "refused" in result.output
    assert "agreement_not_in_date" in result.output


def test_release_takes_no_option_that_turns_a_check_off() -> None:
    names = {parameter.name for parameter in command.release_command.params}
    assert names == {"recipient", "agreement", "dry_run", "after_recall"}
