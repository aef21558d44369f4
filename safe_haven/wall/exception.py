"""Exceptions of the wall: each has a reason, a day of approval and a day on which it lapses.

A lapsed exception counts as none: the wall refuses what it excused, and names it
(`test_attack_a_lapsed_exception_excuses_nothing`). Days are judged by the release date of the
project, so that one project gives one answer; whoever sets the next release date meets what lapsed.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import yaml

from safe_haven.paths import PROJECT_ROOT

LONGEST = datetime.timedelta(days=366)
"""The audit is yearly, so each audit sees what was renewed since the one before."""


@dataclass(frozen=True)
class Exemption:
    """Why something is excused, since when, and the last day on which it is.

    Errors: ValueError where it has no reason, or lasts longer than from one audit to the next.
    """

    reason: str
    approved_on: datetime.date
    expires_on: datetime.date

    def __post_init__(self) -> None:
        """Refuse what would be no exception but a rule."""
        if not self.reason.strip():
            raise ValueError("An exception needs a reason.")
        if not self.approved_on <= self.expires_on <= self.approved_on + LONGEST:
            raise ValueError(f"An exception ends within a year of its approval: {self.reason}")

    def holds(self, day: datetime.date) -> bool:
        """Whether it excuses anything on a day."""
        return self.approved_on <= day <= self.expires_on


def release_date(project_file: Path = PROJECT_ROOT / "dbt_project.yml") -> datetime.date:
    """The day that the project speaks of."""
    project = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    return datetime.date.fromisoformat(str(project["vars"]["release_date"]))
