"""The feeds that a world sends, and how each is made from the SQL files beside it.

    once     feed_<name>.sql gives the rows of one file for the whole period
    care     <name>.sql makes the table `event`, row_<name>.sql turns it into rows
    practice row_<name>.sql gives the rows of a month: records of practices or money, not of people;
             a month without rows (of a feed that is sent once a year) has no file

`fault_<name>.sql`, where there is one, changes the rows of one file and adds to `fault_key` what
must come of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class SimulatedFeed:
    """A feed, the kind of file it is sent in, and its bulk replacement group if sent in bulk.

    `months_in_file` is how many months a file covers: rows are due at the end of its last month,
    and the last file of a world may cover fewer. `last_month` is the last month (0 = the world's
    first) after which a file is sent of a collection that ends; `held_from` (YYYY-MM) is the first
    month of a collection that has days of its own, whenever the world begins. Feeds of one `strand`
    may read what an earlier one of them made; strands know nothing of each other and are made side
    by side.
    """

    name: str
    kind: Literal["once", "care", "practice"]
    strand: str = "of_the_period"
    bulk_group: str = ""
    months_in_file: int = 1
    last_month: int | None = None
    held_from: str = ""

    def first_month_of_file(self, index: int, months: int) -> int | None:
        """First month (0 = the world's first) of the file sent after a month; None if none is."""
        if self.last_month is not None and index > self.last_month:
            return None
        if (index + 1) % self.months_in_file and index != months - 1:
            return None
        return index - index % self.months_in_file


FEEDS = (
    SimulatedFeed("person", "once"),
    SimulatedFeed("gp_registration", "once"),
    SimulatedFeed("postcode_directory", "once"),
    SimulatedFeed("objection", "once"),
    SimulatedFeed("apc_episode", "care", "hospital"),
    SimulatedFeed("critical_care_period", "care", "hospital"),
    SimulatedFeed("outpatient_appointment", "care", "hospital", bulk_group="060"),
    SimulatedFeed("emergency_attendance", "care", "hospital"),
    SimulatedFeed("patient_level_contract_monitoring_line", "care", "hospital"),
    SimulatedFeed("aggregate_contract_monitoring_line", "practice", "hospital"),
    SimulatedFeed("invoice", "practice", "hospital"),
    SimulatedFeed("contract_plan", "practice", "hospital"),
    SimulatedFeed("prescribing_month", "practice", "general_practice"),
    SimulatedFeed("gp_list_size", "practice", "general_practice"),
    SimulatedFeed("quality_outcomes_indicator", "practice", "general_practice"),
    SimulatedFeed("gp_payment", "practice", "general_practice"),
    SimulatedFeed("social_care_event", "care", "social_care", months_in_file=3),
    SimulatedFeed("civil_registration_death", "care", "death"),
    SimulatedFeed("gp_extract_observation", "care", "general_practice"),
    SimulatedFeed(
        "care_home_vaccination", "practice", "social_care", last_month=1, held_from="2024-04"
    ),
    SimulatedFeed("mental_health_referral", "care", "mental_health"),
    SimulatedFeed("mental_health_contact", "care", "mental_health"),
    SimulatedFeed("mental_health_spell", "care", "mental_health"),
    SimulatedFeed("mental_health_ward_stay", "care", "mental_health"),
    SimulatedFeed("community_referral", "care", "community"),
    SimulatedFeed("community_contact", "care", "community"),
    SimulatedFeed("talking_therapies_referral", "care", "talking_therapies"),
    SimulatedFeed("talking_therapies_appointment", "care", "talking_therapies"),
    SimulatedFeed("maternity_booking", "care", "maternity"),
    SimulatedFeed("maternity_labour", "care", "maternity"),
    SimulatedFeed("maternity_birth", "care", "maternity"),
    SimulatedFeed("ambulance_incident", "care", "hospital"),
    SimulatedFeed("nhs_111_call", "care", "hospital"),
    SimulatedFeed("referral_to_treatment_pathway", "care", "waiting_list"),
)
"""Within a strand in this order."""
STRANDS = {
    strand: tuple(feed for feed in FEEDS if feed.strand == strand)
    for strand in dict.fromkeys(feed.strand for feed in FEEDS if feed.kind != "once")
}
ONCE_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "once")
EVENT_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "care")
