"""No reader tells a count: neither a board that holds its own pack, nor all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from cubes import COMMISSIONER, PROVIDER, SEX, Cube, Event

from safe_haven.disclosure.audit import audit_packs

TABLES: Sequence[dict[str, tuple]] = (
    {"a": (COMMISSIONER, PROVIDER), "b": (COMMISSIONER, SEX)},
    {"a": (COMMISSIONER, PROVIDER, SEX)},
    {"a": (COMMISSIONER,)},
)
SEEDS = (1, 3, 4, 10, 13, 28, 40, 52, 87)
"""Of 150 that were tried, those in which a weaker protection told one reader something, and two."""


def drawn(seed: int) -> Cube:
    """Care of some people of two to four boards, most of it in one of them."""
    random = np.random.default_rng(seed)
    boards = [f"Q{number}" for number in range(int(random.integers(2, 5)))]
    records = []
    for person in range(int(random.choice([40, 90, 200]))):
        board = boards[int(random.integers(len(boards)))] if random.random() < 0.7 else boards[0]
        at = {
            "icb_code": board,
            "sub_icb_code": f"{board}{int(random.integers(2))}",
            "provider_code": f"R{int(random.integers(3))}",
            "sex": str(int(random.integers(1, 3))),
        }
        for _ in range(1 + int(random.integers(2))):
            records.append(Event(person, {**at, "provider_code": f"R{int(random.integers(3))}"}))
    return Cube(TABLES[seed % len(TABLES)], records)


def told(cube: Cube, status: dict[str, str], pack: Callable[..., Path]) -> list[str]:
    """What the auditor finds in each board's pack, and in all of them."""
    boards = sorted({dict(at)["icb_code"] for at in cube.cells if "icb_code" in dict(at)})
    parts = {"icb_code": boards}
    packs = [
        pack(
            cube,
            status,
            scope={"national": True, "icb_code": [board], "national_parts": parts},
            keep=lambda at, board=board: at.get("icb_code", board) == board,
        )
        for board in boards
    ]
    readers = [*([folder] for folder in packs), packs]
    return [str(failure) for held in readers for failure in audit_packs(held).failures]


@pytest.mark.parametrize("seed", SEEDS)
def test_attack_by_one_board_and_by_all(
    seed: int, pack: Callable[..., Path], defended: Callable[..., dict[str, str]]
) -> None:
    cube = drawn(seed)
    assert told(cube, defended(cube), pack) == []


def test_control_small_cells_alone_withheld_tell_some_reader(pack: Callable[..., Path]) -> None:
    cubes = map(drawn, SEEDS)
    assert any(told(cube, cube.primaries(), pack) for cube in cubes)
