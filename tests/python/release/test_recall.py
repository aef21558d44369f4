"""Recall: everybody can see it, nothing of it is in force, and it does not come back by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from release_world import NO_CHECKS, World, files_of
from test_audit_log import log, verify_chain
from test_release_crash import Killed, changed, count_calls

from safe_haven.errors import SafeHavenError
from safe_haven.release import (
    command,
    cut,
    events,
    files,
    lifecycle,
    lifecycle_command,
    pack,
    register,
    render,
    signing,
    verify,
)

WHY = "a wrong postcode list was in use"


def recall(world: World, folder: Path) -> register.Entry | None:
    """Recall the release in `folder`."""
    recipient, agreement = folder.parts[-3:-1]
    return lifecycle.recall(world.state, recipient, agreement, folder.name, WHY)


def outcome(world: World, wanted: str, **options: object) -> cut.Outcome:
    """What a release makes of one agreement."""
    outcomes = cut.release(world.state, checks=NO_CHECKS, **options)
    return next(item for item in outcomes if item.agreement == wanted)


@pytest.fixture
def twice(world: World) -> World:
    """A world in which the aggregate packs were released twice."""
    changed(world).release()
    return world


def test_recall_goes_back_to_the_release_before(twice: World) -> None:
    second = twice.aggregate
    known = twice.evidence().register
    back = recall(twice, second)
    assert back is not None
    assert twice.aggregate.name == back.release_id != second.name
    found = twice.evidence().register
    assert [e.status for e in found.of("QAA", "AGG-A")] == ["current", "recalled"]
    # Appended, not edited: every entry before it keeps its hash.
    assert [e.entry_sha256 for e in found.entries[:-1]] == [e.entry_sha256 for e in known.entries]
    assert (found.entries[-1].event, found.entries[-1].reason) == ("recalled", WHY)
    assert (log(twice)[-1].event, log(twice)[-1].detail["reason"]) == ("recalled", WHY)
    assert not twice.verify(twice.aggregate).failed


def test_recall_of_the_only_release_leaves_none(world: World) -> None:
    assert recall(world, world.record_level) is None
    assert not (world.state.releases / "QAA/REC-A/current").is_symlink()
    assert world.evidence().register.latest("QAA", "REC-A") is None


def test_recall_of_an_older_release_leaves_the_one_in_force(twice: World) -> None:
    first = twice.evidence().register.of("QAA", "AGG-A")[0]
    before = twice.aggregate
    lifecycle.recall(twice.state, "QAA", "AGG-A", str(first.release_id), WHY)
    assert twice.aggregate == before
    assert not twice.verify(before).failed


def test_attack_recalled_pack_fails_and_says_so(twice: World) -> None:
    """Control: `test_control_with_the_register_of_before_the_recalled_pack_passes`."""
    folder = twice.aggregate
    assert not twice.verify(folder).failed
    recall(twice, folder)
    chain = twice.verify(folder).proofs["chain"]
    assert chain.outcome == verify.FAILED
    assert chain.details == (f"this release was recalled, for: {WHY}",)


def test_control_with_the_register_of_before_the_recalled_pack_passes(twice: World) -> None:
    """Only the register tells: a verifier with an old one cannot know."""
    evidence = twice.evidence()
    folder = twice.aggregate
    recall(twice, folder)
    assert not verify.verify_packs([folder], evidence)[0].failed


@pytest.mark.parametrize("agreement", ["AGG-A", "REC-A"])
def test_attack_the_same_data_do_not_come_back(world: World, agreement: str) -> None:
    """Control: `test_control_without_the_comparison_the_same_data_come_back`."""
    recall(world, world.folder("QAA", agreement))
    refused = outcome(world, agreement)
    assert refused.outcome == cut.REFUSED
    assert "recalled_data" in refused.detail
    assert WHY in refused.detail
    assert world.evidence().register.latest("QAA", agreement) is None
    assert outcome(world, agreement, dry_run=True).outcome == cut.REFUSED


@pytest.mark.parametrize("agreement", ["AGG-A", "REC-A"])
def test_attack_the_same_data_do_not_come_back_under_other_words(
    world: World, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new entitlement makes another release id, not other data.

    The control does not compare the data, and they are released.
    """
    recall(world, world.folder("QAA", agreement))
    world.sql(
        "update restricted.releases.rel_entitlement set item = json_merge_patch(item, "
        """'{"note": "new words"}') where kind = 'assurance'"""
    )
    assert outcome(world, agreement).outcome == cut.REFUSED
    monkeypatch.setattr(lifecycle, "recalled_data", lambda *_: None)
    assert outcome(world, agreement).outcome == cut.RELEASED


@pytest.mark.parametrize("lost", [True, False])
def test_attack_a_recalled_pack_that_was_lost_or_changed_counts_as_the_same(
    world: World, lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control does not compare with what was recalled, and the same data are released."""
    folder = world.aggregate
    recall(world, folder)
    if lost:
        files.remove(folder)
    else:
        path = folder / "data/mart_activity_by_month.csv"
        path.write_bytes(path.read_bytes().replace(b"200", b"205"))
    assert outcome(world, "AGG-A").outcome == cut.REFUSED
    monkeypatch.setattr(lifecycle, "recalled_data", lambda *_: None)
    assert outcome(world, "AGG-A").outcome == cut.RELEASED


@pytest.mark.parametrize("agreement", ["AGG-A", "REC-A"])
def test_control_without_the_comparison_the_same_data_come_back(
    world: World, agreement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall(world, world.folder("QAA", agreement))
    monkeypatch.setattr(lifecycle, "recalled_data", lambda *_: None)
    assert outcome(world, agreement).outcome == cut.RELEASED


def test_the_same_data_come_back_when_somebody_says_why(world: World) -> None:
    recalled = world.record_level.name
    recall(world, world.record_level)
    again = outcome(world, "REC-A", agreement="REC-A", after_recall="recalled by mistake")
    assert again.outcome == cut.RELEASED
    assert again.detail != recalled
    assert world.evidence().register.entries[-1].reason == "recalled by mistake"
    assert ("released", "recalled by mistake") in [
        (event.event, event.detail.get("reason")) for event in log(world)
    ]
    assert not world.verify(world.record_level, key="recipient-QAA").failed
    assert outcome(world, "REC-A").outcome == cut.UNCHANGED


def test_the_same_data_are_recalled_again_and_again(world: World) -> None:
    names = [world.record_level.name]
    for _ in range(3):
        recall(world, world.record_level)
        assert outcome(world, "REC-A").outcome == cut.REFUSED
        outcome(world, "REC-A", agreement="REC-A", after_recall="recalled by mistake")
        names.append(world.record_level.name)
        assert not world.verify(world.record_level, key="recipient-QAA").failed
    assert len(set(names)) == 4


def test_after_recall_needs_one_agreement_and_a_reason(world: World) -> None:
    recall(world, world.record_level)
    with pytest.raises(SafeHavenError, match="one agreement"):
        outcome(world, "REC-A", after_recall="recalled by mistake")
    with pytest.raises(SafeHavenError, match="Give a reason"):
        outcome(world, "REC-A", agreement="REC-A", after_recall=" ")


def test_other_data_follow_the_release_that_is_in_force(twice: World) -> None:
    """What changed is told against what the recipient may use, not against what was recalled."""
    first = twice.evidence().register.of("QAA", "AGG-A")[0]
    recall(twice, twice.aggregate)
    twice.sql("update restricted.releases.rel_activity_by_month set records = 180, people = 180 "
              "where icb_code = 'ALL' and month = 'ALL'")  # fmt: skip
    assert outcome(twice, "AGG-A").outcome == cut.RELEASED
    manifest = json.loads((twice.aggregate / "manifest.json").read_bytes())
    assert manifest["previous_manifest_sha256"] == first.manifest_sha256
    assert b"190" not in (twice.aggregate / "changes.csv").read_bytes()
    assert not twice.verify(twice.aggregate).failed


@pytest.mark.parametrize(
    ("release_id", "reason", "message"),
    [
        ("0" * 32, WHY, "was not given"),
        (None, "", "Give a reason"),
        (None, "patient 999 123 4567 is wrong", "Give a reason"),
        (None, "- wrong month", "Begin the reason with a letter or a digit"),
        (None, '=HYPERLINK("https://example.org")', "Begin the reason"),
        (None, "\t+1 wrong month", "Begin the reason"),
        (None, "@wrong month", "Begin the reason"),
    ],
)
def test_refused_recalls_change_nothing(
    world: World, release_id: str | None, reason: str, message: str
) -> None:
    before = files_of(world.state.register)
    named = release_id or world.aggregate.name
    with pytest.raises(SafeHavenError, match=message):
        lifecycle.recall(world.state, "QAA", "AGG-A", named, reason)
    assert files_of(world.state.register) == before


@pytest.mark.parametrize("reason", ["Wrong month - a year too late", "2 of 3 months = wrong", "é"])
def test_control_other_reasons_are_taken_and_can_be_published(world: World, reason: str) -> None:
    lifecycle.recall(world.state, "QAA", "AGG-A", world.aggregate.name, reason)
    written = world.evidence().register.entries[-1].reason
    assert written == reason
    render.refuse_formulas("releases.csv", f'"{written}"\n'.encode())


def test_nothing_is_recalled_twice(world: World) -> None:
    folder = world.aggregate
    recall(world, folder)
    with pytest.raises(SafeHavenError, match="recalled already"):
        recall(world, folder)


def test_a_recall_stands_though_the_release_before_is_lost(twice: World) -> None:
    """What must not be used is out of use first; the loss is told after."""
    first = twice.evidence().register.of("QAA", "AGG-A")[0]
    second = twice.aggregate
    files.remove(second.parent / str(first.release_id))
    with pytest.raises(SafeHavenError, match="folder is gone"):
        recall(twice, second)
    assert not (second.parent / "current").is_symlink()
    assert log(twice)[-1].event == "recalled"
    assert twice.verify(second).failed


def test_attack_recall_struck_from_the_register_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even by one who holds the signing key: the log has it.

    The control does not compare log and register: both are proved, and nothing was recalled.
    """
    before = world.evidence().register
    recall(world, world.aggregate)
    register.write(world.state.register, before, signing.private_key(world.keyring))
    assert verify_chain(world, monkeypatch).exit_code == 1
    with pytest.raises(SafeHavenError, match="gone from the register"):
        world.release()
    monkeypatch.setattr(events, "contradictions", lambda *_: iter(()))
    assert verify_chain(world, monkeypatch).exit_code == 0
    assert not world.verify(world.aggregate).failed


def test_a_recall_killed_at_any_step_is_done_or_not(twice: World, tmp_path: Path) -> None:
    untouched = twice.copy(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        steps = count_calls(patch, None)
        recall(untouched, untouched.aggregate)
    assert len(steps) > 5
    for stop_at in range(len(steps)):
        world = twice.copy(tmp_path / f"killed-{stop_at}")
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            with pytest.raises(Killed):
                recall(world, world.aggregate)
        lifecycle.recover(world.state)
        told = [event.event for event in log(world)].count("recalled")
        latest = world.evidence().register.latest("QAA", "AGG-A")
        recalled = [e for e in world.evidence().register.entries if e.event == "recalled"]
        assert told == len(recalled)
        assert latest is not None
        assert world.aggregate.name == latest.release_id


def test_the_verb_says_what_is_in_force(twice: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(twice.state.var))
    first = twice.evidence().register.of("QAA", "AGG-A")[0]
    options = ["--recipient=QAA", "--agreement=AGG-A", f"--release={twice.aggregate.name}"]
    result = CliRunner().invoke(lifecycle_command.recall_command, [*options, f"--reason={WHY}"])
    assert result.exit_code == 0, result.output
    assert f"{first.release_id} is in force" in result.output


def test_what_the_published_list_lacks_is_told(twice: World) -> None:
    """Nothing is told before anything is published, nor while the list is whole."""
    assert not list(lifecycle.unpublished(twice.state))
    entries = len(twice.evidence().register.entries)
    manifest = twice.state.publication / "current" / pack.MANIFEST
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"register_entries": entries}))
    assert not list(lifecycle.unpublished(twice.state))
    recall(twice, twice.aggregate)
    assert ["lacks the last 1:" in line for line in lifecycle.unpublished(twice.state)] == [True]


# -- dry runs -----------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing(fresh: World) -> None:
    before = files_of(fresh.state.var)
    assert fresh.release(dry_run=True)["AGG-A"] == cut.WOULD_RELEASE
    after = files_of(fresh.state.var)
    assert {name for name in after if not name.endswith(".writer.lock")} == set(before)
    assert all(after[name] == content for name, content in before.items())
    fresh.release()
    assert set(files_of(fresh.state.var)) > set(after)


def test_a_dry_run_after_a_kill_says_so_and_changes_nothing(
    twice: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The register is told of the recall; link and log are not. The control is a real run."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(twice.state.var))
    recalled = twice.aggregate
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(events, "record", kill_after_the_register(events.record, twice))
        recall(twice, recalled)
    before = state_of(twice)
    assert twice.release(dry_run=True)["AGG-A"] == cut.REFUSED
    with monkeypatch.context() as patch:
        patch.setattr(cut, "release", lambda *_: [])
        result = CliRunner().invoke(command.release_command, ["--dry-run"], catch_exceptions=False)
    assert "An earlier run was cut short" in result.output
    assert "QAA/AGG-A/current does not lead to the release in force" in result.output
    assert "(recalled, AGG-A) is not in the log" in result.output
    assert state_of(twice) == before
    assert twice.aggregate == recalled
    twice.release()
    assert state_of(twice) != before
    assert twice.aggregate != recalled
    with monkeypatch.context() as patch:
        patch.setattr(cut, "release", lambda *_: [])
        result = CliRunner().invoke(command.release_command, ["--dry-run"], catch_exceptions=False)
    assert "cut short" not in result.output


def kill_after_the_register(real: Callable[..., Any], world: World) -> Callable[..., Any]:
    """`events.record`, until the register has a recall that the log is to be told of."""

    def record(*given: Any) -> Any:
        if any(e.event == register.RECALLED for e in world.evidence().register.entries):
            raise Killed
        return real(*given)

    return record


def state_of(world: World) -> dict[str, bytes | str]:
    """Every file, and where every link leads."""
    links = {
        path.relative_to(world.state.var).as_posix(): str(path.readlink())
        for path in world.state.var.rglob("*")
        if path.is_symlink()
    }
    return files_of(world.state.var) | links
