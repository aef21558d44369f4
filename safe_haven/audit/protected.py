"""What a publisher gave away: cells, relations and the rule, as in a PROTECTED file.

The one place where published values become intervals. Whatever is malformed, or contradicts itself
on its face, is refused with the id it is about; nothing is guessed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from safe_haven.errors import SafeHavenError, shown

INFINITE = 10**18
"""Stands for "no bound" in integer arithmetic."""

MAX_COUNT = 10**12
"""Largest count that is read; sums over a relation stay far inside 64-bit integers."""

NEEDED = ("relations", "rule", "required_width", "shown", "withheld")
OPTIONAL = ("attacker_lower_bound", "known", "summary")
RULE_KEYS = ("suppress_lo", "suppress_hi", "round_to", "zero_is_shown")
RELATION_KEYS = ("total", "parts", "op")


class PublishedError(SafeHavenError):
    """What was published cannot be read as declared, or contradicts itself; nothing is judged."""


@dataclass(frozen=True)
class Rule:
    """Counts from suppress_lo to suppress_hi are withheld, others rounded to `round_to` (1: exact).

    required_width: greatest less least count an attacker must believe possible in a withheld cell
    that could be small. lower_bound: the least count an attacker believes a withheld cell to hold.
    """

    suppress_lo: int
    suppress_hi: int
    round_to: int
    zero_is_shown: bool
    required_width: int
    lower_bound: int

    def __post_init__(self) -> None:
        """Refuse a rule that cannot be meant. Errors: PublishedError."""
        for name in ("suppress_lo", "suppress_hi", "required_width"):
            _whole(getattr(self, name), f"rule: {name}")
        _need(_whole(self.round_to, "rule: round_to") > 0, "rule: round_to must be at least 1")
        _need(isinstance(self.zero_is_shown, bool), "rule: zero_is_shown must be true or false")
        _need(self.lower_bound in (0, 1), "attacker_lower_bound must be 0 or 1")
        _need(self.suppress_lo <= self.suppress_hi, "rule: suppress_lo is above suppress_hi")
        least = next(
            (n for n in range(1, self.round_to) if n + self.round_to // 2 < self.round_to), 0
        )
        most = (self.round_to - 1) // 2
        hides = self.suppress_lo <= least and most <= self.suppress_hi
        _need(
            most == 0 or hides, "rule: rounding shows counts as 0 that are neither 0 nor withheld"
        )

    @property
    def is_exact(self) -> bool:
        """Whether shown values are the true ones."""
        return self.round_to == 1

    def interval(self, value: int) -> tuple[int, int] | None:
        """Least and greatest count that is shown as `value`, or None where no count is.

        Counts round half up (GAF/HES practice); no shown count lies in the suppressed range.
        """
        if self.is_exact:
            return value, value
        if value == 0 and self.zero_is_shown:
            return 0, 0
        if value % self.round_to:
            return None
        low, high = value - self.round_to // 2, value + (self.round_to - 1) // 2
        low = max(low, 0)
        if self.suppress_lo <= low <= self.suppress_hi:
            low = self.suppress_hi + 1
        if self.suppress_lo <= high <= self.suppress_hi:
            high = self.suppress_lo - 1
        return (low, high) if low <= high else None

    def is_narrow(self, low: int, high: int) -> bool:
        """Whether a count known to lie from low to high is told, and could be a small one."""
        told = high - low < self.required_width
        return told and low <= self.suppress_hi and high >= self.suppress_lo


@dataclass(frozen=True)
class Published:
    """Cells in the order of their ids with what is known of each, and the relations between them.

    low, high: least and greatest count per cell (INFINITE: none). withheld: cells with a symbol in
    place of a count; small: those of them that are believed to be small where they can be; hidden:
    cells that occur in relations only; known: values from elsewhere. The parts of relation r are
    part[start[r]:start[r + 1]]; adds: the total is at least their sum, else at least each of them;
    complete: it is at most their sum.
    """

    ids: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    withheld: np.ndarray
    small: np.ndarray
    hidden: np.ndarray
    known: np.ndarray
    total: np.ndarray
    start: np.ndarray
    part: np.ndarray
    adds: np.ndarray
    complete: np.ndarray
    rule: Rule

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.ids)

    @property
    def relations(self) -> int:
        """Number of relations."""
        return len(self.total)


def load(path: Path) -> Any:
    """The content of PROTECTED.json or .json.gz. Errors: PublishedError with the reason."""
    try:
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_no_fraction
        )
    except (OSError, EOFError, UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise PublishedError(f"{shown(path.name)} cannot be read: {problem}") from problem


def read(contents: Sequence[Any], demanded: Mapping[str, Any] | None = None) -> Published:
    """One or several contents of PROTECTED files, whose readers collude, as one publication.

    The same id is the same cell: it lies in the intersection of what each says, and is withheld
    where any withholds it. demanded: fields of Rule that take the place of what the files say, for
    whoever does not trust their header. Errors: PublishedError, also where files contradict.
    """
    _need(len(contents) > 0, "nothing to read")
    wanted = {name: value for name, value in (demanded or {}).items() if value is not None}
    facts = _Facts(_read_rule(contents[0], wanted))
    for content in contents:
        _need(
            _read_rule(content, wanted) == facts.rule,
            "the files do not carry one and the same rule",
        )
        facts.take(content)
    return facts.published()


class _Facts:
    """Gathers what files say about each cell."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.bounds: dict[str, tuple[int, int]] = {}
        self.withheld: set[str] = set()
        self.seen: set[str] = set()
        self.known: set[str] = set()
        self.relations: dict[tuple[str, bool, tuple[str, ...]], None] = {}

    def take(self, content: Mapping[str, Any]) -> None:
        """Add one file."""
        values = _mapping(content["shown"], "shown")
        listed = content["withheld"]
        _need(_are_names(listed), "withheld must be a list of ids")
        missing = {name for name, value in values.items() if value is None}
        _need(len(set(listed)) == len(listed), "withheld names an id twice")
        odd = sorted(missing.symmetric_difference(listed))
        _need(not odd, lambda: f"withheld and the nulls of shown differ in {shown(odd[0])}")
        self.withheld |= missing
        self.seen.update(values)
        for name, value in values.items():
            if value is None:
                self._narrow(name, self.rule.lower_bound, INFINITE)
                continue
            interval = self.rule.interval(_whole(value, name))
            _need(interval is not None, lambda name=name: f"{shown(name)}: no count is shown so")
            assert interval is not None
            self._narrow(name, *interval)
        for name, value in _mapping(content.get("known", {}), "known").items():
            self._narrow(name, _whole(value, name), value)
            self.known.add(name)
        _need(isinstance(content["relations"], list), "relations must be a list")
        for number, relation in enumerate(content["relations"]):
            self.relations[_read_relation(relation, f"relation {number + 1}")] = None

    def _narrow(self, name: str, low: int, high: int) -> None:
        had = self.bounds.get(name, (0, INFINITE))
        new = max(low, had[0]), min(high, had[1])
        _need(new[0] <= new[1], lambda: f"{shown(name)}: what is published of it is contradictory")
        self.bounds[name] = new

    def published(self) -> Published:
        """All of it as arrays. Errors: PublishedError where relations form a circle."""
        for total, _, parts in self.relations:
            for name in (total, *parts):
                self.bounds.setdefault(name, (0, INFINITE))
        ids = tuple(sorted(self.bounds))
        at = {name: place for place, name in enumerate(ids)}
        relations = sorted(self.relations)
        lengths = np.array([len(parts) for _, _, parts in relations], dtype=np.int64)
        withheld = np.array([name in self.withheld for name in ids], dtype=bool)
        known = np.array([name in self.known for name in ids], dtype=bool)
        result = Published(
            ids=ids,
            low=np.array([self.bounds[name][0] for name in ids], dtype=np.int64),
            high=np.array([self.bounds[name][1] for name in ids], dtype=np.int64),
            withheld=withheld,
            small=withheld & ~known & (not self.rule.is_exact),
            hidden=np.array(
                [name not in self.seen and name not in self.known for name in ids], dtype=bool
            ),
            known=known,
            total=np.array([at[total] for total, _, _ in relations], dtype=np.int64),
            start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            part=np.array([at[p] for _, _, parts in relations for p in parts], dtype=np.int64),
            adds=np.array([adds for _, adds, _ in relations], dtype=bool),
            complete=np.ones(len(relations), dtype=bool),
            rule=self.rule,
        )
        _refuse_circles(result)
        return result


def _read_rule(content: Any, demanded: Mapping[str, Any]) -> Rule:
    _need(isinstance(content, Mapping), "the file must hold one object")
    unknown = sorted(set(content) - {*NEEDED, *OPTIONAL})
    _need(not unknown, lambda: f"unknown key {shown(str(unknown[0]))}")
    for name in NEEDED:
        _need(name in content, f"{name} is missing")
    rule = content["rule"]
    _need(isinstance(rule, Mapping), "rule must be an object")
    _need(set(rule) == set(RULE_KEYS), f"rule must hold exactly {', '.join(RULE_KEYS)}")
    given = {**rule, "required_width": content["required_width"]}
    if "attacker_lower_bound" in content:
        given["lower_bound"] = _whole(content["attacker_lower_bound"], "attacker_lower_bound")
    given |= demanded
    given.setdefault("lower_bound", int(given["zero_is_shown"] is True))
    return Rule(**given)


def _read_relation(relation: Any, where: str) -> tuple[str, bool, tuple[str, ...]]:
    _need(isinstance(relation, Mapping), f"{where} must be an object")
    _need(set(relation) <= set(RELATION_KEYS), f"{where} has an unknown key")
    total, parts, op = relation.get("total"), relation.get("parts"), relation.get("op", "=")
    _need(isinstance(total, str) and total != "", f"{where}: total must be an id")
    _need(_are_names(parts) and len(parts) > 0, f"{where}: parts must be a list of ids")
    _need(op in ("=", "<="), f"{where}: op must be = or <=")
    _need(len(set(parts)) == len(parts), f"{where} names a part twice")
    _need(total not in parts, f"{where}: {shown(total)} is its own part")
    return total, op == "=", tuple(sorted(parts))


def _refuse_circles(published: Published) -> None:
    """Peel off totals that are nobody's part; what is left over goes round in a circle."""
    owner = np.repeat(published.total, np.diff(published.start))
    waiting_for = np.bincount(published.part, minlength=published.size)
    order = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[order], np.arange(published.size + 1))
    ready = np.flatnonzero(waiting_for == 0).tolist()
    left = published.size
    while ready:
        cell = ready.pop()
        left -= 1
        for part in published.part[order[first[cell] : first[cell + 1]]].tolist():
            waiting_for[part] -= 1
            if waiting_for[part] == 0:
                ready.append(part)
    circle = np.flatnonzero(waiting_for > 0)
    _need(left == 0, lambda: f"{shown(published.ids[circle[0]])} is part of itself, in a circle")


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    _need(isinstance(value, Mapping), f"{name} must be an object")
    _need(all(isinstance(key, str) and key != "" for key in value), f"{name}: an id is empty")
    result: Mapping[str, Any] = value
    return result


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


def _whole(value: Any, name: str) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    _need(
        whole and 0 <= value <= MAX_COUNT,
        lambda: f"{shown(name)} must be a whole number from 0 to {MAX_COUNT}",
    )
    return int(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise PublishedError(f"{shown(twice)} stands twice in one object")
    return result


def _no_number(text: str) -> Any:
    raise PublishedError(f"{text} is not a number")


def _no_fraction(text: str) -> Any:
    raise PublishedError(f"{shown(text)} is not a whole number")


def _need(ok: Any, reason: Any) -> None:
    """Refuse unless ok; `reason` may be a function, where making the text costs."""
    if not ok:
        raise PublishedError(reason() if callable(reason) else reason)
