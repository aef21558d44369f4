"""What a check of the wall found: always with the reason and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of one rule.

    `node` names the model, file or column; `why` never quotes a value, since a value may be an
    NHS number.
    """

    rule: str
    node: str
    why: str
    what_to_do: str


def as_table(findings: Iterable[Finding]) -> str:
    """The findings as text for a person, one block per finding, in a fixed order."""
    lines = []
    for finding in sorted(set(findings)):
        lines.append(f"{finding.rule}  {finding.node}")
        lines.append(f"    why: {finding.why}")
        lines.append(f"    do:  {finding.what_to_do}")
    return "\n".join(lines)
