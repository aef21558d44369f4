"""The keyring refuses every key that is in doubt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safe_haven.errors import KeyringError
from safe_haven.keyring import Keyring


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """A keyring with one key, used once."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    keyring = Keyring(folder, tmp_path / "audit" / "check.csv")
    keyring.ensure(["person"])
    return keyring


def test_a_key_is_32_bytes_and_private(keyring: Keyring) -> None:
    assert len(keyring.key("person")) == 32
    assert keyring.path("person").stat().st_mode & 0o777 == 0o600


def test_ensure_never_replaces_a_key(keyring: Keyring) -> None:
    before = keyring.key("person")
    keyring.ensure(["person", "signing"])
    assert keyring.key("person") == before
    assert keyring.names() == ["person", "signing"]


def test_a_missing_key_stops_the_run(keyring: Keyring) -> None:
    with pytest.raises(KeyringError, match="'absent' is missing"):
        keyring.key("absent")


def test_a_lost_key_is_not_made_anew(keyring: Keyring) -> None:
    keyring.path("person").unlink()
    with pytest.raises(KeyringError, match="Restore it from your backup"):
        keyring.ensure(["person"])


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_open_to_others_is_refused(keyring: Keyring, mode: int) -> None:
    os.chmod(keyring.path("person"), mode)
    with pytest.raises(KeyringError, match="chmod 600"):
        keyring.key("person")


@pytest.mark.parametrize("content", ["", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_key_of_the_wrong_length_is_refused(keyring: Keyring, content: str) -> None:
    keyring.path("person").write_text(content)
    with pytest.raises(KeyringError, match="must hold 64 hexadecimal characters"):
        keyring.key("person")


def test_attack_a_swapped_key_is_refused(keyring: Keyring) -> None:
    keyring.path("person").write_text("ab" * 32)
    with pytest.raises(KeyringError, match="not the key used before"):
        keyring.key("person")


def test_control_without_check_values_a_swapped_key_is_taken(keyring: Keyring) -> None:
    keyring.path("person").write_text("ab" * 32)
    keyring.check_values.unlink()
    assert keyring.key("person") == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize("name", ["../signing", "a/b", "", ".hidden"])
def test_attack_a_name_cannot_leave_the_folder(keyring: Keyring, name: str) -> None:
    with pytest.raises(KeyringError, match="cannot name a key"):
        keyring.key(name)


def test_a_check_value_says_nothing_of_the_key(keyring: Keyring) -> None:
    assert len(keyring.check_value("person")) == 8
    assert keyring.check_value("person") not in keyring.path("person").read_text()


def test_a_destroyed_key_is_neither_used_nor_made_again(keyring: Keyring) -> None:
    content = keyring.path("person").read_bytes()
    keyring.destroy("person")
    keyring.destroy("person")
    assert keyring.ensure(["person"]) == []
    assert keyring.names() == []
    keyring.path("person").write_bytes(content)
    os.chmod(keyring.path("person"), 0o600)
    with pytest.raises(KeyringError, match="was destroyed"):
        keyring.key("person")


def test_check_values_of_before_there_were_states_are_read(keyring: Keyring) -> None:
    value = keyring.check_value("person")
    keyring.check_values.write_text(f"key_name,check_value\nperson,{value}\n")
    assert keyring.records() == {"person": (value, "in_use")}
    assert len(keyring.key("person")) == 32
