"""The feeds that a world sends, and how each is made from the SQL files beside it.

    once     feed_<name>.sql gives the rows of one file for the whole period
    care     <name>.sql makes the table `event`, row_<name>.sql turns it into rows
    practice row_<name>.sql gives the rows of a month: records of practices or money, not of people

`fault_<name>.sql`, where there is one, changes the rows of one file and adds to `fault_key` what
must come of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SimulatedFeed:
    """A feed, the kind of file it is sent in, and its bulk replacement group if sent in bulk."""

    name: str
    kind: Literal["once", "care", "practice"]
    bulk_group: str = ""


FEEDS = (
    SimulatedFeed("person", "once"),
    SimulatedFeed("gp_registration", "once"),
    SimulatedFeed("postcode_directory", "once"),
    SimulatedFeed("objection", "once"),
    SimulatedFeed("apc_episode", "care"),
    SimulatedFeed("outpatient_appointment", "care", bulk_group="060"),
    SimulatedFeed("emergency_attendance", "care"),
    SimulatedFeed("ambulance_incident", "care"),
    SimulatedFeed("nhs_111_call", "care"),
    SimulatedFeed("referral_to_treatment_pathway", "care"),
)
"""In this order: a later feed may read the tables that an earlier one of the same batch made."""
ONCE_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "once")
EVENT_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "care")
