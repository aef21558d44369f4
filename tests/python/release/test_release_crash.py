"""A crash at any step leaves the old release or the new one, and the next run puts it right."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from release_world import World, files_of

from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.release import cut, files, lifecycle, pack, register, signing, verify


class Killed(BaseException):
    """Stands for kill -9: no `except Exception` can catch it."""


def changed(world: World) -> World:
    """Change both aggregate packs, so that the next run publishes two."""
    world.sql(
        "update restricted.releases.rel_activity_by_month set records = 190, people = 190 "
        "where icb_code = 'ALL' and month = 'ALL'"
    )
    return world


def count_calls(monkeypatch: pytest.MonkeyPatch, stop_at: int | None) -> list[str]:
    """Record each step that changes names on the disk; raise before step number `stop_at`."""
    steps: list[str] = []

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if stop_at is not None and len(steps) == stop_at:
                raise Killed(name)
            steps.append(name)
            return real(*arguments, **options)

        return call

    monkeypatch.setattr(files.os, "rename", watched("rename", os.rename))
    monkeypatch.setattr(files.os, "replace", watched("replace", os.replace))
    monkeypatch.setattr(files.os, "symlink", watched("symlink", os.symlink))
    return steps


def packs(world: World) -> list[Path]:
    """The current aggregate packs."""
    return [world.aggregate, world.folder("QBB", "AGG-B")]


def test_readers_look_into_no_folder_that_a_release_prepares(world: World) -> None:
    world.release()
    links = lifecycle.current_links(world.state)
    assert {link.resolve() for link in packs(world)} <= {link.resolve() for link in links}
    for folder in (".preparing/QBB", "QBB/.preparing"):
        prepared = world.state.releases / folder / lifecycle.CURRENT
        prepared.parent.mkdir(parents=True, exist_ok=True)
        prepared.symlink_to(world.folder("QBB", "AGG-B").resolve())
    assert lifecycle.current_links(world.state) == links


def registered(world: World) -> list[tuple[Any, ...]]:
    """What the register says, but for the log it was written after, which has the crash in it."""
    return [
        (e.pair, e.event, e.release_id, e.manifest_sha256, e.previous, e.status)
        for e in world.evidence().register.entries
    ]


def steps_of_a_release(world: World) -> list[str]:
    """The steps of one undisturbed run."""
    with pytest.MonkeyPatch.context() as patch:
        steps = count_calls(patch, None)
        world.release()
    return steps


def test_attack_killed_at_every_step_leaves_old_or_new(released: World, tmp_path: Path) -> None:
    """Control: `test_control_links_before_the_register_lead_to_what_it_does_not_know`."""
    untouched = changed(released.copy(tmp_path / "whole"))
    old = [files_of(folder) for folder in packs(untouched)]
    steps = steps_of_a_release(untouched)
    new = [files_of(folder) for folder in packs(untouched)]
    assert len(steps) >= 10
    assert old[0] != new[0]
    start = changed(released.copy(tmp_path / "start"))
    for stop_at in range(len(steps)):
        world = start.copy(tmp_path / f"killed-{stop_at}")
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            # A killed process clears nothing up.
            patch.setattr(cut.files, "remove", lambda folder: None)
            with pytest.raises(Killed):
                world.release()
        found = [files_of(folder) for folder in packs(world)]
        assert all(pack in (old[at], new[at]) for at, pack in enumerate(found))
        for report in verify.verify_packs(packs(world), world.evidence()):
            assert not report.failed, (stop_at, report)


def test_control_links_before_the_register_lead_to_what_it_does_not_know(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that moved the links first, killed before it told the register."""
    place = cut._place

    def place_and_point(state: State, item: pack.Prepared) -> None:
        place(state, item)
        folder = state.releases / item.order.recipient / item.order.agreement
        files.point(folder / lifecycle.CURRENT, item.release_id)

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(cut, "_place", place_and_point)
    monkeypatch.setattr(register, "write", killed)
    with pytest.raises(Killed):
        changed(world).release()
    for report in verify.verify_packs(packs(world), world.evidence()):
        assert report.failed_proofs == ["chain", "entitlement"]


def test_run_after_a_crash_finishes_the_release(released: World, tmp_path: Path) -> None:
    untouched = changed(released.copy(tmp_path / "whole"))
    steps = steps_of_a_release(untouched)
    new = [files_of(folder) for folder in packs(untouched)]
    for stop_at in (0, 1, 3, len(steps) - 1):
        world = changed(released.copy(tmp_path / f"killed-{stop_at}"))
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            with pytest.raises(Killed):
                world.release()
        world.release()
        assert [files_of(folder) for folder in packs(world)] == new
        assert registered(world) == registered(untouched)
        assert not list(world.state.releases.glob(".*"))


def test_first_release_killed_at_every_step_is_finished_by_the_next(
    built: World, tmp_path: Path
) -> None:
    untouched = built.copy(tmp_path / "whole")
    steps = steps_of_a_release(untouched)
    new = [files_of(folder) for folder in packs(untouched)]
    for stop_at in range(len(steps)):
        world = built.copy(tmp_path / f"killed-{stop_at}")
        with pytest.MonkeyPatch.context() as patch:
            count_calls(patch, stop_at)
            patch.setattr(cut.files, "remove", lambda folder: None)
            with pytest.raises(Killed):
                world.release()
        world.release()
        assert [files_of(folder) for folder in packs(world)] == new, stop_at
        assert [r[:3] for r in registered(world)] == [r[:3] for r in registered(untouched)]


@pytest.mark.parametrize("name", ["current", "version"])
def test_register_that_was_published_and_is_gone_is_no_empty_one(world: World, name: str) -> None:
    folder = world.state.register
    files.remove((folder / "current").resolve() if name == "version" else folder / "current")
    with pytest.raises(SafeHavenError, match="is gone; restore it"):
        world.evidence()


@pytest.mark.parametrize("through", ["version", "links"])
def test_attack_register_replaced_while_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch, through: str
) -> None:
    """The control reads through the links: a new document with an old signature, or nothing."""
    folder, key = world.state.register, signing.private_key(world.keyring)
    before = world.evidence().register
    after = before.with_recall(before.current()[0], "a wrong month", register.START)
    read = Path.read_bytes

    def replace_first(path: Path) -> bytes:
        if path.name == register.SIGNATURE:
            monkeypatch.setattr(Path, "read_bytes", read)
            register.write(folder, after, key)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", replace_first)
    if through == "links":
        monkeypatch.setattr(register, "_version", lambda folder: folder)
        with pytest.raises(SafeHavenError, match="not what was signed"):
            world.evidence()
    else:
        assert world.evidence().register == after


def test_attack_register_and_signature_in_two_steps_would_break(world: World) -> None:
    """Control: were the register written as two files, a crash between them fails every pack."""
    folder = world.state.register
    known = world.evidence().register
    path = (folder / register.FILE).resolve()
    path.write_bytes(register.Register(known.entries[:1]).content())
    with pytest.raises(SafeHavenError, match="not what was signed"):
        world.evidence()


def test_lost_register_stops_the_next_release(world: World) -> None:
    for path in world.state.register.iterdir():
        files.remove(path)
    with pytest.raises(SafeHavenError, match="Restore the register from your backup"):
        world.release()


def test_lost_release_stops_the_next_release(world: World) -> None:
    files.remove(world.aggregate)
    (world.state.releases / "QAA" / "AGG-A" / "current").unlink()
    with pytest.raises(SafeHavenError, match=r"folder is gone.*Restore"):
        world.release()


def test_every_file_and_folder_is_flushed_before_a_link_leads_to_it(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the first version of the register links lead before it is there: it is moved flushed."""
    flushed: set[int] = set()
    unflushed: list[str] = []
    moved: list[str] = []
    rename = os.rename
    monkeypatch.setattr(os, "fsync", lambda at: flushed.add(os.fstat(at).st_ino))

    def look_at(*paths: Path) -> None:
        unflushed.extend(str(path) for path in paths if path.stat().st_ino not in flushed)

    def replace(source: Path, destination: Path) -> None:
        if Path(destination).name == "current":
            folder = Path(destination).parent / os.readlink(source)
            if folder.exists():
                look_at(folder, folder.parent, *folder.rglob("*"))
        rename(source, destination)

    def move(source: Path, destination: Path) -> None:
        moved.append(Path(destination).name)
        look_at(Path(source), *Path(source).rglob("*"))
        rename(source, destination)

    monkeypatch.setattr(files.os, "replace", replace)
    monkeypatch.setattr(files.os, "rename", move)
    fresh.release()
    assert flushed
    assert any(name.startswith("version-") for name in moved)
    assert unflushed == []
