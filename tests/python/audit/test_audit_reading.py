"""What is malformed or contradicts itself is refused, with the id it is about."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from systems import EXACT, HES, protected, relation

from safe_haven.audit.attack import audit
from safe_haven.audit.protected import PublishedError, Rule, load, read

GOOD = protected(EXACT, {"t": 20, "a": None, "b": None, "c": 6}, relation("t", "a", "b", "c"))


def with_rule(**change: Any) -> dict[str, Any]:
    return GOOD | {"rule": EXACT | change}


def with_relation(**change: Any) -> dict[str, Any]:
    return GOOD | {"relations": [relation("t", "a", "b", "c") | change]}


def with_shown(**change: Any) -> dict[str, Any]:
    return GOOD | {"shown": GOOD["shown"] | change}


MALFORMED: dict[str, tuple[Any, str]] = {
    "no object": ([], "one object"),
    "unknown key": (GOOD | {"primary": []}, "unknown key primary"),
    "missing key": ({k: v for k, v in GOOD.items() if k != "withheld"}, "withheld is missing"),
    "rule with more": (with_rule(percent=1), "exactly"),
    "rule that is no rule": (GOOD | {"rule": None}, "rule must be an object"),
    "text for a number": (with_rule(suppress_hi="4"), "suppress_hi"),
    "true for a number": (with_rule(suppress_lo=True), "suppress_lo"),
    "text for a truth": (with_rule(zero_is_shown="yes"), "zero_is_shown"),
    "range upside down": (with_rule(suppress_lo=5), "above"),
    "rounded to nothing": (with_rule(round_to=0), "round_to"),
    "small counts shown as 0": (with_rule(round_to=20), "as 0"),
    "bound of two": (GOOD | {"attacker_lower_bound": 2}, "0 or 1"),
    "width of nothing": (GOOD | {"required_width": None}, "required_width"),
    "fraction": (with_shown(c=6.5), "c must be a whole number"),
    "negative": (with_shown(c=-6), "c must be"),
    "text": (with_shown(c="6"), "c must be"),
    "too large": (with_shown(c=10**13), "c must be"),
    "known text": (GOOD | {"known": {"x": "3"}}, "x must be"),
    "null that is not withheld": (with_shown(c=None), "differ in c"),
    "withheld and shown": (GOOD | {"withheld": ["a", "b", "c"]}, "differ in c"),
    "withheld twice": (GOOD | {"withheld": ["a", "b", "b"]}, "twice"),
    "withheld nowhere": (GOOD | {"withheld": ["a", "b", "z"]}, "differ in z"),
    "withheld no list": (GOOD | {"withheld": "ab"}, "list of ids"),
    "relations no list": (GOOD | {"relations": {}}, "list"),
    "relation with more": (with_relation(weight=1), "unknown key"),
    "relation of another kind": (with_relation(op=">="), "op"),
    "relation of nothing": (with_relation(parts=[]), "parts"),
    "part twice": (with_relation(parts=["a", "a"]), "part twice"),
    "own part": (with_relation(parts=["a", "t"]), "own part"),
    "circle": (
        GOOD | {"relations": [*GOOD["relations"], relation("c", "t")]},
        "part of itself",
    ),
    "shown as no count is": (
        protected(HES, {"t": 27, "a": None}, relation("t", "a")),
        "t: no count is shown so",
    ),
    "shown although small": (protected(HES, {"t": 5}), "t: no count is shown so"),
    "shown and known otherwise": (GOOD | {"known": {"c": 7}}, "c: .*contradictory"),
    "parts above their total": (with_shown(c=21), "no table of counts fits"),
    "withheld ones in a zero": (with_shown(t=6), "no table of counts fits"),
    "totals that differ": (
        protected(EXACT, {"t": 9, "u": 8, "a": 9}, relation("t", "a"), relation("u", "a")),
        "no table of counts fits",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_is_refused_by_name(case: str) -> None:
    content, message = MALFORMED[case]
    with pytest.raises(PublishedError, match=message):
        audit(content)


def test_what_these_cases_break_is_read() -> None:
    assert audit(GOOD).passed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"shown": {"a": 1, "a": 2}}', "a stands twice"),
        ('{"shown": {"a": 1.0}}', "not a whole number"),
        ('{"shown": {"a": NaN}}', "not a number"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_file_that_is_not_what_it_seems_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(PublishedError, match=message):
        load(tmp_path / "p.json")


def test_gzip_is_read_and_a_damaged_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "p.json.gz"
    file.write_bytes(gzip.compress(json.dumps(GOOD).encode()))
    assert audit(load(file)).passed
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(PublishedError, match="cannot be read"):
        load(file)


@pytest.mark.parametrize("zero_is_shown", [True, False])
def test_interval_is_the_counts_that_are_shown_so(zero_is_shown: bool) -> None:
    """HES: 0 stays 0, 1-7 are withheld, halves round up; MHSDS withholds 0-4."""
    for (lo, hi), base in (((1, 7), 5), ((1, 4), 5), ((0, 4), 5), ((1, 7), 10), ((1, 4), 4)):
        rule = Rule(lo, hi, base, zero_is_shown, 2, 0)
        shown_as: dict[int, list[int]] = {}
        for count in range(120):
            if not lo <= count <= hi or (count == 0 and zero_is_shown):
                shown_as.setdefault((2 * count + base) // (2 * base) * base, []).append(count)
        for value in range(0, 100):
            alike = shown_as.get(value)
            expected = (min(alike), max(alike)) if alike else None
            assert rule.interval(value) == expected, (lo, hi, base, value)


def test_readers_with_different_rules_are_not_audited_together() -> None:
    with pytest.raises(PublishedError, match="one and the same rule"):
        read([GOOD, with_rule(suppress_hi=5)])


def test_order_of_the_file_changes_nothing() -> None:
    turned = {k: v for k, v in reversed(GOOD.items())}
    turned["shown"] = dict(reversed(GOOD["shown"].items()))
    turned["relations"] = [relation("t", "c", "b", "a")]
    assert audit(turned).content() == audit(GOOD).content()
