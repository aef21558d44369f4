"""The pattern of the exact regime: what is shown is the true count.

A table that differs from the true one differs in cells that are not shown only. So sets of them
that share no relation are proved one by one, and what a proof can do without is shown again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from safe_haven.suppression.attacker import Belief, belief
from safe_haven.suppression.greedy import first_company
from safe_haven.suppression.protection import (
    Protection,
    UnprotectableError,
    cannot_tell,
    check,
    must_be_wide,
    price,
)
from safe_haven.suppression.repair import Surroundings, buy_company, nearest_company
from safe_haven.suppression.section import Section, connected, cut
from safe_haven.suppression.system import System

THREADS = 2
MAX_TURNS = 100
LARGER_COSTS = (0.1, 0.0)
"""How much more larger counts cost. The first finds least company in large systems; in small ones,
where none is always best, all are tried."""

SMALL = 5000
"""Cells of a system for which several patterns are made, and the cheapest taken."""

STEPS = (2, 4, 8)
"""How far around a narrow cell company is looked for, in relations."""


def protect_exact(system: System) -> Protection:
    """The pattern and its proof. The same system gives the same answer.

    Errors: UnprotectableError.
    """
    ways = LARGER_COSTS if system.size <= SMALL else LARGER_COSTS[:1]
    patterns = [_protect(system, price(system, larger_costs)) for larger_costs in ways]
    return min(patterns, key=lambda pattern: float(system.cost[pattern.withheld].sum()))


def _protect(system: System, cost: np.ndarray) -> Protection:
    withheld = first_company(system, system.primary & ~system.hidden, cost)
    proved: dict[bytes, Section] = {}
    for _ in range(MAX_TURNS):
        given = _nobody_capped(system, withheld)
        proved = _prove_sets(system, given, proved)
        more = _more_company(system, given, cost, proved)
        if not more:
            break
        withheld[sorted(more)] = True
    else:
        raise UnprotectableError("the search for a proof did not end, so nothing is published.")

    def spare(section: Section) -> np.ndarray:
        own = (system.primary | system.hidden)[section.cells]
        order = np.lexsort((section.cells, -cost[section.cells]))
        return section.cells[section.spare([place for place in order.tolist() if not own[place]])]

    sections = list(proved.values())
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for spared in pool.map(spare, sections):
            withheld[spared] = False
    alternatives = [found for section in sections for found in section.alternatives()]
    exempt = np.zeros(system.size, dtype=bool)
    for section in sections:
        exempt[section.cells[section.exempt]] = True
    protection = Protection(
        system, _nobody_capped(system, withheld), system.value.copy(), alternatives
    )
    check(protection, exempt)
    return protection


def _nobody_capped(system: System, withheld: np.ndarray) -> Belief:
    return belief(system, withheld, np.zeros(system.size, dtype=bool))


def _prove_sets(
    system: System, given: Belief, proved: dict[bytes, Section]
) -> dict[bytes, Section]:
    """A section, proved as far as possible, for each connected set of cells that are not shown."""
    target = must_be_wide(system, given, system.value)
    bounds = given.low, given.high
    sections = {}
    for cells in connected(system, given.movable()):
        key = cells.tobytes()
        sections[key] = proved.get(key) or cut(system, cells, system.value, bounds, target)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        list(pool.map(Section.prove, sections.values()))
    for cell in np.flatnonzero(target & ~given.movable()).tolist():
        raise cannot_tell(system, cell)
    return sections


def _more_company(
    system: System, given: Belief, cost: np.ndarray, proved: dict[bytes, Section]
) -> set[int]:
    """Cells to withhold for those in doubt."""
    chosen: set[int] = set()
    for section in proved.values():
        narrow = section.narrow()
        for steps in STEPS:
            if not narrow:
                break
            surroundings = Surroundings(system, system.value, given, section.cells, cost, steps)
            more, helpless = buy_company(system, surroundings, system.value, given, narrow)
            more = more or nearest_company(system, given, cost, set(narrow) - helpless)
            chosen |= more
            narrow = {cell: narrow[cell] for cell in sorted(helpless)}
        if narrow:
            raise cannot_tell(system, min(narrow))
    return chosen
