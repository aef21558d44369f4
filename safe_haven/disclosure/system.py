"""The release system: cells, the relations that join them, and the disclosure rule.

A *system* is what an attacker can write down about a release: every published cell with its true
count of people and of records, and every relation "total = parts" between cells. Records add over
the parts of every relation. Distinct people add only where the dimension partitions people
(`people_adds`); elsewhere max(parts) <= total <= sum of parts. In every cell people <= records.
The parts of a relation may go to different readers (`across_readers`), as the boards of the nation
do; then a reader of some parts knows less than the relation says.

Systems are split into blocks (one per quarter) that share no relation. Everything is checked on
the way in: a system that contradicts itself cannot be proved, so it is refused, by name of the
relation, before anything is protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa

from safe_haven.errors import SafeHavenError

MAX_COUNT = 10**9
"""Largest count accepted in a cell; above it sums could leave exact 64-bit arithmetic."""

CELL_COLUMNS = ("cell_id", "block", "people", "records")
RELATION_COLUMNS = ("relation_id", "block", "total_cell_id", "part_cell_id")
RELATION_FLAGS = ("people_adds", "across_readers")


class ReleaseSystemError(SafeHavenError):
    """The cells or relations contradict each other or are malformed; nothing was protected."""


@dataclass(frozen=True)
class Rule:
    """One row of `disclosure_rule` for the rounded regime.

    Counts in [suppress_lo, suppress_hi] are withheld; all others are rounded to the nearest
    `round_to`. `required_width` is the smallest allowed max - min over what an attacker must
    believe possible (2 = three candidate integers).
    """

    suppress_lo: int = 1
    suppress_hi: int = 7
    round_to: int = 5
    required_width: int = 2
    zero_is_shown: bool = True

    def __post_init__(self) -> None:
        """Refuse a rule that this regime cannot prove."""
        for name in ("suppress_lo", "suppress_hi", "round_to", "required_width"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise ReleaseSystemError(
                    f"disclosure rule: {name} must be an integer, not {value!r}."
                )
        if self.zero_is_shown is not True or self.suppress_lo != 1:
            raise ReleaseSystemError(
                "disclosure rule: the rounded regime is proved only where zeros are shown and "
                f"suppression starts at 1 (suppress_lo={self.suppress_lo}, "
                f"zero_is_shown={self.zero_is_shown}). Use another regime for this rule."
            )
        if self.suppress_hi < 1 or self.round_to < 1 or self.required_width < 0:
            raise ReleaseSystemError(f"disclosure rule: a value is out of range in {self}.")
        if (self.round_to - 1) // 2 > self.suppress_hi:
            raise ReleaseSystemError(
                f"disclosure rule: rounding to {self.round_to} would show a count above "
                f"{self.suppress_hi} as 0, so a shown 0 would no longer mean none. "
                "Use a smaller round_to."
            )
        if self.required_width > self.suppress_hi - 1:
            raise ReleaseSystemError(
                f"disclosure rule: required_width {self.required_width} is more than the range "
                f"1-{self.suppress_hi} that every withheld cell is known to lie in."
            )

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Rule:
        """Build a rule from a row of the rule seed; other keys are ignored."""
        names = {field.name for field in fields(cls)}
        missing = names - set(rule)
        if missing:
            raise ReleaseSystemError(f"disclosure rule: missing {', '.join(sorted(missing))}.")
        return cls(**{name: rule[name] for name in names})

    def is_small(self, counts: np.ndarray) -> np.ndarray:
        """Say which counts fall in the suppressed range."""
        return (counts >= self.suppress_lo) & (counts <= self.suppress_hi)

    def rounded(self, counts: np.ndarray) -> np.ndarray:
        """Round counts to the nearest `round_to`, halves up."""
        return (counts + self.round_to // 2) // self.round_to * self.round_to

    def shown_interval(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest true count that would be shown as these counts are.

        The integers that round to the shown value, without the suppressed range; 0 stays 0.
        """
        value = self.rounded(counts)
        low = np.maximum(value - self.round_to // 2, self.suppress_hi + 1)
        high = value + (self.round_to - 1) // 2
        zero = counts == 0
        return np.where(zero, 0, low), np.where(zero, 0, high)


@dataclass(frozen=True)
class Block:
    """One independent system. Cells and relations are numbered in order of their ids.

    `part` holds the cells of relation r at part[start[r]:start[r + 1]]; `owner` gives the
    relation of each entry of `part`.
    """

    name: str
    cell_ids: tuple[str, ...]
    people: np.ndarray
    records: np.ndarray
    relation_ids: tuple[str, ...]
    total: np.ndarray
    start: np.ndarray
    part: np.ndarray
    owner: np.ndarray
    people_adds: np.ndarray
    across_readers: np.ndarray

    def of_one_reader(self) -> Block:
        """The same cells with only the relations that every reader of a total holds whole."""
        kept = ~self.across_readers
        lengths = np.diff(self.start)[kept]
        return replace(
            self,
            relation_ids=tuple(
                name for name, keep in zip(self.relation_ids, kept, strict=True) if keep
            ),
            total=self.total[kept],
            start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            part=self.part[kept[self.owner]],
            owner=np.repeat(np.arange(len(lengths), dtype=np.int64), lengths),
            people_adds=self.people_adds[kept],
            across_readers=self.across_readers[kept],
        )

    def without_aliases(self) -> tuple[Block, np.ndarray]:
        """The block with every total of a single part joined to it, and each cell's new number.

        The two are one sub-population: one is given away wherever the other is shown.
        """
        leader = np.arange(self.size)
        lengths = np.diff(self.start)
        for relation in np.flatnonzero(lengths == 1):
            pair = leader[self.total[relation]], leader[self.part[self.start[relation]]]
            leader[leader == max(pair)] = min(pair)
        kept, place = np.unique(leader, return_inverse=True)
        joined: dict[tuple[int, ...], list[int]] = {}
        for relation in np.flatnonzero(lengths > 1).tolist():
            parts = place[self.part[self.start[relation] : self.start[relation + 1]]]
            members = int(place[self.total[relation]]), *sorted(parts.tolist())
            joined.setdefault(members, []).append(relation)
        alike = np.array([same[0] for same in joined.values()], dtype=np.int64)
        sizes = lengths[alike]
        block = Block(
            name=self.name,
            cell_ids=tuple(self.cell_ids[cell] for cell in kept),
            people=self.people[kept],
            records=self.records[kept],
            relation_ids=tuple(self.relation_ids[relation] for relation in alike),
            total=place[self.total[alike]],
            start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            part=np.array([part for _, *parts in joined for part in parts], dtype=np.int64),
            owner=np.repeat(np.arange(len(alike), dtype=np.int64), sizes),
            people_adds=np.array([self.people_adds[r].any() for r in joined.values()], dtype=bool),
            across_readers=np.array(
                [self.across_readers[r].all() for r in joined.values()], dtype=bool
            ),
        )
        return block, place

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.cell_ids)

    @property
    def relations(self) -> int:
        """Number of relations."""
        return len(self.relation_ids)


@dataclass(frozen=True)
class System:
    """Blocks in order of name; every cell belongs to exactly one."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """Number of cells over all blocks."""
        return sum(block.size for block in self.blocks)


def build_system(cells: pa.Table, relations: pa.Table) -> System:
    """Check two tables and turn them into a system.

    cells: cell_id, block, people, records: one row per canonical cell. relations: relation_id,
    block, total_cell_id, part_cell_id, people_adds, across_readers: one row per part. Row order
    does not matter.
    Raises ReleaseSystemError naming the cell or relation where anything is missing, duplicated,
    negative, cyclic or does not add up.
    """
    cell_rows = _columns(cells, CELL_COLUMNS, "cells")
    relation_rows = _columns(relations, RELATION_COLUMNS + RELATION_FLAGS, "relations")
    by_block: dict[str, list[int]] = {}
    block_of: dict[str, str] = {}
    for row, (cell_id, block) in enumerate(
        zip(cell_rows["cell_id"], cell_rows["block"], strict=True)
    ):
        if cell_id in block_of:
            raise ReleaseSystemError(f"cell {cell_id!r} occurs twice; one row per canonical cell.")
        block_of[cell_id] = block
        by_block.setdefault(block, []).append(row)
        _check_cell(cell_id, cell_rows["people"][row], cell_rows["records"][row])
    groups = _group_relations(relation_rows, block_of)
    blocks = tuple(
        _build_block(name, by_block[name], cell_rows, groups.get(name, {}))
        for name in sorted(by_block)
    )
    return System(blocks)


def _columns(table: pa.Table, names: tuple[str, ...], what: str) -> dict[str, list[Any]]:
    """Read named columns as Python lists; no column and no value may be missing."""
    rows: dict[str, list[Any]] = {}
    for name in names:
        if name not in table.column_names:
            raise ReleaseSystemError(
                f"{what}: column {name} is missing; needed: {', '.join(names)}."
            )
        column = table[name]
        whole = pa.types.is_integer(column.type) if name in ("people", "records") else True
        flag = pa.types.is_boolean(column.type) if name in RELATION_FLAGS else True
        text = (
            pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
            if name not in ("people", "records", *RELATION_FLAGS)
            else True
        )
        if table.num_rows and not (whole and flag and text):
            raise ReleaseSystemError(f"{what}: column {name} has type {column.type}.")
        if column.null_count:
            where = column.to_pylist().index(None)
            subject = table[names[0]][where].as_py()
            raise ReleaseSystemError(f"{what}: {name} is NULL in {subject!r}.")
        rows[name] = column.to_pylist()
    return rows


def _check_cell(cell_id: str, people: int, records: int) -> None:
    if people < 0 or records < 0:
        raise ReleaseSystemError(f"cell {cell_id!r}: a count is negative ({people=}, {records=}).")
    if records > MAX_COUNT:
        raise ReleaseSystemError(f"cell {cell_id!r}: {records} records is more than {MAX_COUNT}.")
    if people > records:
        raise ReleaseSystemError(f"cell {cell_id!r}: {people} people in only {records} records.")
    if people == 0 and records > 0:
        raise ReleaseSystemError(f"cell {cell_id!r}: {records} records of nobody (people is 0).")


@dataclass(frozen=True)
class _Relation:
    total: str
    flags: tuple[bool, bool]
    parts: set[str]


def _group_relations(
    rows: dict[str, list[Any]], block_of: dict[str, str]
) -> dict[str, dict[str, _Relation]]:
    """Relations by block and id."""
    groups: dict[str, dict[str, _Relation]] = {}
    seen_in: dict[str, str] = {}
    for relation_id, block, total, part, *flags in zip(
        *(rows[name] for name in RELATION_COLUMNS + RELATION_FLAGS), strict=True
    ):
        for cell_id in (total, part):
            if cell_id not in block_of:
                raise ReleaseSystemError(
                    f"relation {relation_id!r} names cell {cell_id!r}, which is not in the cells."
                )
            if block_of[cell_id] != block:
                raise ReleaseSystemError(
                    f"relation {relation_id!r} of block {block!r} names cell {cell_id!r} of "
                    f"block {block_of[cell_id]!r}; blocks must be independent."
                )
        if total == part:
            raise ReleaseSystemError(f"relation {relation_id!r}: cell {total!r} is its own part.")
        if seen_in.setdefault(relation_id, block) != block:
            raise ReleaseSystemError(f"relation {relation_id!r} occurs in two blocks.")
        new = _Relation(total, (flags[0], flags[1]), set())
        known = groups.setdefault(block, {}).setdefault(relation_id, new)
        if (known.total, known.flags) != (new.total, new.flags):
            raise ReleaseSystemError(
                f"relation {relation_id!r} has two totals, or two values of a flag "
                f"({', '.join(RELATION_FLAGS)})."
            )
        if part in known.parts:
            raise ReleaseSystemError(f"relation {relation_id!r} names part {part!r} twice.")
        known.parts.add(part)
    return groups


def _build_block(
    name: str,
    row_numbers: list[int],
    cells: dict[str, list[Any]],
    relations: dict[str, _Relation],
) -> Block:
    order = sorted(row_numbers, key=lambda row: cells["cell_id"][row])
    cell_ids = tuple(cells["cell_id"][row] for row in order)
    number = {cell_id: at for at, cell_id in enumerate(cell_ids)}
    relation_ids = tuple(sorted(relations))
    parts = [sorted(number[p] for p in relations[r].parts) for r in relation_ids]
    lengths = np.array([len(p) for p in parts], dtype=np.int64)
    block = Block(
        name=name,
        cell_ids=cell_ids,
        people=np.array([cells["people"][row] for row in order], dtype=np.int64),
        records=np.array([cells["records"][row] for row in order], dtype=np.int64),
        relation_ids=relation_ids,
        total=np.array([number[relations[r].total] for r in relation_ids], dtype=np.int64),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        part=np.array([p for some in parts for p in some], dtype=np.int64),
        owner=np.repeat(np.arange(len(relation_ids), dtype=np.int64), lengths),
        people_adds=np.array([relations[r].flags[0] for r in relation_ids], dtype=bool),
        across_readers=np.array([relations[r].flags[1] for r in relation_ids], dtype=bool),
    )
    for array in (block.people, block.records, block.total, block.start, block.part, block.owner):
        array.flags.writeable = False
    _check_sums(block)
    _check_no_cycle(block)
    return block


def _check_sums(block: Block) -> None:
    if not block.relations:
        return
    at = block.start[:-1]
    records = np.add.reduceat(block.records[block.part], at)
    people = np.add.reduceat(block.people[block.part], at)
    largest = np.maximum.reduceat(block.people[block.part], at)
    total_people = block.people[block.total]
    wrong = (
        (records != block.records[block.total], "records of the parts do not add to the total"),
        (block.people_adds & (people != total_people), "people of the parts do not add"),
        (total_people > people, "the total has more people than its parts together"),
        (total_people < largest, "the total has fewer people than one of its parts"),
    )
    for flags, reason in wrong:
        if flags.any():
            relation = int(np.flatnonzero(flags)[0])
            raise ReleaseSystemError(
                f"relation {block.relation_ids[relation]!r} (block {block.name!r}): {reason}. "
                "Nothing was protected; correct the cube or the relation."
            )


def _check_no_cycle(block: Block) -> None:
    """Peel cells that are no longer a total of anything; a cycle never peels."""
    open_parts = np.zeros(block.size, dtype=np.int64)
    np.add.at(open_parts, block.total[block.owner], 1)
    above: list[list[int]] = [[] for _ in range(block.size)]
    totals = block.total[block.owner].tolist()
    for part, total in zip(block.part.tolist(), totals, strict=True):
        above[part].append(total)
    ready = np.flatnonzero(open_parts == 0).tolist()
    left = open_parts.tolist()
    while ready:
        for total in above[ready.pop()]:
            left[total] -= 1
            if left[total] == 0:
                ready.append(total)
    for relation in range(block.relations):
        if left[int(block.total[relation])] > 0:
            raise ReleaseSystemError(
                f"relation {block.relation_ids[relation]!r} (block {block.name!r}) is part of a "
                "cycle: a cell is part of its own part."
            )
