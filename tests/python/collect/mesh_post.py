"""A MESH service of its own for the tests, and what its senders do."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import yaml
from mesh_client import MeshClient

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.run.command import MESH_SANDBOX

SERVE = Path(__file__).parent / "sandbox" / "serve.py"
# The sandbox knows three mailboxes, all with the same password.
HAVEN, SENDER, OTHER_SENDER = "X26ABC1", "X26ABC2", "X26ABC3"
PASSWORD = "password"
SHARED_KEY = "shared key of the tests"
PEOPLE, OUTPATIENTS, REPORTS = "PEOPLE", "OUTPATIENTS", "SAFE_HAVEN_REPORT"
RELEASES = "SAFE_HAVEN_RELEASE"
RECIPIENTS = {"QAA": SENDER, "QBB": OTHER_SENDER}
NHS_NUMBER = "9990000042"


def file_of(feed: str = "person", rows: int = 1, start: int = 0) -> bytes:
    """A file in the feed's own layout; numbers from the range that is never issued."""
    columns = contracts()[feed].column_names
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for number in range(start, start + rows):
        writer.writerow({columns[0]: NHS_NUMBER, columns[-1]: f"row {number}"})
    return out.getvalue().encode()


@dataclass(frozen=True)
class Post:
    """A running service, as senders and the safe haven see it."""

    url: str
    verify: bool | None = None

    @contextmanager
    def mailbox(self, mailbox: str) -> Iterator[MeshClient]:
        """One mailbox, opened as its owner does."""
        with MeshClient(
            self.url, mailbox, PASSWORD, shared_key=SHARED_KEY.encode(), verify=self.verify
        ) as client:
            yield client

    def send(
        self,
        content: bytes,
        workflow: str = PEOPLE,
        sender: str = SENDER,
        chunk: int = 1 << 20,
        **options: object,
    ) -> str:
        """Send to the safe haven; the id of the message."""
        with self.mailbox(sender) as client:
            return client.send_message(
                HAVEN, content, max_chunk_size=chunk, workflow_id=workflow, **options
            )

    def waiting(self, mailbox: str = HAVEN) -> list[str]:
        """Messages that are not acknowledged."""
        with self.mailbox(mailbox) as client:
            return client.list_messages()

    def reports(self, sender: str = SENDER) -> list[dict[str, str]]:
        """The rows of every report in a sender's mailbox."""
        rows: list[dict[str, str]] = []
        with self.mailbox(sender) as client:
            for message in client.iterate_all_messages():
                assert message.workflow_id == REPORTS
                rows += csv.DictReader(io.StringIO(message.read().decode()))
        return rows

    def empty(self) -> None:
        """Forget every message."""
        for mailbox in (HAVEN, SENDER, OTHER_SENDER):
            requests.delete(
                f"{self.url}/admin/reset/{mailbox}", timeout=10, verify=self.verify is None
            ).raise_for_status()


@contextmanager
def running(folder: Path, *certificate: Path) -> Iterator[Post]:
    """The sandbox, on this machine alone; it ends with the tests."""
    python = MESH_SANDBOX / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{MESH_SANDBOX} is missing: ./run test sets it up")
    settings = {
        "ENV": "local",
        "AUTH_MODE": "full",
        "STORE_MODE": "file",
        "SHARED_KEY": SHARED_KEY,
        "MAILBOXES_DATA_DIR": str(folder / "mailboxes"),
        "ENDPOINTS": json.dumps({f"{who}/{RELEASES}": box for who, box in RECIPIENTS.items()}),
    }
    with socket.socket() as listening, (folder / "log").open("w") as log:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = subprocess.Popen(
            [python, "-W", "ignore", SERVE, str(listening.fileno()), *map(str, certificate)],
            env=os.environ | settings,
            pass_fds=[listening.fileno()],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        scheme, verify = ("https", False) if certificate else ("http", None)
        post = Post(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", verify)
        try:
            wait_for(post, server, folder / "log")
            yield post
        finally:
            server.kill()
            server.wait()


def wait_for(post: Post, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the service answers."""
    for _ in range(100):
        try:
            requests.get(f"{post.url}/health", timeout=10, verify=post.verify is None)
            return
        except requests.RequestException:
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def configure(state: State, post: Post, **changes: object) -> None:
    """Write var/collect.yml and the secrets; `changes` are of the mailbox, None leaves one out."""
    box = {
        "url": post.url,
        "mailbox_id": HAVEN,
        "password_file": "mesh-password",
        "shared_key_file": "mesh-shared-key",
        "report_workflow": REPORTS,
        "sandbox": True,
    } | changes
    config = {
        "mailbox": {name: value for name, value in box.items() if value is not None},
        "workflows": {
            PEOPLE: {"layout": "landing-person", "senders": {SENDER: "X26"}},
            OUTPATIENTS: {
                "layout": "landing-outpatient-appointment",
                "senders": {SENDER: "RXX", OTHER_SENDER: "RYY"},
            },
        },
    }
    (state.var / "collect.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for name, secret in (("mesh-password", PASSWORD), ("mesh-shared-key", SHARED_KEY)):
        keep(state, name, secret)


def keep(state: State, name: str, secret: str) -> Path:
    """Put a secret into the keyring's folder."""
    path = state.keys / name
    path.touch(mode=0o600)
    path.write_text(secret + "\n", encoding="utf-8")
    return path
