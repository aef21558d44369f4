"""The auditor fails exactly the cells that a complete search of all tables fails."""

from __future__ import annotations

from random import Random

from exhaustive import Exhaustive, TooSlowError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from systems import scattered_system, small_system, spoilt

from safe_haven.audit.attack import audit
from safe_haven.audit.protected import PublishedError

seeds = st.integers(0, 2**32 - 1)
many = settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@many
@given(seeds)
def test_audit_fails_what_a_complete_search_fails(seed: int) -> None:
    random = Random(seed)
    content, far = (scattered_system if seed % 4 == 0 else small_system)(random)
    report = audit(content)
    try:
        allowed = Exhaustive(content, far).failing()
    except TooSlowError:
        assume(False)
    assert {f.cell for f in report.failures} in allowed


@settings(many, max_examples=200)
@given(seeds)
def test_audit_refuses_what_no_table_fits_and_nothing_else(seed: int) -> None:
    random = Random(seed)
    content, far = small_system(random)
    content = spoilt(random, content)
    try:
        possible = Exhaustive(content, far).possible
    except (TooSlowError, ValueError):
        assume(False)
    try:
        audit(content)
        refused = False
    except PublishedError:
        refused = True
    assert refused == (not possible)
