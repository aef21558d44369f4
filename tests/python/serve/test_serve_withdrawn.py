"""What the last build would not release any more is not served."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from live_world import Live, agreements_of
from release_world import World, open_quickly

from safe_haven.cli import cli
from safe_haven.errors import SafeHavenError
from safe_haven.release import current, lifecycle
from safe_haven.serve import load, packs, server

PACKS = "restricted.releases.rel_pack"
WITHDRAWALS = {
    "a contract revoked": (
        f"update {PACKS} set allowed = false, reasons = ['contract_not_signed'] "
        "where agreement_id = 'AGG-A'",
        ["contract_not_signed"],
    ),
    "marked as not allowed": (
        f"update {PACKS} set allowed = null where agreement_id = 'AGG-A'",
        ["the agreement is not marked as allowed"],
    ),
    "an agreement of another recipient now": (
        f"update {PACKS} set recipient_code = 'QBB' where agreement_id = 'AGG-A'",
        ["agreement_not_in_the_last_build"],
    ),
    "an agreement that is gone": (
        f"delete from {PACKS} where agreement_id = 'AGG-A'",
        ["agreement_not_in_the_last_build"],
    ),
}


@pytest.fixture
def world(released: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The released world, to change what its last build says."""
    monkeypatch.setattr(current, "open_read_only", open_quickly)
    return released.copy(tmp_path / "var")


@pytest.mark.parametrize("withdrawal", WITHDRAWALS)
def test_attack_on_what_was_released_before_it_was_withdrawn(
    world: World, withdrawal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control does not ask the last build, and serves it."""
    statement, reasons = WITHDRAWALS[withdrawal]
    world.sql(statement)
    found = {item.agreement: item for item in agreements_of(world)}
    assert found["AGG-A"].refused == reasons
    assert list(found["AGG-A"].tables) == []
    others = [item for item in found.values() if item.agreement != "AGG-A"]
    assert others and not any(item.refused for item in others)
    assert all(item.tables for item in others)
    monkeypatch.setattr(current, "withdrawn", lambda *_: [])
    (held,) = (item for item in agreements_of(world) if item.agreement == "AGG-A")
    assert held.tables and not held.refused


def test_the_verb_says_why_it_does_not_serve(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sql(WITHDRAWALS["a contract revoked"][0])
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    proved = partial(packs.read_current, audit=lambda folders: [])
    monkeypatch.setattr(packs, "read_current", proved)
    result = CliRunner().invoke(cli, ["serve", "--once"], catch_exceptions=False)
    assert "not served: contract_not_signed" in result.output
    assert "recipient_qbb" in result.output


def test_nothing_is_recalled_between_the_proof_and_the_load(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def recall_now(*_: object) -> list[packs.Agreement]:
        release = world.aggregate.name
        with pytest.raises(SafeHavenError, match="One writer at a time") as refused:
            lifecycle.recall(world.state, "QAA", "AGG-A", release, "a wrong month")
        seen.append(str(refused.value))
        return []

    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    monkeypatch.setattr(packs, "read_current", recall_now)
    CliRunner().invoke(cli, ["serve", "--once"], catch_exceptions=False)
    assert len(seen) == 1


def test_two_servers_do_not_start_at_once(world: World) -> None:
    with (
        server.started(world.state) as first,
        pytest.raises(SafeHavenError, match="starts or runs"),
        server.started(world.state),
    ):
        pass
    assert not first.is_running()


@pytest.mark.parametrize("sslmode", ["disable", "prefer", "require", "verify-ca"])
def test_attack_between_this_machine_and_another(
    live: Live, monkeypatch: pytest.MonkeyPatch, sslmode: str
) -> None:
    """Here this machine is taken for another; the control knows that it is not, and connects."""
    assert not load.is_private("db.example.org", sslmode)
    assert load.is_private("db.example.org", "verify-full")
    dsn = f"{live.server.dsn(server.ADMIN)} password={live.password(server.ADMIN)}"
    with load.connect(dsn) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    monkeypatch.setattr(load, "LOOPBACK", ())
    with pytest.raises(SafeHavenError, match="sslmode=verify-full") as refused:
        load.connect(dsn)
    assert live.password(server.ADMIN) not in str(refused.value)
