"""A state that collects from a MESH service of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mesh_post import Post, configure, running

from safe_haven import cli
from safe_haven.errors import SafeHavenError
from safe_haven.paths import State


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """What is on this machine is reached without a proxy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setenv("no_proxy", "127.0.0.1")
        yield


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """NHS England's sandbox of MESH, started once."""
    with running(tmp_path_factory.mktemp("mesh")) as post:
        yield post


@pytest.fixture
def post(service: Post) -> Post:
    """The service without messages."""
    service.empty()
    return service


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """An empty state."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "var"))
    return State.from_environment("operator")


@pytest.fixture
def mailbox(state: State, post: Post) -> State:
    """The state, set up to collect from the service."""
    configure(state, post)
    return state


@pytest.fixture
def collect() -> Callable[..., Result]:
    """Run `safe-haven collect`; the output of a run that ends with an error holds its message."""

    def run(*options: str) -> Result:
        result = CliRunner().invoke(cli.cli, ["collect", *options])
        if isinstance(result.exception, SafeHavenError):
            result.stdout_bytes += f"ERROR {result.exception}".encode()
            result.output_bytes += f"ERROR {result.exception}".encode()
        elif result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
