"""The attack on a publication: what can be told of each withheld or hidden count.

from safe_haven.audit.attack import audit
report = audit(content)            # content: a PROTECTED file as a dictionary
report.passed, report.failures, report.lines()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from safe_haven.audit.caps import SMALL_SIZE, capped, connected_sets
from safe_haven.audit.judge import Judge, Verdict
from safe_haven.audit.nullspace import determined
from safe_haven.audit.protected import INFINITE, Published, PublishedError, read
from safe_haven.audit.report import Finding, Report, small_shown
from safe_haven.audit.rows import ContradictionError, Rows, ends, groups, propagate, rows_of
from safe_haven.audit.solver import UndecidedError
from safe_haven.audit.tables import Space
from safe_haven.errors import shown

THREADS = 2
"""Components judged at a time; the solver works outside Python's lock."""

Progress = Callable[[str], None]
Believed = Callable[[Published, np.ndarray], np.ndarray]
"""Which withheld cells may be believed to be small, given the least count of every cell."""


@dataclass(frozen=True)
class Component:
    """Cells that rows connect: their numbers, rows and bounds, targets and connected sets."""

    cells: np.ndarray
    space: Space
    targets: np.ndarray
    sets: list[np.ndarray]


def audit(
    *contents: Mapping[str, Any],
    demanded: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Audit the contents of one PROTECTED file, or of several whose readers collude.

    demanded: fields of Rule that the reader insists on, whatever the files say.
    Errors: PublishedError where the contents are malformed or contradict themselves.
    """
    return audit_published(read(contents, demanded), progress)


def audit_published(
    published: Published,
    progress: Progress | None = None,
    believed: Believed = lambda published, low: published.small,
) -> Report:
    """Judge every withheld and hidden cell. Errors: PublishedError for a contradiction."""
    rows = rows_of(published)
    try:
        low, high = propagate(rows, published.low, published.high)
        sets = connected_sets(published, believed(published, low))
        components = _components(published, Space(rows, low, high), sets)
        uncapped, verdicts = _judge_all(components, published, progress)
    except ContradictionError as problem:
        where = ", ".join(shown(published.ids[cell]) for cell in problem.cells[:3].tolist())
        raise PublishedError(
            f"no table of counts fits what is published (near {where or 'an unknown place'})"
        ) from problem
    findings = _findings(published, low, high, verdicts)
    return Report(
        rule=published.rule,
        cells=published.size,
        relations=published.relations,
        withheld=int(published.withheld.sum()),
        hidden=int(published.hidden.sum()),
        small_shown=small_shown(published),
        uncapped=uncapped,
        findings=findings,
    )


def _components(published: Published, space: Space, sets: np.ndarray) -> list[Component]:
    """Free cells in connected pieces, larger ones first, with fixed cells made constants."""
    free = (space.low < space.high) | (sets >= 0)
    columns = np.flatnonzero(free)
    fixed = np.where(free, 0, space.low)
    rows = space.rows.restricted(columns, fixed)
    low, high, sets = space.low[columns], space.high[columns], sets[columns]
    rows = rows.only(np.flatnonzero(~_idle(rows, low, high)))
    target = (published.withheld | published.hidden)[columns] & ((sets >= 0) | (low < high))
    label = _joined(groups(rows), sets)
    return [
        Component(
            columns[piece],
            Space(own, low[piece], high[piece]),
            np.flatnonzero(target[piece]),
            [np.flatnonzero(sets[piece] == s) for s in np.unique(sets[piece]) if s >= 0],
        )
        for piece, own in _pieces(rows, label)
    ]


def _pieces(rows: Rows, label: np.ndarray) -> list[tuple[np.ndarray, Rows]]:
    """The columns of every label, largest label first, with their rows in terms of them."""
    order = np.argsort(label, kind="stable")
    _, first, size = np.unique(label[order], return_index=True, return_counts=True)
    place = np.empty(len(label), np.int64)
    place[order] = np.arange(len(label)) - np.repeat(first, size)
    row_label = label[rows.column[rows.start[:-1]]]
    row_order = np.argsort(row_label, kind="stable")
    found: list[tuple[np.ndarray, Rows]] = []
    for at in np.argsort(-size, kind="stable").tolist():
        piece = order[first[at] : first[at] + size[at]]
        name = label[piece[0]]
        bounds = np.searchsorted(row_label[row_order], [name, name + 1])
        own = rows.only(row_order[bounds[0] : bounds[1]])
        found.append((piece, replace(own, column=place[own.column], columns=len(piece))))
    return found


def _idle(rows: Rows, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Rows that hold whatever the counts are within their bounds."""
    (least, unbound_below), (most, unbound_above) = ends(rows, low, high)
    below = (rows.low <= -INFINITE) | ((unbound_below == 0) & (least >= rows.low))
    above = (rows.high >= INFINITE) | ((unbound_above == 0) & (most <= rows.high))
    idle: np.ndarray = below & above
    return idle


def _joined(label: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Labels in which all cells of a set are of one component."""
    while True:
        least = np.full(int(sets.max(initial=-1)) + 1, len(label))
        inside = sets >= 0
        np.minimum.at(least, sets[inside], label[inside])
        by_label = np.arange(len(label))
        np.minimum.at(by_label, label[inside], least[sets[inside]])
        new = by_label[label]
        if np.array_equal(new, label):
            return label
        label = new


def _judge_all(
    components: list[Component], published: Published, progress: Progress | None
) -> tuple[int, dict[int, Verdict]]:
    """Verdicts by cell, and how many connected sets are not believed to be small."""
    uncapped, verdicts = 0, {}

    def one(component: Component) -> tuple[int, list[Verdict]]:
        if progress and len(component.cells) > SMALL_SIZE:
            progress(f"a component of {len(component.cells)} cells")
        return _judge(component, published)

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for component, (free, found) in zip(components, pool.map(one, components), strict=True):
            uncapped += free
            for verdict in found:
                verdicts[int(component.cells[verdict.column])] = verdict
    return uncapped, verdicts


def _judge(component: Component, published: Published) -> tuple[int, list[Verdict]]:
    space, rule = component.space, published.rule
    try:
        space, equations = _screened(space) if rule.is_exact else (space, set())
        space, table = capped(space, component.sets, rule.suppress_hi)
        verdicts = Judge(space, rule, table).judge(component.targets)
    except UndecidedError:
        narrow = [Verdict(t, 0, INFINITE, True, "undecided") for t in component.targets.tolist()]
        return 0, narrow
    except ContradictionError as problem:
        raise ContradictionError(component.cells[problem.cells]) from problem
    free = sum(bool(np.any(space.high[s] > rule.suppress_hi)) for s in component.sets)
    return free, [_named(verdict, equations) for verdict in verdicts]


def _screened(space: Space) -> tuple[Space, set[int]]:
    """The space with every count fixed that the equations alone give away, and those columns."""
    found = determined(space.rows)
    low, high = space.low.copy(), space.high.copy()
    for column, value in found.items():
        if not low[column] <= value <= high[column]:
            raise ContradictionError(np.array([column]))
        low[column] = high[column] = value
    return Space(space.rows, low, high), set(found)


def _named(verdict: Verdict, equations: set[int]) -> Verdict:
    if verdict.column not in equations:
        return verdict
    return Verdict(verdict.column, verdict.low, verdict.high, verdict.fails, "equations")


def _findings(
    published: Published, low: np.ndarray, high: np.ndarray, verdicts: dict[int, Verdict]
) -> tuple[Finding, ...]:
    """One finding per withheld or hidden cell, in the order of ids."""
    found: list[Finding] = []
    for cell in np.flatnonzero(published.withheld | published.hidden).tolist():
        bounds, by = (int(low[cell]), int(high[cell])), "intervals"
        fails = published.rule.is_narrow(*bounds)
        if cell in verdicts:
            verdict = verdicts[cell]
            bounds, by, fails = (verdict.low, verdict.high), verdict.by, verdict.fails
        elif low[cell] < high[cell]:
            raise AssertionError("a withheld cell was not judged")
        elif published.known[cell]:
            by = "published elsewhere"
        found.append(Finding(published.ids[cell], *bounds, fails, by, bool(published.hidden[cell])))
    return tuple(found)
