"""A PostgreSQL server of our own: on the loopback address, empty at each start, gone at the end.

All it holds can be loaded again from the releases, so its folder is thrown away and needs no
flushing to the disk. It is the child of `safe-haven serve` and stops with it, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from safe_haven.errors import SafeHavenError
from safe_haven.paths import State
from safe_haven.serve.passwords import password, scram_verifier

HOST = "127.0.0.1"
DATABASE = "safe_haven"
ADMIN = "safe_haven_admin"
UNIX_USER = "postgres"
START_SECONDS = 60
STOP_SECONDS = 30

# Nobody reaches another database; replication is not listed, so it is refused.
ACCESS = f"""\
host  {DATABASE}  all  {HOST}/32  scram-sha-256
"""
SETTINGS = f"""
listen_addresses = '{HOST}'
unix_socket_directories = ''
password_encryption = scram-sha-256
max_wal_senders = 0
wal_level = minimal
max_prepared_transactions = 0
temp_file_limit = '4GB'
# who came and went; no statement, and no message of an error, which may hold a value
log_connections = on
log_disconnections = on
log_min_messages = log
log_min_error_statement = panic
# all of it can be loaded again
fsync = off
full_page_writes = off
"""


@dataclass(frozen=True)
class Server:
    """A running server: its process and where it listens."""

    process: int
    port: int

    def is_running(self) -> bool:
        """Whether the process is still there."""
        return Path(f"/proc/{self.process}/cwd").exists()

    def dsn(self, user: str) -> str:
        """How to connect as `user`; the password is never part of it."""
        return f"host={HOST} port={self.port} dbname={DATABASE} user={user}"


def folder_of(state: State) -> Path:
    """The server's folder: in `var/`, or in the home of its user where root runs this.

    PostgreSQL refuses to run as root, and no other user may enter `var/`.
    """
    if os.geteuid() != 0:
        return state.var / "postgresql"
    try:
        home = Path(pwd.getpwnam(UNIX_USER).pw_dir)
    except KeyError:
        raise SafeHavenError(
            f"PostgreSQL does not run as root, and there is no user '{UNIX_USER}' to run it as. "
            "Install Debian's package postgresql, run this as another user, or give --dsn."
        ) from None
    return home / f"safe-haven-{hashlib.sha256(str(state.var).encode()).hexdigest()[:16]}"


def program(name: str) -> str:
    """A program of the newest PostgreSQL that Debian's packages installed, or of the PATH."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])
    )
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise SafeHavenError(
            f"PostgreSQL's {name} is not installed. Install Debian's package postgresql, or give "
            "--dsn for a server that runs elsewhere."
        )
    return found


def _unprivileged(*options: str) -> list[str]:
    """What to put before a command so that root does not run it."""
    if os.geteuid() == 0:
        options += (f"--reuid={UNIX_USER}", f"--regid={UNIX_USER}", "--init-groups")
    return ["setpriv", *options] if options else []


@contextmanager
def started(state: State, port: int | None = None) -> Iterator[Server]:
    """A new, empty server until the block ends; without `port`, on one that is free."""
    with _only_one(state):
        yield from _started(state, port)


def _started(state: State, port: int | None) -> Iterator[Server]:
    folder = folder_of(state)
    _make_cluster(state, folder)
    port = port or _free_port()
    log = os.open(state.logs / "postgresql.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            # it also stops when this process is killed
            [*_unprivileged("--pdeathsig=INT"), program("postgres"), "-D", folder, "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
        )
    finally:
        os.close(log)
    try:
        _wait(state, process, port)
        yield Server(process.pid, port)
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _only_one(state: State) -> Iterator[None]:
    """Two that start at once would take each other's folder away."""
    with (state.logs / ".serve.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SafeHavenError(
                "Another `serve` of this installation starts or runs. Run this again, and its "
                "server is loaded."
            ) from None
        yield


def running(state: State) -> Server | None:
    """The server that another `serve` of this state runs, if there is one."""
    folder = folder_of(state)
    try:
        lines = (folder / "postmaster.pid").read_text(encoding="ascii").splitlines()
        server = Server(int(lines[0]), int(lines[3]))
        alive = os.readlink(f"/proc/{server.process}/cwd") == str(folder)
    except (OSError, ValueError, IndexError):
        return None
    return server if alive else None


def connect(state: State, server: Server) -> psycopg.Connection[tuple[object, ...]]:
    """A connection as administrator of our own server."""
    return psycopg.connect(
        server.dsn(ADMIN), password=password(state, ADMIN), connect_timeout=10, autocommit=True
    )


def _make_cluster(state: State, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, UNIX_USER, UNIX_USER)
    locale = ("--encoding=UTF8", "--locale=C.UTF-8")
    _run("initdb", "-D", str(folder), f"--username={ADMIN}", "--auth=reject", "--no-sync", *locale)
    (folder / "pg_hba.conf").write_text(ACCESS, encoding="ascii")
    with (folder / "postgresql.conf").open("a", encoding="ascii") as settings:
        settings.write(SETTINGS)
    verifier = scram_verifier(password(state, ADMIN))
    _run(
        *("postgres", "--single", "-D", str(folder), "template1"),
        lines=[
            f"alter role {ADMIN} password '{verifier}'",
            "revoke all on database postgres, template1 from public",
            f"create database {DATABASE}",
        ],
    )


def _run(name: str, *arguments: str, lines: Sequence[str] = ()) -> None:
    done = subprocess.run(
        [*_unprivileged(), program(name), *arguments],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    # A server on its own says what failed and still ends with 0.
    if done.returncode != 0 or "ERROR:" in done.stderr:
        raise SafeHavenError(f"PostgreSQL's {name} failed: {done.stderr.strip()[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(state: State, process: subprocess.Popen[bytes], port: int) -> None:
    status = folder_of(state) / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if status.exists() and status.read_text(encoding="ascii").rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise SafeHavenError(
        f"PostgreSQL did not start on port {port}; {state.logs / 'postgresql.log'} says why "
        "(another program may have the port)."
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop at once, ending all sessions."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
