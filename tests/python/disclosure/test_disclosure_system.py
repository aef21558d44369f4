"""The release system refuses what contradicts itself, and names where."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from cubes import PROVIDER, Cube, events, nearest

from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import ReleaseSystemError, Rule, build_system


def _cells(*rows: tuple[str, str, int | None, int | None]) -> pa.Table:
    """Cells that are published."""
    names = ("cell_id", "block", "is_published", "people", "records")
    types = (pa.string(), pa.string(), pa.bool_(), pa.int64(), pa.int64())
    rows = tuple((*row[:2], True, *row[2:]) for row in rows)
    return pa.table({n: pa.array([r[i] for r in rows], types[i]) for i, n in enumerate(names)})


def _relations(*rows: tuple[str, str, str, str, bool]) -> pa.Table:
    """Relations that every reader holds whole."""
    names = ("relation_id", "block", "total_cell_id", "part_cell_id", "people_adds")
    names += ("across_readers",)
    types = (*[pa.string()] * 4, pa.bool_(), pa.bool_())
    rows = tuple((*row, False) for row in rows)
    return pa.table({n: pa.array([r[i] for r in rows], types[i]) for i, n in enumerate(names)})


GOOD_CELLS = [("t", "q", 9, 12), ("a", "q", 5, 6), ("b", "q", 6, 6)]
GOOD_RELATIONS = [("r", "q", "t", "a", False), ("r", "q", "t", "b", False)]


def test_hes_rounding_known_answers() -> None:
    """0 stays 0, 1-7 are withheld, everything else goes to the nearest 5."""
    expected = {0: 0, 8: 10, 11: 10, 12: 10, 13: 15, 17: 15, 18: 20, 22: 20, 23: 25}
    counts = np.array(sorted(expected))
    assert Rule().of_counts().rounded(counts).tolist() == [expected[c] for c in sorted(expected)]
    assert [nearest(c, 5) for c in sorted(expected)] == [expected[c] for c in sorted(expected)]
    assert Rule().of_counts().is_small(np.arange(10)).tolist() == [False, *[True] * 7, False, False]


def test_shown_interval_holds_exactly_the_counts_shown_alike() -> None:
    """For every rule, the interval of a count is the set of counts that look the same."""
    for lo_hi, base in ((7, 5), (4, 5), (7, 10), (4, 3), (7, 1), (5, 2)):
        rule = Rule(suppress_hi=lo_hi, round_to=base, required_width=2).of_counts()
        counts = np.array([0, *range(lo_hi + 1, 60)])
        low, high = rule.shown_interval(counts)
        shown = rule.rounded(counts)
        for at, value in enumerate(shown):
            alike = counts[shown == value]
            if value + base <= 55:
                assert (low[at], high[at]) == (alike.min(), alike.max()), (rule, counts[at])


@pytest.mark.parametrize(
    "change",
    [
        {"suppress_lo": 0},
        {"zero_is_shown": False},
        {"round_to": 20},
        {"required_width": 7},
        {"suppress_hi": "7"},
    ],
)
def test_rule_that_cannot_be_proved_is_refused(change: dict) -> None:
    """A rule outside the rounded regime stops the run."""
    good = {
        "suppress_lo": 1,
        "suppress_hi": 7,
        "round_to": 5,
        "required_width": 2,
        "zero_is_shown": True,
    }
    assert Rule.of(good) == Rule()
    with pytest.raises(ReleaseSystemError):
        Rule.of({**good, **change})
    with pytest.raises(ReleaseSystemError, match="round_to"):
        Rule.of({k: v for k, v in good.items() if k != "round_to"})


def test_good_system_is_accepted() -> None:
    """The system that the next tests break is sound."""
    assert build_system(_cells(*GOOD_CELLS), _relations(*GOOD_RELATIONS)).size == 3


BAD = {
    "records do not add": ([("t", "q", 9, 13), *GOOD_CELLS[1:]], GOOD_RELATIONS, "'r'.*records"),
    "too many people": ([("t", "q", 12, 12), *GOOD_CELLS[1:]], GOOD_RELATIONS, "'r'.*more people"),
    "too few people": ([("t", "q", 5, 12), *GOOD_CELLS[1:]], GOOD_RELATIONS, "'r'.*fewer people"),
    "people should add": (GOOD_CELLS, [(*r[:4], True) for r in GOOD_RELATIONS], "'r'.*people"),
    "cell twice": ([*GOOD_CELLS, GOOD_CELLS[0]], GOOD_RELATIONS, "'t' occurs twice"),
    "part twice": (GOOD_CELLS, [*GOOD_RELATIONS, GOOD_RELATIONS[0]], "'r' names part 'a' twice"),
    "unknown cell": (GOOD_CELLS[:2], GOOD_RELATIONS, "'r' names cell 'b'"),
    "two totals": (
        GOOD_CELLS,
        [*GOOD_RELATIONS, ("r", "q", "a", "b", False)],
        "'r' has two totals",
    ),
    "other block": (
        [*GOOD_CELLS[:2], ("b", "other", 6, 6)],
        GOOD_RELATIONS,
        "'r' of block 'q'.*'other'",
    ),
    "own part": (GOOD_CELLS, [*GOOD_RELATIONS, ("s", "q", "t", "t", False)], "'s'.*own part"),
    "cycle": (
        [("x", "q", 3, 3), ("y", "q", 3, 3)],
        [("r", "q", "x", "y", False), ("s", "q", "y", "x", False)],
        "'r'.*cycle",
    ),
    "negative": ([("t", "q", -1, 12), *GOOD_CELLS[1:]], GOOD_RELATIONS, "'t'.*negative"),
    "null": ([("t", "q", 9, None), *GOOD_CELLS[1:]], GOOD_RELATIONS, "records is NULL in 't'"),
    "more people than records": ([("t", "q", 9, 8)], [], "'t'.*9 people in only 8"),
    "records of nobody": ([("t", "q", 0, 8)], [], "'t'.*nobody"),
}


@pytest.mark.parametrize("case", BAD)
def test_contradiction_is_refused_by_name(case: str) -> None:
    """Nothing is protected, and the message names the relation or the cell."""
    cells, relations, message = BAD[case]
    with pytest.raises(ReleaseSystemError, match=message):
        protect(_cells(*cells), _relations(*relations), Rule())


def test_missing_or_mistyped_column_is_refused() -> None:
    """A column that is not there, or holds text for counts, stops the run."""
    good = _cells(*GOOD_CELLS)
    with pytest.raises(ReleaseSystemError, match="column people is missing"):
        build_system(good.drop_columns(["people"]), _relations())
    text = good.set_column(3, "people", pa.array(["9", "5", "6"]))
    with pytest.raises(ReleaseSystemError, match="column people has type"):
        build_system(text, _relations())


def test_same_input_same_bytes_whatever_the_row_order() -> None:
    """Protection depends on content only."""
    counts = {
        (p, f"o{o}"): (7 * o + 3 * int(p[1])) % 19 + 1 for p in ["p1", "p2", "p3"] for o in range(4)
    }
    pod = {"name": "pod", "levels": ["pod"], "total": "ALL"}
    cube = Cube({"t": [PROVIDER, pod]}, events(counts, ["provider_code", "pod"]))
    cells, relations = cube.cell_table(), cube.relation_table()
    first = protect(cells, relations, Rule())
    shuffle = np.random.default_rng(3)
    second = protect(
        cells.take(shuffle.permutation(len(cells))),
        relations.take(shuffle.permutation(len(relations))),
        Rule(),
    )
    assert first.equals(second)


def test_empty_system_is_empty() -> None:
    """No cell in, no cell out."""
    assert protect(_cells(), _relations(), Rule()).num_rows == 0


def test_zero_cells_are_shown() -> None:
    """A zero that is listed stays shown and may be part of a relation."""
    cells = _cells(("t", "q", 9, 9), ("a", "q", 9, 9), ("z", "q", 0, 0))
    relations = _relations(("r", "q", "t", "a", False), ("r", "q", "t", "z", False))
    assert protect(cells, relations, Rule())["status"].to_pylist() == ["shown"] * 3
