"""What an audit found: by id and class of reason, without a count that is not published."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from safe_haven.audit.protected import Published, Rule
from safe_haven.errors import shown

SHOWN_FAILURES = 50
"""Failures printed; the rest are counted."""


@dataclass(frozen=True)
class Finding:
    """One withheld or hidden cell, judged. `low`, `high`: proved bounds, never printed.

    by: intervals, equations, witnesses, linear programme, integer programme, linear programme only
    (a pass on tables that may hold fractions), undecided (fails), published elsewhere.
    """

    cell: str
    low: int
    high: int
    fails: bool
    by: str
    is_hidden: bool

    @property
    def reason(self) -> str:
        """Class of what can be told of a cell that fails."""
        if self.by == "published elsewhere":
            return "published elsewhere"
        if self.by == "undecided":
            return "undecided: the solver gave up, treated as unsafe"
        if self.low == self.high:
            return f"told exactly ({self.by})"
        return f"told to less than the required width ({self.by})"


@dataclass(frozen=True)
class Report:
    """The verdict on a publication: every cell judged, in the order of ids, and what was read."""

    rule: Rule
    cells: int
    relations: int
    withheld: int
    hidden: int
    small_shown: int
    uncapped: int
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Cells that fail."""
        return tuple(finding for finding in self.findings if finding.fails)

    @property
    def passed(self) -> bool:
        """Whether no cell fails. A publication without any relation or cell has passed nothing."""
        return not self.failures and self.cells > 0

    @property
    def narrowest(self) -> int | None:
        """Least proved width of a cell that fails, else None (those that pass are not measured)."""
        return min((f.high - f.low for f in self.failures), default=None)

    def lines(self) -> list[str]:
        """What a person reads. Holds ids, never a bound."""
        rule = self.rule
        regime = "exact values" if rule.is_exact else f"rounded to {rule.round_to}"
        text = [
            f"judged by: withheld {rule.suppress_lo}-{rule.suppress_hi}, {regime}, required width "
            f"{rule.required_width}, withheld counts at least {rule.lower_bound}"
        ]
        for failure in self.failures[:SHOWN_FAILURES]:
            kind = "hidden" if failure.is_hidden else "withheld"
            text.append(f"{shown(failure.cell)}: {kind}, {failure.reason}")
        if len(self.failures) > SHOWN_FAILURES:
            text.append(f"… and {len(self.failures) - SHOWN_FAILURES} more failures")
        if self.small_shown:
            text.append(
                f"note: {self.small_shown} shown counts lie in the suppressed range; that is right "
                "only where the publisher names what to withhold (--no-small-shown fails it)"
            )
        ways = Counter(finding.by for finding in self.findings)
        judged = ", ".join(f"{ways[way]} by {way}" for way in sorted(ways)) or "none"
        narrowest = "" if self.narrowest is None else f"; narrowest width {self.narrowest}"
        text += [
            f"{self.cells} cells, {self.relations} relations, {self.withheld} withheld, "
            f"{self.hidden} hidden; judged: {judged}",
            f"audit {'passed' if self.passed else 'FAILED: do not release'}: "
            f"{len(self.failures)} of {len(self.findings)} cells fail{narrowest}",
        ]
        return text

    def content(self) -> dict[str, Any]:
        """The report for machines, as bare of bounds as the lines."""
        return {
            "passed": self.passed,
            "rule": asdict(self.rule),
            "cells": self.cells,
            "relations": self.relations,
            "withheld": self.withheld,
            "hidden": self.hidden,
            "small_shown": self.small_shown,
            "sets_not_believed_small": self.uncapped,
            "narrowest_failing_width": self.narrowest,
            "judged_by": dict(sorted(Counter(f.by for f in self.findings).items())),
            "failures": [{"cell": f.cell, "reason": f.reason} for f in self.failures],
        }


def small_shown(published: Published) -> int:
    """Shown cells whose count lies in the suppressed range."""
    rule = published.rule
    shown_cells = ~published.withheld & ~published.hidden & ~published.known
    small = (published.low >= rule.suppress_lo) & (published.high <= rule.suppress_hi)
    return int((shown_cells & small).sum())
