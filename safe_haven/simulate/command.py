"""`safe-haven simulate`: fill the landing folder with a simulated world."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from datetime import date

import click

from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.simulate.submissions import Part, make_submissions
from safe_haven.simulate.world import World
from safe_haven.simulate.write import part_folder, put_in_place

PROGRESS_SECONDS = 5.0


@click.command("simulate")
@click.option("--persons", default=World.persons, show_default=True, help="People in the world.")
@click.option("--months", default=World.months, show_default=True, help="Months of activity.")
@click.option("--seed", default=World.seed, show_default=True, help="Another seed, another world.")
@click.option(
    "--first-month", default=World.first_month, show_default=True, help="First month, YYYY-MM."
)
@click.option(
    "--received-on", help="Day of receipt of every file, YYYY-MM-DD  [default: its extract day]"
)
def simulate_command(
    persons: int, months: int, seed: int, first_month: str, received_on: str | None
) -> None:
    """Make a simulated world and send its records: the same arguments give the same bytes.

    Replaces the simulated submissions of an earlier run and leaves loaded files alone.
    """
    world = World(persons=persons, months=months, seed=seed, first_month=first_month)
    parts = simulate(State.from_environment(), world, _day(received_on), _progress())
    for feed, (files, rows) in count_by_feed(parts).items():
        click.echo(f"{feed:<24}{files:>4} files {rows:>12,} rows")


def simulate(
    state: State,
    world: World,
    received_on: date | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> list[Part]:
    """Make the submissions of a world and put them into the landing folder of `state`."""
    folder = part_folder(state)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        parts = make_submissions(world, folder, received_on, progress)
        put_in_place(state, parts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return parts


def count_by_feed(parts: list[Part]) -> dict[str, tuple[int, int]]:
    """Files and rows sent by feed, test files included, in the order of making."""
    files: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for part in parts:
        files[part.submission.feed] += 1
        rows[part.submission.feed] += int(part.submission.rows_received)
    return {feed: (files[feed], rows[feed]) for feed in files}


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise SafeHavenError(
            f"--received-on {text} is not a day: write YYYY-MM-DD, such as 2026-04-20."
        ) from None


def _progress() -> Callable[[str], None]:
    """A listener that says on stderr, at most every five seconds, what is being made."""
    said_at = time.monotonic()

    def listen(step: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= PROGRESS_SECONDS:
            said_at = time.monotonic()
            click.echo(f"simulating: {step}", err=True)

    return listen
