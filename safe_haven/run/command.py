"""`./run build`, `./run test`, `./run lint`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from safe_haven.errors import SafeHavenError
from safe_haven.load.landing import read_submissions
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.run.steps import NO_UNIT_TESTS, Step, dbt, run_side_by_side, run_step, tool
from safe_haven.zones import writer_lock

DEFAULT_PERSONS = 20_000
DEFAULT_MONTHS = 24
DEFAULT_SEED = 1
DBT_FOLDERS = ("DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PROFILES_DIR", "DBT_PROJECT_DIR")
TEST_PERSONS = 2_000
TEST_MONTHS = 6
# Two quarters, either side of the day on which one version of who pays follows another.
TEST_FIRST_MONTH = "2025-01"
# NHS England's stand-in for the MESH service has a lock and an environment of its own.
MESH_SANDBOX_PROJECT = PROJECT_ROOT / "tests" / "python" / "collect" / "sandbox"
MESH_SANDBOX = Path(sys.prefix) / "mesh-sandbox"
LOADED_FILES = {
    "hes-ae": "hes_artificial/artificial_hes_ae_0708_truncated.csv",
    "epd": "openprescribing/epd_201709.csv",
    "gp-list-size": "openprescribing/gp-reg-pat-prac-quin-age.csv",
    "nhse-monthly-ae": "nhse_published/Monthly-AE-June-2024_copy.csv",
    "odi-synthetic-ae": "synthetic_ae/hospital_ae_data.csv",
    "gp-payments-2021-22": "gp_payments/nhs_payments_to_gp_2021_22.csv",
    "qof-prevalence-2013-14": "openprescribing/qof_prevalencebyprac.csv",
    "qof-vaccination-2023-24": "gp_payments/qof_vaccine_2324.csv",
}
COLLECTED_FILES = {"hes-apc/X26": "hes_artificial/artificial_hes_apc_0102_truncated.csv"}


def simulate_step(persons: int, months: int, *options: str) -> Step:
    """Fill the landing folder with a simulated world."""
    return Step(
        f"simulate {persons:,} persons × {months} months",
        [
            tool("safe-haven"),
            "simulate",
            f"--persons={persons}",
            f"--months={months}",
            f"--seed={DEFAULT_SEED}",
            *options,
        ],
    )


def reference_data() -> Path:
    """Folder of third-party files: SAFE_HAVEN_REFERENCE_DATA, or ../shared/data."""
    given = os.environ.get("SAFE_HAVEN_REFERENCE_DATA")
    return Path(given).resolve() if given else PROJECT_ROOT.parent / "shared" / "data"


@click.command("build")
@click.option("--threads", default=2, show_default=True, help="Models built at the same time.")
def build_command(threads: int) -> None:
    """Simulate landing data if there is none, build every model, test its data, cut the releases.

    Unit tests, whose rows are their own, are run by `./run test`.
    """
    state = State.from_environment("operator")
    # Whoever comes second hears of it now, and not once dbt has parsed the project.
    with writer_lock(state):
        pass
    if not read_submissions(state):
        # dbt's first parse of the project takes as long and needs no data.
        parse = Step("dbt parse", dbt("parse", target="operator"), quiet=True)
        run_side_by_side([[simulate_step(DEFAULT_PERSONS, DEFAULT_MONTHS)], [parse]], state)
    build = dbt("build", *NO_UNIT_TESTS, f"--threads={threads}", target="operator")
    run_step(Step("dbt build", build), state)
    run_step(
        Step("the wall", [tool("safe-haven"), "wall", "--scan", "--target", "operator"]), state
    )
    run_step(Step("release", [tool("safe-haven"), "release"]), state)
    run_step(Step("publish", [tool("safe-haven"), "publish"]), state)
    click.echo(
        f"\nPacks: {state.releases}/<recipient>/<agreement>/current"
        f"\nNext:  ./run verify {state.releases}/*/*/current    prove them"
        "\n       ./run reconcile                          rows in = rows out + rows not used"
        '\n       ./run sql "from aggregated.marts.mart_activity_by_provider limit 5"'
    )


def lint_steps() -> list[Step]:
    """Python and SQL style."""
    folders = ["safe_haven", "tests", "models", "benchmarks"]
    return [
        Step("ruff check", [tool("ruff"), "check", *folders], quiet=True),
        Step("ruff format", [tool("ruff"), "format", "--check", *folders], quiet=True),
        Step(
            "sqlfluff",
            [tool("sqlfluff"), "lint", "--processes=1", "models", "tests", "analyses"],
            quiet=True,
            environment={"DBT_TARGET_PATH": str(PROJECT_ROOT / "target" / "lint")},
        ),
    ]


@click.command("lint")
def lint_command() -> None:
    """Check the style of SQL and Python."""
    state = State.from_environment("operator")
    for step in lint_steps():
        run_step(step, state)


def test_world_steps(state: State) -> list[Step]:
    """Make a small world with the third-party files in it, build it, cut and prove packs.

    One of the files is collected from the watched folder, the others are loaded by hand.
    """
    load = [
        Step(f"load {layout}", [tool("safe-haven"), "load", layout, str(file)])
        for layout, name in LOADED_FILES.items()
        if (file := reference_data() / name).exists()
    ]
    # With its own time: what was written just now waits for the next collection.
    put = ["install", "-D", "--preserve-timestamps"]
    inbox = [
        Step(f"put into {place}", [*put, str(file), str(state.inbox / place / file.name)])
        for place, name in COLLECTED_FILES.items()
        if (file := reference_data() / name).exists()
    ]
    return [
        simulate_step(TEST_PERSONS, TEST_MONTHS, f"--first-month={TEST_FIRST_MONTH}"),
        *load,
        *inbox,
        Step("collect", [tool("safe-haven"), "collect"]),
        Step("dbt build", dbt("build", "--warn-error", target="operator"), quiet=True),
        Step("collect --report", [tool("safe-haven"), "collect", "--report"]),
        Step("tests declared = parsed = executed", [tool("safe-haven"), "tests-ran"]),
        Step(
            "dbt-bouncer",
            [tool("dbt-bouncer"), "run", "--config-file", "dbt-bouncer.yml"],
            quiet=True,
            # dbt-bouncer reads the target folder of the dbt project it is told.
            environment={"DBT_PROJECT_DIR": str(state.var)},
        ),
        Step("the wall", [tool("safe-haven"), "wall", "--scan", "--target", "operator"]),
        Step("release", [tool("safe-haven"), "release"]),
        Step("verify --chain", [tool("safe-haven"), "verify", "--chain"]),
        Step("reconcile", [tool("safe-haven"), "reconcile"]),
    ]


def mesh_sandbox_step() -> Step:
    """Install the locked MESH sandbox; nothing happens when it is there."""
    return Step(
        "set up the MESH sandbox",
        [tool("uv"), "sync", "--locked", "--project", str(MESH_SANDBOX_PROJECT)],
        quiet=True,
        environment={"UV_PROJECT_ENVIRONMENT": str(MESH_SANDBOX)},
    )


def pytest_step(everything: bool) -> Step:
    """All Python tests; with `everything` a skipped test is a failure."""
    strict = ["-p", "safe_haven.run.no_skips"] if everything else []
    # Tests make states of their own: dbt's folders follow each state, not this run.
    own_folders = ["env", *(f"--unset={name}" for name in DBT_FOLDERS)]
    side_by_side = ["--numprocesses=2", "--no-loadscope-reorder"]
    return Step("pytest", [*own_folders, tool("pytest"), "-q", *side_by_side, *strict])


def install_packages() -> None:
    """Install what apt.txt lists; nothing happens when all of it is there."""
    listed = (PROJECT_ROOT / "apt.txt").read_text(encoding="utf-8").splitlines()
    names = [line.strip() for line in listed if line.strip() and not line.startswith("#")]
    if not names:
        return
    installed = subprocess.run(["dpkg", "-s", *names], capture_output=True, check=False)
    if installed.returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends"]
        subprocess.run([*install, *names], check=True)


@click.command("test")
@click.option("--all", "everything", is_flag=True, help="Install apt.txt first; fail on any skip.")
def test_command(everything: bool) -> None:
    """Lint, build a small world in a folder of its own, and run every test."""
    if everything:
        install_packages()
        if not reference_data().is_dir():
            raise SafeHavenError(
                f"Third-party test files are missing: {reference_data()} does not exist. Set "
                "SAFE_HAVEN_REFERENCE_DATA to the folder that holds hes_artificial/."
            )
    outer = State.from_environment("operator")
    shutil.rmtree(outer.var / "test", ignore_errors=True)
    state = State(var=outer.var / "test", target="operator")
    state.make_folders()
    os.environ.pop("DBT_TARGET_PATH", None)
    os.environ["SAFE_HAVEN_VAR"] = str(state.var)
    run_side_by_side([[mesh_sandbox_step(), *lint_steps()], test_world_steps(state)], state)
    run_step(pytest_step(everything), state)
