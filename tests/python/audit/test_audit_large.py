"""Tables of the size that is published: what primaries alone give away, and in how long."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from systems import protected, rounded

from safe_haven.audit.attack import audit

pytestmark = pytest.mark.reference_data
ReferenceFile = Callable[[str], Path]


def primaries_alone(path: Path) -> dict[str, Any]:
    """A SYSTEM of data/sdc/systems with nothing withheld but counts in the suppressed range."""
    with gzip.open(path) as file:
        system = json.load(file)
    rule = system["rule"]
    small = range(rule["suppress_lo"], rule["suppress_hi"] + 1)
    shown = {
        cell["id"]: None if cell["value"] in small else rounded(cell["value"], rule)
        for cell in system["cells"]
    }
    return protected(rule, shown, *system["relations"])


@pytest.mark.parametrize(
    ("name", "withheld", "failing", "seconds"),
    [
        ("1k-3D_s0_14", 97, 97, 10),
        ("10k-2D_s0_14", 1051, 738, 20),
        ("10k-3D_s0_14", 925, 925, 20),
        ("10k-2D_s0_hes", 1051, 0, 40),
        ("10k-3D_s0_hes", 925, 63, 60),
    ],
)
def test_attack_on_primaries_alone(
    reference_file: ReferenceFile, name: str, withheld: int, failing: int, seconds: float
) -> None:
    content = primaries_alone(reference_file(f"sdc/systems/{name}.json.gz"))
    start = time.monotonic()
    report = audit(content)
    assert time.monotonic() - start < seconds
    assert (report.withheld, len(report.failures)) == (withheld, failing)
    assert not any(finding.by == "linear programme only" for finding in report.findings)
