"""An exception of the wall excuses until its last day, and nothing after it."""

from __future__ import annotations

import datetime

import pytest
from wall_project import handover, manifest

from safe_haven.wall import policy
from safe_haven.wall.exception import LONGEST, Exemption, release_date
from safe_haven.wall.findings import Finding
from safe_haven.wall.gate import gate

APPROVED = datetime.date(2026, 4, 1)
EXPIRES = datetime.date(2027, 3, 31)
DAY = datetime.timedelta(days=1)


def leaking(monkeypatch: pytest.MonkeyPatch, day: datetime.date) -> set[str]:
    """The rules that refuse, on a day, a project with a leak that an exception excuses."""
    monkeypatch.setattr(
        policy, "DECLASSIFIED", {"hnd_person.sex": Exemption("for a test", APPROVED, EXPIRES)}
    )
    project = handover("p.person_key, p.nhs_number as sex")
    return {finding.rule for finding in gate(project, day)}


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        (APPROVED - DAY, {"trace-identifier"}),
        (EXPIRES + DAY, {"trace-identifier", "exception-lapsed"}),
    ],
)
def test_attack_a_lapsed_exception_excuses_nothing(
    monkeypatch: pytest.MonkeyPatch, day: datetime.date, refused: set[str]
) -> None:
    """The control is the last day, on which the same leak passes."""
    assert leaking(monkeypatch, day) == refused
    assert leaking(monkeypatch, EXPIRES) == set()
    assert leaking(monkeypatch, APPROVED) == set()


def test_what_lapsed_is_named_with_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    exemption = Exemption("for a test", APPROVED, EXPIRES)
    monkeypatch.setattr(policy, "DECLASSIFIED", {"hnd_person.sex": exemption})
    (finding,) = gate(manifest(), EXPIRES + DAY)
    assert isinstance(finding, Finding)
    assert "2027-03-31" in str(finding)


def test_every_exception_is_in_force_on_the_release_date() -> None:
    assert policy.DECLASSIFIED
    assert all(item.holds(release_date()) for item in policy.DECLASSIFIED.values())


@pytest.mark.parametrize(
    ("reason", "approved", "expires"),
    [
        (" ", APPROVED, EXPIRES),
        ("for ever", APPROVED, APPROVED + LONGEST + DAY),
        ("over before it began", APPROVED, APPROVED - DAY),
    ],
)
def test_an_exception_without_reason_or_end_is_refused(
    reason: str, approved: datetime.date, expires: datetime.date
) -> None:
    with pytest.raises(ValueError, match="exception"):
        Exemption(reason, approved, expires)
