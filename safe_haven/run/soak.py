"""`./run soak`: a size that continuous integration has no time for, measured and held to limits."""

from __future__ import annotations

import json
import resource
import shutil
from dataclasses import dataclass

import click

from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.run.command import simulate_step
from safe_haven.run.steps import NO_UNIT_TESTS, Step, dbt, run_step

PERSONS, MONTHS = 100_000, 24
MOST_SECONDS, MOST_BYTES = 300.0, 4 * 1024**3
"""Simulate and build together, on two cores: wall seconds, and memory of the largest process."""
HEAVIEST = 10


@dataclass(frozen=True)
class Measured:
    """Wall and processor seconds of simulation and build; `most_bytes` of the largest process."""

    wall_seconds: float
    cpu_seconds: float
    most_bytes: int

    def excess(self) -> list[str]:
        """What is over its limit, in words."""
        found = []
        if self.wall_seconds > MOST_SECONDS:
            found.append(f"{self.wall_seconds:.0f} s are more than {MOST_SECONDS:.0f} s")
        if self.most_bytes > MOST_BYTES:
            found.append(f"{self.most_bytes:,} bytes are more than {MOST_BYTES:,} bytes")
        return found


@click.command("soak")
@click.option("--persons", default=PERSONS, show_default=True, help="People in the world.")
@click.option("--months", default=MONTHS, show_default=True, help="Months of care.")
def soak_command(persons: int, months: int) -> None:
    """Simulate and build a large world in a folder of its own; stop if it took too much."""
    outer = State.from_environment("operator")
    state = State(var=outer.var / "bench" / "soak", target="operator")
    shutil.rmtree(state.var, ignore_errors=True)
    state.make_folders()
    measured = measure(state, [simulate_step(persons, months), build_step()])
    for line in heaviest(state):
        click.echo(line)
    click.echo(
        f"{measured.wall_seconds:.0f} s wall, {measured.cpu_seconds:.0f} s of processor, "
        f"{measured.most_bytes / 1024**3:.1f} GiB in the largest process"
    )
    if found := measured.excess():
        raise SafeHavenError(f"Too much for {persons:,} × {months}: {'; '.join(found)}.")


def build_step() -> Step:
    """Build every model and test its data."""
    build = dbt("build", *NO_UNIT_TESTS, "--threads=2", target="operator")
    return Step("dbt build", build, quiet=True)


def measure(state: State, steps: list[Step]) -> Measured:
    """Run the steps one after the other and say what they took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = sum(run_step(step, state) for step in steps)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(wall, cpu, after.ru_maxrss * 1024)


def heaviest(state: State) -> list[str]:
    """The models that took longest in the last build, one line each."""
    results = json.loads((state.target_dir / "run_results.json").read_bytes())["results"]
    models = [r for r in results if r["unique_id"].startswith("model.")]
    models.sort(key=lambda r: (-r["execution_time"], r["unique_id"]))
    return [
        f"{r['execution_time']:8.1f} s  {r['unique_id'].rpartition('.')[2]}"
        for r in models[:HEAVIEST]
    ]
