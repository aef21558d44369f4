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
    first) after which a file is sent of a collection that ends.
    """

    name: str
    kind: Literal["once", "care", "practice"]
    bulk_group: str = ""
    months_in_file: int = 1
    last_month: int | None = None

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
    SimulatedFeed("apc_episode", "care"),
    SimulatedFeed("critical_care_period", "care"),
    SimulatedFeed("outpatient_appointment", "care", bulk_group="060"),
    SimulatedFeed("emergency_attendance", "care"),
    SimulatedFeed("patient_level_contract_monitoring_line", "care"),
    SimulatedFeed("aggregate_contract_monitoring_line", "practice"),
    SimulatedFeed("invoice", "practice"),
    SimulatedFeed("contract_plan", "practice"),
    SimulatedFeed("prescribing_month", "practice"),
    SimulatedFeed("gp_list_size", "practice"),
    SimulatedFeed("quality_outcomes_indicator", "practice"),
    SimulatedFeed("gp_payment", "practice"),
    SimulatedFeed("social_care_event", "care", months_in_file=3),
    SimulatedFeed("civil_registration_death", "care"),
    SimulatedFeed("gp_extract_observation", "care"),
    SimulatedFeed("care_home_vaccination", "practice", last_month=1),
    SimulatedFeed("mental_health_referral", "care"),
    SimulatedFeed("mental_health_contact", "care"),
    SimulatedFeed("mental_health_spell", "care"),
    SimulatedFeed("mental_health_ward_stay", "care"),
    SimulatedFeed("community_referral", "care"),
    SimulatedFeed("community_contact", "care"),
    SimulatedFeed("talking_therapies_referral", "care"),
    SimulatedFeed("talking_therapies_appointment", "care"),
    SimulatedFeed("maternity_booking", "care"),
    SimulatedFeed("maternity_labour", "care"),
    SimulatedFeed("maternity_birth", "care"),
    SimulatedFeed("ambulance_incident", "care"),
    SimulatedFeed("nhs_111_call", "care"),
    SimulatedFeed("referral_to_treatment_pathway", "care"),
)
"""In this order: a later feed may read the tables that an earlier one of the same batch made."""
ONCE_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "once")
EVENT_FEEDS = tuple(feed.name for feed in FEEDS if feed.kind == "care")
