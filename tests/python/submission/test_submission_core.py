"""Whatever way a sender sends the same records, the core holds the same rows."""

from __future__ import annotations

import random

import pyarrow.compute as pc
from conftest import World
from haven import FEED, LAST_MONTH, MONTH, PROTOCOL_FEEDS, bulk, with_value

from safe_haven.load.landing import read_submissions
from safe_haven.paths import PROJECT_ROOT

EPISODES = "handover.hnd_apc_episode"
OUTPATIENTS = "core.fct_outpatient_appointment"
LAST_DAY = MONTH[1]
WINDOW_BUT_ONE_DAY = (MONTH[0], "2024-05-30")
AN_HOUR_LATER = {"extract_at": "2025-01-15 01:00:00"}


def test_control_the_core_tells_one_changed_record(world: World) -> None:
    """Equal hashes below mean equal records: the deletion of one is seen."""
    deletion = with_value(world.outpatients.slice(0, 1), "update_type", "1")
    world.haven.send(FEED, deletion, "deletion")
    after = world.haven.build()
    assert after[OUTPATIENTS][0] == world.core[OUTPATIENTS][0] - 1
    assert after["core.fct_activity"] != world.core["core.fct_activity"]


def test_a_month_sent_again_changes_nothing_by_bulk_or_by_net(world: World) -> None:
    """First as each feed is not usually sent, then by the other protocol on top of it."""
    haven = world.haven
    assert world.outpatients.num_rows > 100 and world.attendances.num_rows > 20
    assert world.finished_episodes.num_rows > 20 and world.unfinished_episodes.num_rows > 0
    haven.send(FEED, world.outpatients, "op-net")
    haven.send("emergency_attendance", world.attendances, "ec-bulk", **bulk(*MONTH, "140"))
    haven.send("apc_episode", world.finished_episodes, "apc-bulk", **bulk(*MONTH, "010"))
    haven.send("apc_episode", world.unfinished_episodes, "apc-open", **bulk(*LAST_MONTH, "020"))
    assert haven.build() == world.core
    haven.send(FEED, world.outpatients, "op-bulk", **(bulk(*MONTH) | AN_HOUR_LATER))
    haven.send("emergency_attendance", world.attendances, "ec-net", **AN_HOUR_LATER)
    haven.send("apc_episode", world.finished_episodes, "apc-net", **AN_HOUR_LATER)
    haven.send("apc_episode", world.unfinished_episodes, "apc-open-net", **AN_HOUR_LATER)
    assert haven.build() == world.core


def test_a_window_one_day_shorter_leaves_the_day_outside(world: World) -> None:
    """30 days of a month of 31, sent with their rows, then with none: an empty file empties.

    So does one of the stays that have not ended, which are a group of their own.
    """
    haven = world.haven
    assert world.by_day[LAST_DAY] > 0 and len(world.by_day) > 20
    rows = world.outpatients.filter(
        pc.less_equal(world.outpatients.column("appointment_date"), WINDOW_BUT_ONE_DAY[1])
    )
    assert rows.num_rows < world.outpatients.num_rows
    haven.send(FEED, rows, "short", **bulk(*WINDOW_BUT_ONE_DAY))
    assert haven.build() == world.core
    empty = bulk(*WINDOW_BUT_ONE_DAY) | AN_HOUR_LATER
    haven.send(FEED, rows.slice(0, 0), "empty", **empty)
    none_open = bulk(*LAST_MONTH, "020") | AN_HOUR_LATER
    haven.send("apc_episode", world.unfinished_episodes.slice(0, 0), "none-open", **none_open)
    haven.rebuild("fct_outpatient_appointment", "hnd_apc_episode", "stg_submission_count")
    assert haven.by_day() == {LAST_DAY: world.by_day[LAST_DAY]}
    episodes = world.core[EPISODES][0] - world.unfinished_episodes.num_rows
    assert haven.core()[EPISODES][0] == episodes, "a file of group 020 leaves what is of group 010"


def test_shuffled_doubled_and_late_files_change_nothing(world: World) -> None:
    """Every file under the submission protocol twice more under other names, its rows in any order.

    And an empty extract of the day before the full one, received months after it. Without the rule
    the same files double their tables (`test_rules_off.py`).
    """
    haven = world.haven
    facts = {f"core.{path.stem}" for path in PROJECT_ROOT.glob("models/core/*/fct_*.sql")}
    assert facts <= set(world.core), "every fact is compared"
    handed_over = {f"handover.hnd_{feed}" for feed in PROTOCOL_FEEDS}
    assert all(world.core[relation][0] > 0 for relation in handed_over), "no table is empty"
    haven.send_again(PROTOCOL_FEEDS, 2, random.Random(7))
    full = haven.envelope(f"simulated-{FEED}-2024-05")
    assert full.extract_at == "2024-06-15T02:00:00"
    older = bulk(*MONTH) | {"extract_at": "2024-06-14 02:00:00"}
    haven.send(FEED, world.outpatients.slice(0, 0), "older", **older)
    assert haven.build() == world.core


def test_the_core_as_known_at_a_day_is_the_core_of_what_was_received_by_then(
    world: World,
) -> None:
    """A day when one file was late, and corrections of the month before were still to come."""
    day = "2024-07-01"
    known = world.haven.build(known_at=day)
    assert known[OUTPATIENTS][0] < world.core[OUTPATIENTS][0]
    later = [
        submission
        for submission in read_submissions(world.haven.state)
        if submission.received_on > day and submission.feed in PROTOCOL_FEEDS
    ]
    assert any(submission.extract_at < day for submission in later), "one file is late"
    with world.haven.set_aside(later):
        assert world.haven.build() == known
