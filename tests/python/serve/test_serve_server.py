"""The server of our own, who gets in, and the verb."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from live_world import PAST, PSEUDONYM, Live
from release_world import World

from safe_haven.cli import cli
from safe_haven.errors import KeyringError, SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import events
from safe_haven.serve import command, load, packs, server
from safe_haven.serve.packs import Agreement
from safe_haven.serve.passwords import password


def dsn(live: Live, user: str, database: str = server.DATABASE) -> str:
    """How to connect as `user`."""
    return re.sub(r"dbname=\S+", f"dbname={database}", live.server.dsn(user))


@pytest.fixture
def rules(live: Live) -> Path:
    """The rules of who may connect."""
    return server.folder_of(live.state) / "pg_hba.conf"


def reload_rules(live: Live, rules: Path, text: str) -> None:
    """Write the rules and wait until they hold."""
    rules.write_text(text)
    with live.admin() as admin:
        admin.execute("select pg_reload_conf()")
    time.sleep(0.3)


def test_attack_without_a_password(live: Live, rules: Path) -> None:
    before = rules.read_text()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn(live, "recipient_qaa"), password="")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn(live, server.ADMIN), password="")
    try:
        # The control: a server that trusts whoever is on this machine.
        reload_rules(live, rules, before.replace("scram-sha-256", "trust"))
        psycopg.connect(dsn(live, "recipient_qaa"), password="").close()
    finally:
        reload_rules(live, rules, before)


def test_attack_as_another_recipient(live: Live) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn(live, "recipient_qaa"), password=live.password("recipient_qbb"))
    # The control: what tells them apart is the password alone, here the same for both.
    with live.admin() as admin:
        (verifier,) = admin.execute(
            "select rolpassword from pg_authid where rolname = 'recipient_qbb'"
        ).fetchone() or ("",)
        admin.execute(f"alter role recipient_qaa password '{verifier}'")
    psycopg.connect(dsn(live, "recipient_qaa"), password=live.password("recipient_qbb")).close()


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_attack_another_database(live: Live, rules: Path, database: str) -> None:
    before = rules.read_text()
    given = {"password": live.password("recipient_qaa")}
    try:
        for text in (before, before + "host all all 127.0.0.1/32 scram-sha-256\n"):
            # Refused by the rules, and without them by the database.
            reload_rules(live, rules, text)
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(dsn(live, "recipient_qaa", database), **given)
        with live.admin() as admin:
            admin.execute(f"grant connect on database {database} to public")
        # The control: neither of them.
        psycopg.connect(dsn(live, "recipient_qaa", database), **given).close()
    finally:
        with live.admin() as admin:
            admin.execute(f"revoke connect on database {database} from public")
        reload_rules(live, rules, before)


def test_passwords_are_private_and_nowhere_else(live: Live) -> None:
    secrets = [live.password(role) for role in (server.ADMIN, "recipient_qaa", "recipient_qbb")]
    assert len(set(secrets)) == 3
    for path in live.state.keys.glob("*.password"):
        assert path.stat().st_mode & 0o777 == 0o600
    with live.admin() as admin:
        stored = admin.execute("select rolpassword from pg_authid where rolcanlogin").fetchall()
    assert all(text.startswith("SCRAM-SHA-256$") for (text,) in stored)
    log = (live.state.logs / "postgresql.log").read_text()
    assert "connection authorized" in log
    assert not any(secret in log for secret in secrets)


def test_attack_grep_for_keys_in_the_log_of_the_server(live: Live) -> None:
    """Keys of zones, agreements and recipients. The control has the server log its statements."""
    keyring, log = Keyring(live.state.keys), live.state.logs / "postgresql.log"
    names = keyring.names()
    assert {name.partition("-")[0] for name in names} >= {"zone", "agreement", "recipient"}
    keys = [keyring.key(name).hex() for name in names]
    assert live.rows("QAA", "select count(*) from apc_spell") == [(6,)]
    made_up = "5afe" * 16
    with live.admin() as admin:
        admin.execute(f"select 'a key {made_up}'")
        assert made_up not in log.read_text()
        admin.execute("set log_statement = 'all'")
        admin.execute(f"select 'a key {made_up}'")
    told = log.read_text().lower()
    assert made_up in told
    assert not [key for key in keys if key in told]


def test_the_log_names_who_came_and_no_value(live: Live) -> None:
    with live.recipient("QAA") as connection, pytest.raises(psycopg.Error):
        connection.execute("select person_pseudonym::integer from apc_spell")
    log = (live.state.logs / "postgresql.log").read_text()
    assert "user=recipient_qaa" in log
    assert PSEUDONYM not in log


def test_a_password_file_open_to_others_is_refused(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.make_folders()
    password(state, "recipient_x")
    (state.keys / "recipient_x.password").chmod(0o644)
    with pytest.raises(KeyringError, match="open to others"):
        password(state, "recipient_x")


def test_it_listens_on_the_loopback_address_alone_and_not_as_root(live: Live) -> None:
    port = f"{live.server.port:04X}"
    sockets = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    listening = re.findall(rf"\s([0-9A-F]+):{port} [0-9A-F]+:0000 0A ", sockets)
    assert listening == ["0100007F"]
    assert Path(f"/proc/{live.server.process}").stat().st_uid != 0


def test_a_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.make_folders()
    with socket.socket() as taken:
        taken.bind((server.HOST, 0))
        taken.listen()
        with (
            pytest.raises(SafeHavenError, match="did not start"),
            server.started(state, taken.getsockname()[1]),
        ):
            pass
    assert not server.folder_of(state).exists()


def test_it_stops_when_serve_is_killed(tmp_path: Path) -> None:
    program = (
        "import time, sys; from pathlib import Path; from safe_haven.paths import State\n"
        "from safe_haven.serve import server\n"
        "state = State(Path(sys.argv[1])); state.make_folders()\n"
        "with server.started(state) as own: print(own.process, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE, text=True
    ) as serve:
        assert serve.stdout
        process = int(serve.stdout.readline())
        os.kill(serve.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{process}/cwd").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{process}/cwd").exists()
    # What it left is cleared by the next.
    with server.started(State(tmp_path)) as own:
        assert own.is_running()


# -- the verb ---------------------------------------------------------------------------------


@pytest.fixture
def served(live: Live, current: list[Agreement], monkeypatch: pytest.MonkeyPatch) -> Live:
    """The verb in this installation; the disclosure audit has tests of its own."""
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(live.state.var))
    monkeypatch.setattr(packs, "read_current", lambda state: current)
    return live


def test_serve_loads_into_the_server_that_runs(served: Live) -> None:
    with served.admin() as admin:
        admin.execute("drop schema recipient_qaa cascade")
    result = CliRunner().invoke(cli, ["serve"], catch_exceptions=False)
    assert f"port={served.server.port} " in result.output
    assert re.search(r"recipient_qaa +AGG-A +served +9999-01-01T00:00:00\+00:00", result.output)
    assert served.password("recipient_qaa") not in result.output
    assert served.rows("QAA", "select count(*) from apc_spell") == [(6,)]


def test_serve_loads_by_dsn_what_is_in_date(
    served: Live, current: list[Agreement], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = [
        replace(item, expires_at=PAST) if item.agreement == "REC-A" else item for item in current
    ]
    monkeypatch.setattr(packs, "read_current", lambda state: ended)
    monkeypatch.setenv("PGPASSWORD", served.password(server.ADMIN))
    given = ["serve", "--dsn", dsn(served, server.ADMIN)]
    result = CliRunner().invoke(cli, given, catch_exceptions=False)
    assert re.search(r"REC-A +not in date: not served", result.output)
    with pytest.raises(psycopg.errors.UndefinedTable):
        served.rows("QAA", "select * from apc_spell")


@pytest.mark.parametrize(
    "user, reason", [("recipient_qaa", "must be a superuser"), ("nobody", "leads to no database")]
)
def test_serve_refuses_a_dsn_that_cannot_close_the_database(
    served: Live, monkeypatch: pytest.MonkeyPatch, user: str, reason: str
) -> None:
    given = f"{dsn(served, user)} password={served.password('recipient_qaa')}"
    result = CliRunner().invoke(cli, ["serve", "--dsn", given])
    assert isinstance(result.exception, SafeHavenError)
    assert reason in str(result.exception)
    assert served.password("recipient_qaa") not in str(result.exception)


def of_serving(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log tells of loads."""
    kinds = (events.SERVE_BEGUN, events.SERVED)
    return [(e.event, dict(e.detail)) for e in events.record(world.state) if e.event in kinds]


def test_a_load_is_in_the_log_and_a_recall_tells_where_the_release_is(
    live: Live,
    current: list[Agreement],
    released: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Loaded, a load that failed after it, and a load without the release."""
    world = released.copy(tmp_path / "var")
    release = world.aggregate.name
    with live.admin() as admin:
        command._load(world.state, admin, current)
        assert [event for event, _ in of_serving(world)[-2:]] == ["serve_begun", "served"]
        detail = of_serving(world)[-1][1]
        assert detail["database"] == f"127.0.0.1:{live.server.port}/{server.DATABASE}"
        assert ["QAA", "AGG-A", release] in detail["releases"]
        assert len(detail["releases"]) == len(current)
        told = partial(events.still_out, recipient="QAA", agreement="AGG-A", release_id=release)
        assert any(detail["database"] in line for line in told(events.record(world.state)))
        others = [item for item in current if item.agreement != "AGG-A"]
        with monkeypatch.context() as patch, pytest.raises(SafeHavenError, match="Nothing was"):
            patch.setattr(load, "load", failing)
            command._load(world.state, admin, others)
        assert any(detail["database"] in line for line in told(events.record(world.state)))
        monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
        given = ["--recipient=QAA", "--agreement=AGG-A", f"--release={release}", "--reason=wrong"]
        result = CliRunner().invoke(cli, ["recall", *given], catch_exceptions=False)
        assert f"It was loaded into {detail['database']}: run ./run serve again" in result.output
        command._load(world.state, admin, others)
    assert list(told(events.record(world.state))) == []


def failing(*_: object) -> None:
    """A load that PostgreSQL refuses."""
    raise psycopg.errors.InsufficientPrivilege


def test_serve_once_starts_proves_loads_and_stops(
    released: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = released.copy(tmp_path / "var")
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    proved = partial(packs.read_current, audit=lambda folders: [])
    monkeypatch.setattr(packs, "read_current", proved)
    result = CliRunner().invoke(cli, ["serve", "--once"], catch_exceptions=False)
    assert "mart_activity_by_month (9)" in result.output
    assert server.running(world.state) is None
    (world.aggregate / "datapackage.json").unlink()
    result = CliRunner().invoke(cli, ["serve", "--once"])
    assert "AGG-A" in str(result.exception)
    assert "datapackage.json is missing" in str(result.exception)
