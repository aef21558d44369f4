"""The systems of benchmarks/protect.py: valid, as dense as they should be, the same every time."""

import sys

import pytest

from safe_haven.paths import PROJECT_ROOT
from safe_haven.suppression.system import read_system

sys.path.insert(0, str(PROJECT_ROOT / "benchmarks"))
from drawn_tables import EXACT, HES, SHAPES, drawn_table


@pytest.mark.parametrize("rule", [EXACT, HES], ids=["exact", "HES"])
@pytest.mark.parametrize("size", ["1k-2D", "1k-3D", "10k-2D", "10k-3D"])
def test_a_drawn_table_adds_up_and_withholds_about_a_tenth(size, rule):
    system = read_system(drawn_table(size, 0, rule))
    assert system.adds.all()
    assert 0.08 < system.primary.mean() < 0.12
    assert len(SHAPES[size]) == system.ids[0].count("|") + 1


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    assert drawn_table("1k-3D", 1, EXACT) == drawn_table("1k-3D", 1, EXACT)
    assert drawn_table("1k-3D", 1, EXACT) != drawn_table("1k-3D", 2, EXACT)
