"""Random small systems against an attacker that tries every integer table."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from cubes import AGE, POD, PROVIDER, SEX, Cube, Event, pattern_of, publish
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oracle import Oracle

from safe_haven.disclosure.audit import audit_packs
from safe_haven.disclosure.protect import protect
from safe_haven.disclosure.system import Rule

SHAPES = ((PROVIDER, SEX), (POD, PROVIDER), (PROVIDER, POD, SEX), (AGE, SEX))


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    """Two or three dimensions of two values; persons with one or two records."""
    dimensions = draw(st.sampled_from(SHAPES))
    partition = {"age_band", "sex"}
    records: list[Event] = []
    person = 0
    values = [draw(st.integers(0, 13)) for _ in range(4 if len(dimensions) == 2 else 8)]
    for at, count in enumerate(values):
        place = {d["levels"][0]: f"{d['levels'][0]}{at >> i & 1}" for i, d in enumerate(dimensions)}
        again = draw(st.integers(0, 2))
        for number in range(count):
            person += 1
            records.append(Event(person, place))
            if number < again:
                fixed = {k: v for k, v in place.items() if k in partition}
                loose = {k: k + "0" for k in place if k not in partition}
                records.append(Event(person, {**loose, **fixed}))
    if not records:
        records.append(Event(1, {d["levels"][0]: "only" for d in dimensions}))
    return Cube({"t": dimensions}, records)


def _oracle(cube: Cube, status: dict[str, str]) -> Oracle:
    cells = [(c.id, len(c.persons), c.records) for c in cube.cells.values()]
    relations: dict[str, tuple[str, list[str], bool]] = {}
    for row in cube.relation_table().to_pylist():
        entry = relations.setdefault(
            row["relation_id"], (row["total_cell_id"], [], row["people_adds"])
        )
        entry[1].append(row["part_cell_id"])
    return Oracle(cells, relations, status)


def _narrow(cube: Cube, status: dict[str, str]) -> set[tuple[str, str]]:
    """(cell, measure) that the exhaustive attacker tells to within less than three candidates."""
    oracle = _oracle(cube, status)
    return {
        (cell_id, measure)
        for cell_id, state in status.items()
        if state == "withheld"
        for measure, people in (("people", True), ("records", False))
        if not oracle.width(cell_id, people, required=2)
    }


def _audited(cube: Cube, status: dict[str, str]) -> set[tuple[str, str]]:
    """(cell, measure) that the auditor tells."""
    with TemporaryDirectory() as folder:
        result = audit_packs([publish(cube, status, Path(folder) / "pack")])
    found = set()
    for failure in result.failures:
        assert failure.reason.startswith("withheld "), failure
        name = "|".join(failure.cell.split(", ")) if failure.cell != "everything" else "all"
        found.add((name, failure.reason.split()[1]))
    return found


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(cubes())
@example(Cube({"t": [PROVIDER]}, [Event(i, {"provider_code": "v"}) for i in range(3)]))
def test_every_pattern_holds_against_exhaustive_search(cube: Cube) -> None:
    """What `protect` proves, no integer table contradicts; and the auditor sees what can be seen.

    Control: under primary suppression alone the auditor and the exhaustive attacker tell exactly
    the same counts.
    """
    weak = cube.primaries()
    assert _audited(cube, weak) == _narrow(cube, weak)
    status = pattern_of(protect(cube.cell_table(), cube.relation_table(), Rule()))
    assert all(status[cell_id] == "withheld" for cell_id, s in weak.items() if s == "withheld")
    assert _narrow(cube, status) == set()
    assert _audited(cube, status) == set()
