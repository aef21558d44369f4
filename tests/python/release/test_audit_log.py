"""The audit log: every edit, delete, reorder and truncation is found, and no crash hurts it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from release_world import World
from test_release_crash import Killed, changed, count_calls

from safe_haven import audit_log
from safe_haven.errors import SafeHavenError
from safe_haven.release import command, cut, events, register, signing

Tampering = Callable[[list[bytes]], list[bytes]]
TAMPERINGS: dict[str, Tampering] = {
    "edit": lambda lines: [lines[0].replace(b"key_made", b"key_lost"), *lines[1:]],
    "edit of the last line": lambda lines: [*lines[:-1], lines[-1].replace(b"AGG-B", b"AGG-C")],
    "delete": lambda lines: [*lines[:1], *lines[2:]],
    "reorder": lambda lines: [lines[1], lines[0], *lines[2:]],
    "truncation": lambda lines: lines[:2],
    "truncation to nothing": lambda lines: [],
    "addition": lambda lines: [*lines, lines[-1]],
    "doubling": lambda lines: [lines[0], *lines],
    "spaces": lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]],
}


def log_file(world: World) -> Path:
    return events.folder(world.state) / audit_log.LOG


def log(world: World) -> list[audit_log.Event]:
    key = signing.private_key(world.keyring).public_key()
    return audit_log.load(events.folder(world.state), key)


def told(world: World, *kinds: str) -> list[tuple[str, str]]:
    """(event, agreement or key) of events of these kinds."""
    return [
        (e.event, e.detail.get("agreement") or e.detail.get("key", ""))
        for e in log(world)
        if not kinds or e.event in kinds
    ]


def verify_chain(world: World, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    return CliRunner().invoke(command.verify_command, ["--chain"])


def tamper(world: World, tampering: Tampering) -> None:
    path = log_file(world)
    lines = path.read_bytes().splitlines(keepends=True)
    assert tampering(lines) != lines
    path.write_bytes(b"".join(tampering(lines)))


def unchecked(folder: Path, key: object) -> tuple[bytes, int]:
    """The lines of the log as they stand, with no look at head and chain."""
    content = (folder / audit_log.LOG).read_bytes()
    return content, len(content)


def test_a_release_is_logged_with_its_refusals_and_keys(world: World) -> None:
    assert told(world, "released", "release_refused") == [
        ("release_refused", "OLD-B"),
        ("released", "AGG-A"),
        ("released", "REC-A"),
        ("released", "AGG-B"),
    ]
    refused = next(e for e in log(world) if e.event == "release_refused")
    assert refused.detail["reason"] == "agreement_not_in_date"
    assert ("key_made", "agreement-REC-A-not_applied-v1") in told(world)
    released = next(e for e in log(world) if e.event == "released")
    assert released.detail["row_counts"] == {"mart_activity_by_month": 12}


def test_the_log_holds_no_key_and_no_pseudonym(world: World) -> None:
    content = log_file(world).read_text() + (events.folder(world.state) / "head.json").read_text()
    for name in world.keyring.names():
        assert world.keyring.key(name).hex() not in content
    assert "00000000-0000-4000-8000" not in content


def test_a_dry_run_and_an_unchanged_release_log_no_release(world: World) -> None:
    before = told(world)
    world.release(dry_run=True)
    assert told(world) == before
    world.release()
    assert told(world) == [*before, ("release_refused", "OLD-B")]


def test_a_stopped_release_is_logged_without_numbers(world: World) -> None:
    changed(world)

    def scan(*_: object) -> list[str]:
        return ["somewhere: 999 123 4567 is there"]

    with pytest.raises(SafeHavenError):
        world.release(cut.Checks(lambda *_: None, lambda _: [], scan))
    event = log(world)[-1]
    assert event.event == "release_stopped"
    assert "the search for identifiers found 1" in event.detail["reason"]
    assert "4567" not in event.detail["reason"]


def test_the_time_is_that_of_the_event_and_enters_no_pack(
    fresh: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = fresh.copy(tmp_path / "other")
    packs = []
    for world, year in ((fresh, 2026), (other, 2031)):
        day = datetime.datetime(year, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
        monkeypatch.setattr(audit_log, "now", lambda day=day: day)
        world.release()
        assert {event.at for event in log(world)} == {f"{year}-02-03T04:05:06Z"}
        packs.append((world.aggregate / "manifest.json").read_bytes())
    assert packs[0] == packs[1]


def test_an_untouched_chain_is_proved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    result = verify_chain(world, monkeypatch)
    assert result.exit_code == 0, result.output
    assert "whole and agree" in result.output


@pytest.mark.parametrize("name", TAMPERINGS)
def test_attack_tampering_is_found(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: `test_control_without_the_chain_tampering_passes`."""
    tamper(world, TAMPERINGS[name])
    result = verify_chain(world, monkeypatch)
    assert result.exit_code == 1
    assert "changed or cut short" in result.output
    with pytest.raises(SafeHavenError, match="changed or cut short"):
        world.release()


@pytest.mark.parametrize("name", TAMPERINGS)
def test_control_without_the_chain_tampering_passes(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence is the signed head with the chain behind it; the lines alone show nothing.

    A log that was cut short passes for that of a run that was killed, which the next one completes.
    """
    tamper(world, TAMPERINGS[name])
    monkeypatch.setattr(audit_log, "_content", unchecked)
    monkeypatch.setattr(events, "contradictions", lambda *_: iter(()))
    result = verify_chain(world, monkeypatch)
    kept = "is not in the log" if name.startswith("truncation") else "whole and agree"
    assert kept in result.output


def test_attack_removed_head_or_forged_head_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control looks at no head, and the log is proved."""
    head = events.folder(world.state) / audit_log.HEAD
    document = json.loads(head.read_bytes())
    document["count"] += 1
    head.write_bytes(audit_log.files.canonical_json(document))
    assert "not what was signed" in verify_chain(world, monkeypatch).output
    head.unlink()
    assert "head.json is gone" in verify_chain(world, monkeypatch).output
    monkeypatch.setattr(audit_log, "_content", unchecked)
    assert verify_chain(world, monkeypatch).exit_code == 0


def test_attack_log_put_back_to_an_earlier_signed_state_is_found(
    fresh: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log and head of before are genuine; the register says that more was in the log since.

    The control does not compare the two: a release goes on, and the event stays hidden.
    """
    events.record(fresh.state, [(events.STOPPED, {"reason": "an earlier event"})])
    earlier = fresh.copy(tmp_path / "earlier")
    events.record(fresh.state, [(events.STOPPED, {"reason": "to be hidden"})])
    fresh.release()
    for name in (audit_log.LOG, audit_log.HEAD):
        content = (events.folder(earlier.state) / name).read_bytes()
        (events.folder(fresh.state) / name).write_bytes(content)
    assert len(log(fresh)) == len(log(earlier))
    result = verify_chain(fresh, monkeypatch)
    assert result.exit_code == 1
    assert "cut short or replaced" in result.output
    with pytest.raises(SafeHavenError, match="cut short or replaced"):
        fresh.release()
    monkeypatch.setattr(events, "contradictions", lambda *_: iter(()))
    fresh.release()
    assert verify_chain(fresh, monkeypatch).exit_code == 0
    assert {"reason": "to be hidden"} not in [event.detail for event in log(fresh)]


def test_attack_removed_log_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control does not compare log and register: a new log is begun and proved."""
    for path in events.folder(world.state).iterdir():
        path.unlink()
    assert verify_chain(world, monkeypatch).exit_code == 1
    with pytest.raises(SafeHavenError, match="cut short or replaced"):
        world.release()
    monkeypatch.setattr(events, "contradictions", lambda *_: iter(()))
    world.release()
    assert verify_chain(world, monkeypatch).exit_code == 0


def test_attack_register_put_back_is_found(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control does not compare log and register, and both are proved."""
    earlier = world.evidence().register
    changed(world)
    world.release()
    register.write(world.state.register, earlier, signing.private_key(world.keyring))
    result = verify_chain(world, monkeypatch)
    assert result.exit_code == 1
    assert "gone from the register" in result.output
    monkeypatch.setattr(events, "contradictions", lambda *_: iter(()))
    assert verify_chain(world, monkeypatch).exit_code == 0


def test_a_failed_verification_inside_the_haven_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (world.record_level / "manifest.json.sig").write_bytes(b"x" * 64)
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    result = CliRunner().invoke(command.verify_command, [str(world.record_level)])
    assert result.exit_code == 1
    event = log(world)[-1]
    assert (event.event, event.detail["proofs"]) == ("verify_failed", ["bytes"])
    assert event.detail["pack"].startswith("QAA/REC-A/")


def test_killed_at_every_step_loses_and_doubles_no_event(
    released: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = changed(released.copy(tmp_path / "whole"))
    with pytest.MonkeyPatch.context() as patch:
        steps = count_calls(patch, None)
        whole.release()
    wanted = told(whole, "released", "key_made")
    assert len(wanted) > 5
    start = changed(released.copy(tmp_path / "start"))
    for stop_at in range(len(steps)):
        world = start.copy(tmp_path / f"killed-{stop_at}")
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            with pytest.raises(Killed):
                world.release()
        world.release()
        assert told(world, "released", "key_made") == wanted, stop_at
        assert verify_chain(world, monkeypatch).exit_code == 0, stop_at


@pytest.mark.parametrize("written", [0, 1, 40, 10_000])
def test_killed_between_head_and_lines_keeps_the_event(world: World, written: int) -> None:
    """The head is the commit: lines that it has and the file lacks, whole or in part, count."""
    before = log_file(world).read_bytes()
    events.record(world.state, [(events.STOPPED, {"reason": "invented"})])
    whole = log_file(world).read_bytes()
    log_file(world).write_bytes(whole[: min(len(before) + written, len(whole))])
    assert log(world)[-1].detail == {"reason": "invented"}
    events.record(world.state, [(events.STOPPED, {"reason": "the next"})])
    assert [e.detail["reason"] for e in log(world)[-2:]] == ["invented", "the next"]
    assert log_file(world).read_bytes().startswith(whole)
