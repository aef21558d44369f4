"""Put simulated submissions in place of those of an earlier run; loaded files are never touched."""

from __future__ import annotations

from pathlib import Path

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import ENVELOPE
from safe_haven.load.landing import (
    Submission,
    ensure_landing,
    landing_path,
    read_submissions,
    register_submission,
)
from safe_haven.paths import State
from safe_haven.simulate import commissioner_cases, fault_key
from safe_haven.simulate.feeds import FEEDS
from safe_haven.simulate.submissions import LAYOUT, Part

KEY_FILES = (commissioner_cases.KEY_FILE, fault_key.KEY_FILE)


def part_folder(state: State) -> Path:
    """Where files are made before they are put in place: inside landing, outside every feed."""
    return state.landing / f".{LAYOUT}.part"


def put_in_place(state: State, parts: list[Part]) -> None:
    """Replace every simulated submission in the landing folder by `parts`.

    Envelopes go first and come last, so that an interrupted run leaves rows that nobody reads, and
    never an envelope of other rows. Raises SafeHavenError where a loaded file has one of our ids.
    """
    ensure_landing(state)
    registered = read_submissions(state)
    _refuse_taken_ids(registered, parts)
    _remove_simulated(state, registered)
    for part in parts:
        part.path.replace(landing_path(state, part.submission.feed, part.submission.submission_id))
    for part in parts:
        register_submission(state, part.submission)
    for name in KEY_FILES:
        (part_folder(state) / name).replace(state.landing / name)


def _remove_simulated(state: State, registered: list[Submission]) -> None:
    """Also removes rows that an interrupted run left without an envelope."""
    for submission in registered:
        if submission.layout == LAYOUT:
            landing_path(state, ENVELOPE, submission.submission_id).unlink()
    for name in KEY_FILES:
        (state.landing / name).unlink(missing_ok=True)
    loaded = {s.submission_id for s in registered if s.layout != LAYOUT}
    for feed in FEEDS:
        for path in sorted((state.landing / feed.name).glob(f"{LAYOUT}-*.parquet")):
            if path.stem not in loaded:
                path.unlink()


def _refuse_taken_ids(registered: list[Submission], parts: list[Part]) -> None:
    loaded = {s.submission_id for s in registered if s.layout != LAYOUT}
    for part in parts:
        if part.submission.submission_id in loaded:
            raise SafeHavenError(
                f"A loaded file has the submission id {part.submission.submission_id}, which the "
                "simulator needs: the simulation would replace it. Remove it from the landing "
                "folder if it is not wanted."
            )
