"""`./run soak-kill`: kill -9 of `release` and of the load of `serve`, many times, on a built world.

Old or new, never mixed: after each kill a reader has seen nothing else, and the next run finishes
and gives what an undisturbed one gives. Continuous integration kills a few times, in
tests/python/release/test_release_kill.py and tests/python/serve/test_serve_kill.py.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql

from safe_haven.errors import SafeHavenError
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.release import events, files, lifecycle, pack, register, signing
from safe_haven.run.command import simulate_step
from safe_haven.run.kill import Moment, Readings, Victim, moments, reading
from safe_haven.run.soak import build_step
from safe_haven.run.steps import Step, run_step, step_environment, tool
from safe_haven.serve import roles, server
from safe_haven.serve.passwords import password

PERSONS, MONTHS = 2_000, 6
OWN_TABLES = """\
select relname from pg_class join pg_namespace as n on n.oid = relnamespace
where nspname = %s and relkind = 'r' order by 1
"""
CONTENT = sql.SQL("select t::text from {} as t order by 1")
HELD_BACK = "emergency_attendance"
Releases = Mapping[tuple[str, str], str]
"""Id of the current release by recipient and agreement."""
Tables = Mapping[str, str]
"""All that a recipient is shown in one transaction, as a hash, by role."""


@click.command("soak-kill")
@click.option("--moments", "number", default=40, show_default=True, help="Kills of each kind.")
@click.option("--seed", default=1, show_default=True, help="Draws the moments.")
def soak_kill_command(number: int, seed: int) -> None:
    """Kill releases and loads at random moments; stop if a reader sees a mixture or a gap.

    Makes a small world of its own; needs Debian's postgresql.
    """
    home = State.from_environment("operator").var / "bench" / "kill"
    shutil.rmtree(home, ignore_errors=True)
    start = _world(home / "start")
    whole = copied(start, home / "whole")
    click.echo(kill_releases(start, whole, moments(number, seed)))
    click.echo(kill_loads(start, whole, moments(number, seed + 1)))


def _world(var: Path) -> State:
    """A world that was released without one file, and was then built with it."""
    state = State(var=var, target="operator")
    state.make_folders()
    run_step(simulate_step(PERSONS, MONTHS), state)
    last = max(
        path.name for path in (state.landing / HELD_BACK).iterdir() if not path.name.startswith("_")
    )
    moved = [
        (state.landing / name / last, var / f"{name}-{last}") for name in (HELD_BACK, "submission")
    ]
    for place, aside in moved:
        place.rename(aside)
    run_step(build_step(), state)
    run_step(Step("release", [tool("safe-haven"), "release"], quiet=True), state)
    for place, aside in moved:
        aside.rename(place)
    run_step(build_step(), state)
    return state


def copied(state: State, var: Path) -> State:
    """The same installation in another folder."""
    shutil.rmtree(var, ignore_errors=True)
    shutil.copytree(state.var, var, symlinks=True)
    return State(var=var, target=state.target)


# Releases ----------------------------------------------------------------------------------------


def current_releases(state: State) -> Releases:
    """What a reader of the packs finds: each link leads to a whole, signed and registered release.

    Errors: SafeHavenError, OSError, ValueError where one does not.
    """
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    found = {}
    for link in lifecycle.current_links(state):
        folder = link.resolve(strict=True)
        content = (folder / pack.MANIFEST).read_bytes()
        if not signing.is_signed(public_key, content, (folder / pack.SIGNATURE).read_bytes()):
            raise SafeHavenError(f"{folder} is not signed.")
        manifest = json.loads(content)
        if pack.listed_files(folder) != manifest["files"]:
            raise SafeHavenError(f"{folder} does not hold what its manifest says.")
        # The register is read after the pack: it knows each release before a link leads there.
        known = register.load(state.register, public_key)
        if files.sha256(content) not in {entry.manifest_sha256 for entry in known.entries}:
            raise SafeHavenError(f"{folder} is not in the register.")
        found[link.parts[-3], link.parts[-2]] = folder.name
    if not found:
        raise SafeHavenError(f"No release is in {state.releases}.")
    return found


def registered(state: State) -> list[tuple[object, ...]]:
    """The register, without what differs between two encryptions of the same rows."""
    public_key = signing.load_public_key(state.public_keys / signing.PUBLIC_KEY_FILE)
    known = register.load(state.register, public_key)
    if found := list(events.chain_findings(state, known, public_key)):
        raise SafeHavenError(f"The log does not agree with the register: {found[0]}")
    return [(e.pair, e.event, e.release_id, e.status) for e in known.entries]


def release_victim(state: State, command: Sequence[str]) -> Victim:
    """A release of a state; its sign is the first release folder that was not there before."""

    def folders() -> set[Path]:
        return set(state.releases.glob("[!.]*/*/*"))

    before = folders()
    return Victim(command, step_environment(state), lambda: folders() != before)


def kill_releases(
    start: State, whole: State, chosen: Sequence[Moment], command: Sequence[str] | None = None
) -> str:
    """Kill a release at each moment; what was found, in a line. `whole` is a copy of `start`.

    Errors: SafeHavenError at the first reading that is neither old nor new, or where the run after
    a kill does not end as an undisturbed one.
    """
    command = command or [tool("safe-haven"), "release"]
    old = current_releases(start)
    timing = release_victim(whole, command).undisturbed()
    new, entries = current_releases(whole), registered(whole)
    if not old.keys() <= new.keys() or all(new[pair] == old[pair] for pair in old):
        raise SafeHavenError("The release changed nothing, so killing it proves nothing.")
    outcomes: Counter[str] = Counter()
    for moment in chosen:
        state = copied(start, start.var.parent / "victim")
        with reading(lambda state=state: current_releases(state)) as found:
            killed = release_victim(state, command).killed_at(moment, timing)
            left = current_releases(state)
            _finish(state, command)
        old_or_new(found, [old, new])
        if current_releases(state) != new or registered(state) != entries:
            raise SafeHavenError(f"The run after a kill at {moment} does not end as another.")
        if left_over := list(state.releases.glob(".*")):
            raise SafeHavenError(f"The run after a kill at {moment} leaves {left_over}.")
        outcomes[_outcome(killed, left, old, new)] += 1
    return _line("release", outcomes)


def _finish(state: State, command: Sequence[str]) -> None:
    """The next run; after a kill that came late it may find nothing left to make."""
    run = subprocess.run(
        list(command),
        cwd=PROJECT_ROOT,
        env=step_environment(state),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if run.returncode != 0:
        raise SafeHavenError(f"The run after a kill failed: {run.stderr.decode()[-500:]}")


def old_or_new(found: Readings, states: Sequence[Mapping[Any, str]]) -> None:
    """Stop at a reading in which a pack, or what a role is shown, is neither old nor new.

    Packs change one after the other and roles are read one after the other; each is whole.
    """
    if found.errors:
        raise SafeHavenError(f"A reader saw a gap: {found.errors[0]}")
    for state in found.seen:
        if not _each_is_of(state, states):
            raise SafeHavenError(f"A reader saw neither the old nor the new: {state}")


def _each_is_of(found: object, states: Sequence[Mapping[object, str]]) -> bool:
    return (
        isinstance(found, Mapping)
        and states[0].keys() <= found.keys() <= states[-1].keys()
        and all(found[key] in [each.get(key) for each in states] for key in found)
    )


def _outcome(killed: bool, left: object, old: object, new: object) -> str:
    if not killed:
        return "ended before"
    return "old" if left == old else "new" if left == new else "some packs new"


def _line(what: str, outcomes: Counter[str]) -> str:
    told = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    return f"{what}: {outcomes.total()} kills, left {told}; no reader saw a mixture or a gap"


# Loads -------------------------------------------------------------------------------------------


def served_tables(state: State, own: server.Server, names: Sequence[str]) -> Tables:
    """What each role is shown: one transaction for each."""
    return {name: _shown(state, own, name) for name in names}


def _shown(state: State, own: server.Server, name: str) -> str:
    with psycopg.connect(own.dsn(name), password=password(state, name)) as connection:
        connection.execute("set transaction isolation level repeatable read")
        tables = connection.execute(OWN_TABLES, [name]).fetchall()
        content = [
            (table, connection.execute(CONTENT.format(sql.Identifier(name, table))).fetchall())
            for (table,) in tables
        ]
    return files.sha256(repr(content).encode())


def kill_loads(old_state: State, new_state: State, chosen: Sequence[Moment]) -> str:
    """Kill the load of `serve --dsn` at each moment, by turns of the old and the new releases."""
    recipients = sorted({recipient for recipient, _ in current_releases(old_state)})
    names = [roles.role_of(code) for code in recipients]
    home = State(var=old_state.var.parent / "server", target="operator")
    home.make_folders()
    for name in (*names, server.ADMIN):
        password(home, name)
        for state in (old_state, new_state):
            shutil.copy2(home.keys / f"{name}.password", state.keys)
    with server.started(home) as own, server.connect(home, own) as admin:

        def loading() -> bool:
            return bool(
                admin.execute("select 1 from pg_locks where locktype = 'advisory'").rowcount
            )

        def victim(state: State) -> Victim:
            environment = step_environment(state) | {"PGPASSWORD": password(home, server.ADMIN)}
            command = [tool("safe-haven"), "serve", "--dsn", own.dsn(server.ADMIN)]
            return Victim(command, environment, loading)

        victims = [victim(state) for state in (old_state, new_state)]
        return kill_in_turn(victims, lambda: served_tables(home, own, names), chosen)


def kill_in_turn(
    victims: Sequence[Victim], read: Callable[[], Tables], chosen: Sequence[Moment]
) -> str:
    """Kill two loads, one at each moment in turn, each over what the other one loaded.

    Errors: SafeHavenError at the first reading that is neither what was served before nor what is
    loaded, or where the load after a kill does not end as an undisturbed one.
    """
    shown, timings = [], []
    for victim in victims:
        timings.append(victim.undisturbed())
        shown.append(read())
    if shown[0] == shown[1]:
        raise SafeHavenError("Both loads show the same, so killing one proves nothing.")
    outcomes: Counter[str] = Counter()
    before, to = 1, 0
    for moment in chosen:
        with reading(read) as found:
            killed = victims[to].killed_at(moment, timings[to])
            left = read()
            if left != shown[to]:
                victims[to].undisturbed()
        old_or_new(found, shown)
        if read() != shown[to]:
            raise SafeHavenError(f"The load after a kill at {moment} does not end as another.")
        outcomes[_outcome(killed, left, shown[before], shown[to])] += 1
        before, to = to, before
    return _line("serve", outcomes)
