"""Fixtures: a released world, and a server of the project's own that serves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live_world import Live, agreements_of, make_world
from release_world import BUILD_ID, World, open_quickly

from safe_haven.errors import SafeHavenError
from safe_haven.release import cut
from safe_haven.serve import server
from safe_haven.serve.packs import Agreement


@pytest.fixture(scope="session", autouse=True)
def postgresql() -> None:
    """`./run test` needs no Debian package; `./run test --all` allows no skip."""
    try:
        server.program("postgres")
    except SafeHavenError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Releases of two recipients, one of them record-level, without an end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "current_build_id", lambda state: BUILD_ID)
        patch.setattr(cut, "open_read_only", open_quickly)
        return make_world(tmp_path_factory.mktemp("released") / "var")


@pytest.fixture(scope="session")
def current(released: World) -> list[Agreement]:
    """What is in them."""
    return agreements_of(released)


@pytest.fixture(scope="session")
def _server(released: World) -> Iterator[Live]:
    with server.started(released.state) as own:
        yield Live(released.state, own)


@pytest.fixture
def live(_server: Live, current: list[Agreement]) -> Live:
    """A server on which the current releases are loaded, whatever a test before did to it."""
    _server.load(current)
    return _server
