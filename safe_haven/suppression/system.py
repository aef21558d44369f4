"""A system of linked tables: cells with their true counts, and the relations that join them.

The form that `safe-haven protect` reads (docs/protect.md). Whatever contradicts itself is refused
here, with the name of the cell or the relation, before anything is protected or written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from safe_haven.errors import SafeHavenError

MAX_COUNT = 10**12
"""Largest count of a cell; sums of them stay far inside 64-bit integers."""

SYSTEM_KEYS = {
    "cells",
    "relations",
    "rule",
    "required_width",
    "primary",
    "known",
    "hidden",
    "attacker_lower_bound",
}


class MalformedSystemError(SafeHavenError):
    """The system contradicts itself or is malformed; nothing was protected."""


@dataclass(frozen=True)
class Rule:
    """Counts in [suppress_lo, suppress_hi] are withheld; others rounded to `round_to` (1: exact).

    Source of the two published rules in use: seeds/rules/disclosure_rule.csv.
    """

    suppress_lo: int
    suppress_hi: int
    round_to: int
    zero_is_shown: bool

    @classmethod
    def of(cls, given: Any) -> Rule:
        """The rule of a system. Errors: MalformedSystemError for a rule that cannot be meant."""
        names = {field.name for field in fields(cls)}
        if not isinstance(given, Mapping) or set(given) != names:
            raise MalformedSystemError(f"rule: exactly {', '.join(sorted(names))} are needed.")
        if not isinstance(given["zero_is_shown"], bool):
            raise MalformedSystemError("rule: zero_is_shown must be true or false.")
        for name in sorted(names - {"zero_is_shown"}):
            _whole(given[name], f"rule: {name}")
        rule = cls(**given)
        if rule.suppress_lo > rule.suppress_hi:
            raise MalformedSystemError(
                f"rule: suppress_lo {rule.suppress_lo} is above suppress_hi {rule.suppress_hi}."
            )
        if rule.suppress_lo < 0 or rule.round_to < 1:
            raise MalformedSystemError(
                "rule: bounds must not be negative, round_to must be at least 1."
            )
        if rule.zero_is_shown and rule.suppress_lo == 0:
            raise MalformedSystemError(
                "rule: a zero cannot be both shown and suppressed (suppress_lo 0)."
            )
        if not rule.zero_is_shown and rule.suppress_lo > 1:
            raise MalformedSystemError(
                "rule: where zeros are withheld, counts between them and suppress_lo must be too: "
                "suppress_lo must be 0 or 1."
            )
        if rule.round_to > 1 and (
            rule.suppress_lo > 1 or rule.suppress_hi < (rule.round_to - 1) // 2
        ):
            raise MalformedSystemError(
                f"rule: rounding to {rule.round_to} would show a count that is not suppressed as "
                "0, so that a shown 0 no longer means none. Use a smaller round_to."
            )
        return rule

    def is_small(self, values: np.ndarray) -> np.ndarray:
        """Counts that the rule itself withholds."""
        small = (values >= self.suppress_lo) & (values <= self.suppress_hi)
        return small if self.zero_is_shown else small | (values == 0)

    def rounded(self, values: np.ndarray) -> np.ndarray:
        """Counts as they are shown: to the nearest `round_to`, halves up."""
        return (values + self.round_to // 2) // self.round_to * self.round_to

    def shown_interval(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest count that would be shown as these are."""
        if self.round_to == 1:
            return values.copy(), values.copy()
        centre = self.rounded(values)
        low = np.maximum(centre - self.round_to // 2, self.suppress_hi + 1)
        high = centre + (self.round_to - 1) // 2
        zero = values == 0
        return np.where(zero, 0, low), np.where(zero, 0, high)


@dataclass(frozen=True)
class System:
    """Cells in the order of their ids, and relations between a total and its parts.

    value, cost: per cell. total: cell per relation; the parts of relation r are
    part[start[r]:start[r + 1]], `owner` is the relation of each part, `adds` whether they add up to
    the total; else max(parts) <= total <= sum(parts). primary, known, hidden: flags per cell.

    Where one sub-population is counted twice, records[i] is the cell of its records and people[i]
    that of the people whom they are of, who are no more: both are shown, or neither is.
    is_held_by_all: flag per relation; who reads a cell of another one may lack the rest of it.
    """

    ids: tuple[str, ...]
    value: np.ndarray
    cost: np.ndarray
    total: np.ndarray
    start: np.ndarray
    part: np.ndarray
    owner: np.ndarray
    adds: np.ndarray
    primary: np.ndarray
    known: np.ndarray
    hidden: np.ndarray
    rule: Rule
    required_width: int
    attacker_lower_bound: int
    records: np.ndarray
    people: np.ndarray
    is_held_by_all: np.ndarray

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.ids)

    @cached_property
    def may_be_withheld(self) -> np.ndarray:
        """Cells that may be withheld as company: neither known nor a zero that is shown."""
        shown_zero = (self.value == 0) & self.rule.zero_is_shown
        return ~self.known & ~self.hidden & ~shown_zero

    @cached_property
    def can_be_capped(self) -> np.ndarray:
        """Cells that may be taken for small when withheld: the rule is about people."""
        capped = np.ones(self.size, dtype=bool)
        capped[self.records] = False
        return capped

    @cached_property
    def family(self) -> np.ndarray:
        """Label per cell: cells of one sub-population share it, for one gives the others away."""
        single = np.flatnonzero(np.diff(self.start) == 1)
        one = np.concatenate([self.records, self.total[single]])
        other = np.concatenate([self.people, self.part[self.start[single]]])
        pairs = sparse.csr_matrix((np.ones(len(one)), (one, other)), (self.size, self.size))
        return csgraph.connected_components(pairs, directed=False)[1]

    def with_family(self, cells: np.ndarray) -> np.ndarray:
        """Flags of some cells and of all in their families that may be withheld."""
        return cells | (np.isin(self.family, self.family[cells]) & self.may_be_withheld)

    @cached_property
    def rows(self) -> sparse.csr_matrix:
        """What every table must satisfy, a row each: rows @ table >= 0, equal for `is_equal`.

        First sum(parts) - total of every relation; then total - part for each part of one that
        does not add; then records - people.
        """
        count, loose = len(self.total), np.flatnonzero(~self.adds[self.owner])
        above = np.concatenate([self.total[self.owner[loose]], self.records])
        below = np.concatenate([self.part[loose], self.people])
        extra = count + np.arange(len(above))
        row = np.concatenate([np.arange(count), self.owner, extra, extra])
        column = np.concatenate([self.total, self.part, above, below])
        sign = np.repeat([-1, 1, 1, -1], [count, len(self.part), len(above), len(below)])
        return sparse.csr_matrix((sign, (row, column)), (count + len(above), self.size))

    @cached_property
    def columns(self) -> sparse.csc_matrix:
        """`rows` by cell."""
        return self.rows.tocsc()

    @cached_property
    def is_equal(self) -> np.ndarray:
        """Which of `rows` are equalities."""
        return np.concatenate([self.adds, np.zeros(self.rows.shape[0] - len(self.adds), bool)])

    @cached_property
    def is_row_of_all(self) -> np.ndarray:
        """Which of `rows` every reader of a cell in them can write down."""
        loose = self.owner[~self.adds[self.owner]]
        twins = np.ones(len(self.records), dtype=bool)
        return np.concatenate([self.is_held_by_all, self.is_held_by_all[loose], twins])


@dataclass(frozen=True)
class Rows:
    """What must hold for some cells that are moved: rows @ moved >= least, equal where `equal`."""

    rows: sparse.csr_matrix
    least: np.ndarray
    equal: np.ndarray


def rows_of(
    system: System, cells: np.ndarray, base: np.ndarray, only: np.ndarray | None = None
) -> Rows:
    """The rows that some cells are in, a column per cell. base: the table that they are moved from.

    only: numbers of rows; then no other must hold.
    """
    rows = system.rows[:, cells].tocsr()
    used = np.flatnonzero(np.diff(rows.indptr)) if only is None else only
    equal = system.is_equal[used]
    return Rows(rows[used], np.where(equal, 0, -(system.rows[used] @ base)), equal)


def read_system(given: Any) -> System:
    """Check a system, turn it into arrays. Errors: MalformedSystemError, naming what is wrong."""
    if not isinstance(given, Mapping):
        raise MalformedSystemError("the system must be an object with cells, relations, rule, …")
    unknown = set(given) - SYSTEM_KEYS
    missing = {"cells", "relations", "rule", "required_width"} - set(given)
    if unknown or missing:
        raise MalformedSystemError(
            f"the system has keys that are not known {sorted(unknown)} or lacks {sorted(missing)}."
        )
    rule = Rule.of(given["rule"])
    width = _whole(given["required_width"], "required_width")
    if width < 1:
        raise MalformedSystemError("required_width must be at least 1.")
    lower_bound = _whole(
        given.get("attacker_lower_bound", int(rule.zero_is_shown)), "attacker_lower_bound"
    )
    if lower_bound not in (0, 1):
        raise MalformedSystemError("attacker_lower_bound must be 0 or 1.")
    ids, value, cost = _cells(given["cells"])
    number = {cell_id: at for at, cell_id in enumerate(ids)}
    total, parts, adds = _relations(given["relations"], number)
    start = np.concatenate([[0], np.cumsum([len(some) for some in parts])]).astype(np.int64)
    known = _flags(given.get("known", {}), number, "known")
    hidden = _flags(given.get("hidden", []), number, "hidden")
    primary = rule.is_small(value)
    if "primary" in given:
        primary = _flags(given["primary"], number, "primary")
        if not rule.zero_is_shown:
            primary |= value == 0
    system = System(
        ids=ids,
        value=value,
        cost=cost,
        total=total,
        start=start,
        part=np.array([cell for some in parts for cell in some], dtype=np.int64),
        owner=np.repeat(np.arange(len(parts), dtype=np.int64), np.diff(start)),
        adds=adds,
        primary=primary,
        known=known,
        hidden=hidden,
        rule=rule,
        required_width=width,
        attacker_lower_bound=lower_bound,
        records=np.array([], dtype=np.int64),
        people=np.array([], dtype=np.int64),
        is_held_by_all=np.ones(len(total), dtype=bool),
    )
    _check_known(system, given.get("known", {}), number)
    _check_primary(system)
    _check_order(system)
    _check_sums(system)
    return system


def _whole(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedSystemError(f"{what} must be a whole number, not {value!r}.")
    return value


def _cells(given: Any) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    if not isinstance(given, Sequence) or not given:
        raise MalformedSystemError("there are no cells, so there is nothing to protect.")
    rows: dict[str, tuple[int, float]] = {}
    for cell in given:
        if not isinstance(cell, Mapping) or not {"id", "value"} <= set(cell) <= {
            "id",
            "value",
            "cost",
        }:
            raise MalformedSystemError(
                f"a cell needs an id and a value, and may have a cost: {cell!r:.80}"
            )
        cell_id, value, cost = cell["id"], cell["value"], cell.get("cost", 1)
        if not isinstance(cell_id, str) or not cell_id:
            raise MalformedSystemError(f"the id of a cell must be a text, not {cell_id!r}.")
        if cell_id in rows:
            raise MalformedSystemError(f"cell {cell_id!r} occurs twice; one row per cell.")
        if not 0 <= _whole(value, f"cell {cell_id!r}: its value") <= MAX_COUNT:
            raise MalformedSystemError(
                f"cell {cell_id!r}: its value is negative or above {MAX_COUNT}."
            )
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < 1e12:
            raise MalformedSystemError(f"cell {cell_id!r}: its cost must be a number from 0 up.")
        rows[cell_id] = value, float(cost)
    ids = tuple(sorted(rows))
    value = np.array([rows[cell_id][0] for cell_id in ids], dtype=np.int64)
    return ids, value, np.array([rows[cell_id][1] for cell_id in ids])


def _relations(
    given: Any, number: Mapping[str, int]
) -> tuple[np.ndarray, list[list[int]], np.ndarray]:
    if not isinstance(given, Sequence):
        raise MalformedSystemError("relations must be a list.")
    found: set[tuple[int, tuple[int, ...], bool]] = set()
    for at, relation in enumerate(given):
        if not isinstance(relation, Mapping) or not {"total", "parts"} <= set(relation) <= {
            "total",
            "parts",
            "op",
        }:
            raise MalformedSystemError(
                f"relation {at}: total and parts are needed, op may be given."
            )
        total, parts, sign = relation["total"], relation["parts"], relation.get("op", "=")
        if sign not in ("=", "<="):
            raise MalformedSystemError(
                f"relation {at} of {total!r}: op must be '=' or '<=', not {sign!r}."
            )
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise MalformedSystemError(f"relation {at} of {total!r} has no parts.")
        for cell_id in (total, *parts):
            if cell_id not in number:
                raise MalformedSystemError(
                    f"relation {at} names {cell_id!r}, which is not in the cells."
                )
        if len(set(parts)) < len(parts) or total in parts:
            raise MalformedSystemError(f"relation {at} of {total!r} names a cell twice.")
        adds = sign == "=" or len(parts) == 1
        found.add((number[total], tuple(sorted(number[part] for part in parts)), adds))
    ordered = sorted(found)
    return (
        np.array([total for total, _, _ in ordered], dtype=np.int64),
        [list(parts) for _, parts, _ in ordered],
        np.array([adds for _, _, adds in ordered], dtype=bool),
    )


def _flags(given: Any, number: Mapping[str, int], what: str) -> np.ndarray:
    flags = np.zeros(len(number), dtype=bool)
    if isinstance(given, str) or not isinstance(given, Sequence | Mapping):
        raise MalformedSystemError(f"{what} must name cells.")
    for cell_id in given:
        if cell_id not in number:
            raise MalformedSystemError(f"{what} names {cell_id!r}, which is not in the cells.")
        flags[number[cell_id]] = True
    return flags


def _check_known(system: System, known: Mapping[str, int], number: Mapping[str, int]) -> None:
    if not isinstance(known, Mapping):
        raise MalformedSystemError("known must give a value for each cell that it names.")
    for cell_id, value in known.items():
        true = int(system.value[number[cell_id]])
        if _whole(value, f"known: {cell_id!r}") != true:
            raise MalformedSystemError(f"cell {cell_id!r} is known with another value than it has.")


def _check_primary(system: System) -> None:
    wrong = system.primary & system.known
    if wrong.any():
        raise MalformedSystemError(
            f"cell {system.ids[int(np.argmax(wrong))]!r} must be withheld but is already known, "
            "so it cannot be protected. Leave it out or publish coarser tables."
        )
    shown_zero = system.primary & (system.value == 0) & system.rule.zero_is_shown
    if shown_zero.any():
        raise MalformedSystemError(
            f"cell {system.ids[int(np.argmax(shown_zero))]!r} is 0, which the rule shows, and "
            "cannot be primary as well."
        )


def _check_order(system: System) -> None:
    """No cell may be a part of itself, over any number of relations."""
    edges = sparse.csr_matrix(
        (np.ones(len(system.part)), (system.total[system.owner], system.part)),
        shape=(system.size, system.size),
    )
    waiting = np.asarray((edges != 0).sum(axis=0)).ravel()
    ready = np.flatnonzero(waiting == 0)
    done = 0
    while len(ready):
        done += len(ready)
        below = edges[ready].indices
        np.subtract.at(waiting, below, 1)
        candidates = np.unique(below)
        ready = candidates[waiting[candidates] == 0]
    if done < system.size:
        cell = system.ids[int(np.argmax(waiting > 0))]
        raise MalformedSystemError(f"the relations go round in a circle, at cell {cell!r} for one.")


def _check_sums(system: System) -> None:
    value = system.value
    if not len(system.total):
        return
    sums = np.add.reduceat(value[system.part], system.start[:-1])
    largest = np.maximum.reduceat(value[system.part], system.start[:-1])
    total = value[system.total]
    wrong = np.where(system.adds, sums != total, (sums < total) | (largest > total))
    if wrong.any():
        relation = int(np.argmax(wrong))
        raise MalformedSystemError(
            f"the parts of {system.ids[int(system.total[relation])]!r} do not agree with it: "
            "they must add up to it or, under '<=', hold no more than it and together no less."
        )
