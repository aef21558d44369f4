"""Decide which cells of a release are withheld, and prove that what is published keeps them.

Rounded regime: every published value is rounded on its own, so relations hold on true values and an
attacker sees intervals. A cell counts records and the people whom they are of; both are withheld
where one of them is small, and where `suppression.rounded` needs company for such a cell. Its proof
is kept: a whole table that agrees with all that is published, and alterations of it that move every
withheld count that could be small far enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from safe_haven.disclosure.system import Block, Rule, build_system
from safe_haven.suppression.protection import Protection
from safe_haven.suppression.rounded import protect_rounded

SHOWN, WITHHELD, UNPUBLISHED = "shown", "withheld", "unpublished"
CERTIFICATE_SCHEMA = pa.schema(
    [
        ("witness", pa.int64()),
        ("cell_id", pa.string()),
        ("block", pa.string()),
        ("people", pa.int64()),
        ("records", pa.int64()),
        ("status", pa.string()),
        ("is_taken_for_small", pa.bool_()),
    ]
)
THREADS = 2


@dataclass(frozen=True)
class Protected:
    """A block and the proof of its pattern, counts as `Block.counted_twice` numbers them."""

    block: Block
    proof: Protection

    @property
    def withheld(self) -> np.ndarray:
        """Cells of the block that are not shown (boolean per cell)."""
        return self.proof.withheld[: self.block.size]

    def __str__(self) -> str:
        """One line for the log of the build."""
        system = self.proof.system
        primary = system.with_family(system.primary)[: self.block.size]
        more = int((self.withheld & ~primary).sum())
        return f"{self.block.name}: {self.block.size} cells, {primary.sum()} primary, {more} more"


def protect(
    cells: pa.Table,
    relations: pa.Table,
    rule: Rule,
    progress: Callable[[str], None] | None = None,
) -> pa.Table:
    """The pattern and its proof: witness 0 with every cell, then what each other one alters.

    Ordered by block, witness and cell. cells, relations: see `system.build_system`. The same input
    gives the same answer, whatever the order of its rows. Errors: ReleaseSystemError for a system
    that contradicts itself, UnprotectableError where no safe pattern was proved.
    """
    blocks = protect_blocks(cells, relations, rule, progress)
    tables = [table for block in blocks for table in _witnesses(block)]
    return pa.concat_tables([CERTIFICATE_SCHEMA.empty_table(), *tables])


def _witnesses(protected: Protected) -> Iterator[pa.Table]:
    proof, block = protected.proof, protected.block
    ids = np.array(block.cell_ids, dtype=object)
    status = np.where(protected.withheld, WITHHELD, SHOWN)
    status = np.where(block.is_published, status, UNPUBLISHED).astype(object)

    def rows(witness: int, cells: np.ndarray, table: np.ndarray) -> pa.Table:
        columns = (
            np.full(len(cells), witness),
            ids[cells],
            np.full(len(cells), block.name, dtype=object),
            pa.array(table[block.people_at[cells]], mask=~block.counts_people[cells]),
            table[cells],
            status[cells],
            proof.given.capped[block.people_at[cells]],
        )
        return pa.table(dict(zip(CERTIFICATE_SCHEMA.names, columns, strict=True))).cast(
            CERTIFICATE_SCHEMA
        )

    yield rows(0, np.arange(block.size), proof.base)
    for witness, alternative in enumerate(proof.alternatives, start=1):
        table = proof.base.copy()
        table[alternative.cells] += alternative.moved
        yield rows(witness, np.unique(block.counted[alternative.cells]), table)


def protect_blocks(
    cells: pa.Table,
    relations: pa.Table,
    rule: Rule,
    progress: Callable[[str], None] | None = None,
) -> Iterator[Protected]:
    """Every block and its proof, in order of their names. Errors: see `protect`."""

    def one(block: Block) -> Protected:
        result = protect_block(block, rule)
        if progress:
            progress(str(result))
        return result

    # The solver works outside Python's lock.
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        yield from pool.map(one, build_system(cells, relations).blocks)


def protect_block(block: Block, rule: Rule) -> Protected:
    """The pattern of a block and its proof. Errors: UnprotectableError."""
    return Protected(block, protect_rounded(block.counted_twice(rule)))
