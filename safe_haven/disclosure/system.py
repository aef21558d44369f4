"""The release system: cells, the relations that join them, and the disclosure rule.

A *system* is what an attacker can write down about a release: every published cell with its true
count of people and of records, and every relation "total = parts" between cells. Records add over
the parts of every relation. Distinct people add only where the dimension partitions people
(`people_adds`); elsewhere max(parts) <= total <= sum of parts. In every cell people <= records.
Some cells count records alone; a relation with one of them says nothing of people. What a total
holds beyond its published parts is a cell that is never published.
The parts of a relation may go to different readers (`across_readers`), as the boards of the nation
do; then a reader of some parts knows less than the relation says.

Systems are split into blocks (one per quarter) that share no relation. Everything is checked on
the way in: a system that contradicts itself cannot be proved, so it is refused, by name of the
relation, before anything is protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from safe_haven.errors import SafeHavenError
from safe_haven.suppression.system import MalformedSystemError
from safe_haven.suppression.system import Rule as CountRule
from safe_haven.suppression.system import System as TwinSystem

MAX_COUNT = 10**9
"""Largest count accepted in a cell; above it sums could leave exact 64-bit arithmetic."""

CELL_COLUMNS = ("cell_id", "block", "is_published", "people", "records")
COUNTS, FLAGS = ("people", "records"), ("is_published", "people_adds", "across_readers")
RELATION_COLUMNS = ("relation_id", "block", "total_cell_id", "part_cell_id")
RELATION_FLAGS = ("people_adds", "across_readers")


class ReleaseSystemError(SafeHavenError):
    """The cells or relations contradict each other or are malformed; nothing was protected."""


@dataclass(frozen=True)
class Rule:
    """One row of `disclosure_rule` for the rounded regime.

    `required_width` is the smallest allowed max - min over what an attacker must believe possible
    (2 = three candidate integers); the rest is said in `suppression.system.Rule`.
    """

    suppress_lo: int = 1
    suppress_hi: int = 7
    round_to: int = 5
    required_width: int = 2
    zero_is_shown: bool = True

    def __post_init__(self) -> None:
        """Refuse a rule that this regime cannot prove."""
        try:
            self.of_counts()
        except MalformedSystemError as problem:
            raise ReleaseSystemError(f"disclosure {problem}") from None
        if not self.zero_is_shown or self.suppress_lo != 1:
            raise ReleaseSystemError(
                "disclosure rule: the rounded regime is proved only where zeros are shown and "
                f"suppression starts at 1 (suppress_lo={self.suppress_lo}, "
                f"zero_is_shown={self.zero_is_shown}). Use another regime for this rule."
            )
        if not 1 <= self.required_width <= self.suppress_hi - 1:
            raise ReleaseSystemError(
                f"disclosure rule: required_width {self.required_width} is not in the range "
                f"1-{self.suppress_hi - 1} that withheld cells of 1-{self.suppress_hi} allow."
            )

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Rule:
        """Build a rule from a row of the rule seed; other keys are ignored."""
        names = {field.name for field in fields(cls)}
        missing = names - set(rule)
        if missing:
            raise ReleaseSystemError(f"disclosure rule: missing {', '.join(sorted(missing))}.")
        return cls(**{name: rule[name] for name in names})

    def of_counts(self) -> CountRule:
        """What the rule does to counts."""
        names = ("suppress_lo", "suppress_hi", "round_to", "zero_is_shown")
        return CountRule.of({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Block:
    """One independent system. Cells and relations are numbered in order of their ids.

    counts_people: cells whose people are counted; `people` is 0 for others. `part` holds the cells
    of relation r at part[start[r]:start[r + 1]]; `owner` gives the relation of each of them.
    """

    name: str
    cell_ids: tuple[str, ...]
    is_published: np.ndarray
    counts_people: np.ndarray
    people: np.ndarray
    records: np.ndarray
    relation_ids: tuple[str, ...]
    total: np.ndarray
    start: np.ndarray
    part: np.ndarray
    owner: np.ndarray
    people_adds: np.ndarray
    across_readers: np.ndarray

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.cell_ids)

    @property
    def relations(self) -> int:
        """Number of relations."""
        return len(self.relation_ids)

    @cached_property
    def of_people(self) -> np.ndarray:
        """Relations all of whose cells count people (boolean per relation)."""
        found = self.counts_people[self.total].copy()
        np.logical_and.at(found, self.owner, self.counts_people[self.part])
        return found

    @cached_property
    def counted(self) -> np.ndarray:
        """The cell of each count of `counted_twice`."""
        return np.concatenate([np.arange(self.size), np.flatnonzero(self.counts_people)])

    @cached_property
    def people_at(self) -> np.ndarray:
        """Which count of `counted_twice` is of the people of each cell, else of its records."""
        place = np.arange(self.size)
        place[self.counts_people] = self.size + np.arange(self.counts_people.sum())
        return place

    def counted_twice(self, rule: Rule) -> TwinSystem:
        """The block as one system: first the records of every cell, then people, where counted."""
        both = np.flatnonzero(self.counts_people)
        value = np.concatenate([self.records, self.people[both]])
        of_people, lengths = self.of_people, np.diff(self.start)
        parts_of_people = of_people[self.owner]
        start = np.cumsum([0, *lengths, *lengths[of_people]]).astype(np.int64)
        return TwinSystem(
            ids=(
                *(f"records of {cell_id}" for cell_id in self.cell_ids),
                *(f"people of {self.cell_ids[cell]}" for cell in both),
            ),
            value=value,
            cost=np.full(len(value), 0.5),
            total=np.concatenate([self.total, self.people_at[self.total[of_people]]]),
            start=start,
            part=np.concatenate([self.part, self.people_at[self.part[parts_of_people]]]),
            owner=np.repeat(np.arange(len(start) - 1, dtype=np.int64), np.diff(start)),
            adds=np.concatenate([np.ones(self.relations, dtype=bool), self.people_adds[of_people]]),
            primary=rule.of_counts().is_small(value),
            known=np.zeros(len(value), dtype=bool),
            hidden=~self.is_published[self.counted],
            rule=rule.of_counts(),
            required_width=rule.required_width,
            attacker_lower_bound=1,
            records=both,
            people=self.people_at[both],
            is_held_by_all=~np.concatenate([self.across_readers, self.across_readers[of_people]]),
        )


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

    cells: cell_id, block, is_published, people (NULL where they are not counted), records: one row
    per canonical cell. relations: relation_id, block, total_cell_id, part_cell_id, people_adds,
    across_readers: one row per part. Row order does not matter.
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
    """Read named columns as Python lists; of values only the count of people may be missing."""
    rows: dict[str, list[Any]] = {}
    for name in names:
        if name not in table.column_names:
            raise ReleaseSystemError(
                f"{what}: column {name} is missing; needed: {', '.join(names)}."
            )
        column = table[name]
        if table.num_rows and not _has_type(name, column.type):
            raise ReleaseSystemError(f"{what}: column {name} has type {column.type}.")
        if column.null_count and name != "people":
            where = column.to_pylist().index(None)
            subject = table[names[0]][where].as_py()
            raise ReleaseSystemError(f"{what}: {name} is NULL in {subject!r}.")
        rows[name] = column.to_pylist()
    return rows


def _has_type(name: str, kind: pa.DataType) -> bool:
    if name in COUNTS:
        return pa.types.is_integer(kind)
    if name in FLAGS:
        return pa.types.is_boolean(kind)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _check_cell(cell_id: str, people: int | None, records: int) -> None:
    if (people or 0) < 0 or records < 0:
        raise ReleaseSystemError(f"cell {cell_id!r}: a count is negative ({people=}, {records=}).")
    if records > MAX_COUNT:
        raise ReleaseSystemError(f"cell {cell_id!r}: {records} records is more than {MAX_COUNT}.")
    if people is not None and people > records:
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
        is_published=np.array([cells["is_published"][row] for row in order], dtype=bool),
        counts_people=np.array([cells["people"][row] is not None for row in order], dtype=bool),
        people=np.array([cells["people"][row] or 0 for row in order], dtype=np.int64),
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
    adds = block.people_adds & (people != total_people)
    wrong = (
        (records != block.records[block.total], "records of the parts do not add to the total"),
        (block.of_people & adds, "people of the parts do not add"),
        (block.of_people & (total_people > people), "the total has more people than its parts"),
        (block.of_people & (total_people < largest), "the total has fewer people than a part"),
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
