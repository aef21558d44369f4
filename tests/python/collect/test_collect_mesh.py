"""Collection from a MESH mailbox, end to end against NHS England's sandbox of the service."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import Result
from mesh_client import MeshClient, MeshError
from mesh_post import (
    HAVEN,
    NHS_NUMBER,
    OTHER_SENDER,
    OUTPATIENTS,
    PEOPLE,
    REPORTS,
    SENDER,
    SHARED_KEY,
    Post,
    file_of,
    keep,
)
from urllib3 import HTTPResponse

from safe_haven.collect import collector, mesh
from safe_haven.collect.config import read_config
from safe_haven.collect.delivery import Records
from safe_haven.collect.mesh import BLOCK, MeshMailbox
from safe_haven.load.landing import landing_file_hashes, landing_path, read_submissions
from safe_haven.load.loader import load_file
from safe_haven.paths import State

Collect = Callable[..., Result]
OUTPATIENT = file_of("outpatient_appointment")
BULK = (
    "{protocol: bulk, bulk_replacement_group: '060', period_start: 2026-03-01, "
    "period_end: 2026-03-31, extract_at: 2026-03-30 02:00:00}"
)


def outcomes(state: State) -> dict[str, str]:
    """Outcome and reason by message."""
    return {r.delivery_id: f"{r.outcome} {r.reason}".strip() for r in Records(state).all()}


@pytest.mark.parametrize(
    ("chunk", "compress", "packed"),
    [(1 << 20, False, False), (20_000, False, False), (20_000, True, False), (20_000, True, True)],
)
def test_a_message_lands_as_the_file_that_was_sent(
    mailbox: State, post: Post, collect: Collect, chunk: int, compress: bool, packed: bool
) -> None:
    """In one chunk or several, compressed on the way or not, sent as text or as a gzip file."""
    content = file_of(rows=4000)
    sent = gzip.compress(content, compresslevel=0, mtime=0) if packed else content
    message = post.send(sent, chunk=chunk, compress=compress)
    result = collect()
    assert result.exit_code == 0, result.output
    (submission,) = read_submissions(mailbox)
    assert submission.file_sha256 == hashlib.sha256(sent).hexdigest()
    assert submission.rows_received == "4000"
    assert (submission.sender_organisation_code, submission.feed) == ("X26", "person")
    assert submission.file_name == f"{message}.csv{'.gz' if packed else ''}"
    assert post.waiting() == []
    assert outcomes(mailbox) == {message: "landed"}
    assert post.waiting(SENDER) == []
    assert NHS_NUMBER not in result.output


def test_the_day_of_receipt_is_the_services(mailbox: State, post: Post, collect: Collect) -> None:
    message = post.send(file_of())
    with post.mailbox(HAVEN) as client:
        stamp = client.retrieve_message(message).mex_header("statustimestamp")
    collect("--received-on", "2001-01-01")
    day = read_submissions(mailbox)[0].received_on
    assert day.replace("-", "") == stamp[:8]


def test_acknowledged_only_when_stored_hashed_and_registered(
    mailbox: State, post: Post, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.send(file_of())
    acknowledge = MeshClient.acknowledge_message
    seen = []

    def watched(client: MeshClient, message: str) -> None:
        (submission,) = read_submissions(mailbox)
        path = landing_path(mailbox, submission.feed, submission.submission_id)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == submission.landed_sha256
        assert outcomes(mailbox) == {message: "landed"}
        seen.append(message)
        acknowledge(client, message)

    monkeypatch.setattr(MeshClient, "acknowledge_message", watched)
    assert collect().exit_code == 0
    assert len(seen) == 1


@pytest.mark.parametrize("name", ["mesh-password", "mesh-shared-key"])
def test_a_wrong_secret_collects_nothing_and_is_not_shown(
    mailbox: State, post: Post, collect: Collect, name: str
) -> None:
    post.send(file_of())
    right = (mailbox.keys / name).read_text().strip()
    keep(mailbox, name, "wr0ng")
    result = collect()
    assert (
        f"{post.url} refuses mailbox {HAVEN}. Nothing was collected. Check password"
        in result.output
    )
    assert len(post.waiting()) == 1
    assert read_submissions(mailbox) == []
    assert "wr0ng" not in result.output and SHARED_KEY not in result.output
    keep(mailbox, name, right)
    assert collect().exit_code == 0
    assert post.waiting() == []


def killed_before(step: str, state: State) -> None:
    """Run `safe-haven collect` in a process of its own and kill it where `step` begins."""
    owner, _, attribute = step.rpartition(".")
    program = (
        "import os, pkgutil, signal, sys\n"
        "def kill(*_, **__): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"setattr(pkgutil.resolve_name('{owner}'), '{attribute}', kill)\n"
        "sys.argv = ['safe-haven', 'collect']\n"
        "from safe_haven.cli import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"SAFE_HAVEN_VAR": str(state.var)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(
    ("step", "landed_before"),
    [
        ("safe_haven.load.loader.read_rows", 0),
        ("safe_haven.load.loader.register_submission", 0),
        ("safe_haven.collect.delivery.Records.write", 1),
        ("mesh_client.MeshClient.acknowledge_message", 1),
    ],
)
def test_a_run_killed_anywhere_is_put_right_by_the_next(
    mailbox: State, post: Post, collect: Collect, step: str, landed_before: int
) -> None:
    """The message waits, the next run lands it once, acknowledges it and tells nobody."""
    message = post.send(file_of(rows=10))
    killed_before(step, mailbox)
    assert len(read_submissions(mailbox)) == landed_before
    assert post.waiting() == [message]
    assert collect().exit_code == 0
    assert len(read_submissions(mailbox)) == 1
    assert len(landing_file_hashes(mailbox)) == 2
    assert outcomes(mailbox) == {message: "landed"}
    assert post.waiting() == []
    assert post.waiting(SENDER) == []
    assert list(mailbox.inbox.iterdir()) == []
    assert list(mailbox.landing.glob(".*")) == []


def test_the_same_file_in_two_messages_lands_once(
    mailbox: State, post: Post, collect: Collect
) -> None:
    """Both are acknowledged; the sender is told of the second, which may be a mistake."""
    first, second = post.send(file_of()), post.send(file_of())
    assert collect().exit_code == 0
    assert len(read_submissions(mailbox)) == 1
    assert outcomes(mailbox) == {first: "landed", second: "refused duplicate_file"}
    assert post.waiting() == []
    (row,) = post.reports()
    assert (row["delivery_id"], row["rule"]) == (second, "duplicate_file")


def test_the_same_file_from_another_sender_is_not_taken_for_theirs(
    mailbox: State, post: Post, collect: Collect
) -> None:
    post.send(OUTPATIENT, OUTPATIENTS)
    post.send(OUTPATIENT, OUTPATIENTS, sender=OTHER_SENDER)
    collect()
    assert [s.sender_organisation_code for s in read_submissions(mailbox)] == ["RXX"]
    (row,) = post.reports(OTHER_SENDER)
    assert row["rule"] == "duplicate_of_another_sender"
    assert "say so to the safe haven" in row["what_to_do"]
    assert "RXX" not in str(row) and "landing-" not in str(row)


@pytest.mark.parametrize(
    ("workflow", "sender", "reason"),
    [
        ("NOBODYS", SENDER, "unknown_workflow"),
        (PEOPLE, OTHER_SENDER, "sender_not_allowed"),
    ],
)
def test_what_is_not_expected_is_refused_unread(
    mailbox: State,
    post: Post,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    workflow: str,
    sender: str,
    reason: str,
) -> None:
    """Refused, told, acknowledged, never fetched; the message behind it lands (the control)."""
    fetched = []
    fetch = MeshMailbox.fetch
    monkeypatch.setattr(
        MeshMailbox, "fetch", lambda box, *rest: fetched.append(rest[0]) or fetch(box, *rest)
    )
    message = post.send(file_of(), workflow, sender)
    good = post.send(file_of(), PEOPLE, SENDER)
    assert collect().exit_code == 0
    assert outcomes(mailbox) == {message: f"refused {reason}", good: "landed"}
    assert [delivery.delivery_id for delivery in fetched] == [good]
    assert post.waiting() == []
    (row,) = post.reports(sender)
    assert row["rule"] == reason
    assert workflow not in (mailbox.audit / "collected" / f"{message}.json").read_text()


@pytest.mark.parametrize(
    ("content", "subject", "told"),
    [
        (file_of().replace(b"postcode", b"post_code"), "", "lacks 1 of 10 columns"),
        (file_of() + NHS_NUMBER.encode() + b",\n", "", "row 3: too few values"),
        (b"\n", "", "holds no text"),
        (file_of() + b"\xff", "", "the file is not UTF-8"),
        (gzip.compress(file_of(rows=900))[:-200], "", "is cut off"),
        (file_of(), "figures for March", "is not one `name: value` a line"),
        (file_of(), f"{{window: {NHS_NUMBER}}}", "is not one `name: value` a line"),
        (file_of(), f"{{period_start: {NHS_NUMBER}}}", "Write period_start in the envelope"),
        (file_of(), f"{{period_start: '{NHS_NUMBER}'}}", "period_start is not a day"),
        (file_of(), "{period_start: 2026-02-31}", "cannot be read"),
        (file_of(), BULK, "takes net files only"),
    ],
)
def test_a_file_that_is_refused_is_answered_without_a_value(
    mailbox: State, post: Post, collect: Collect, content: bytes, subject: str, told: str
) -> None:
    message = post.send(content, subject=subject)
    result = collect()
    assert result.exit_code == 0
    assert outcomes(mailbox) == {message: "refused file_refused"}
    assert post.waiting() == []
    (row,) = post.reports()
    assert told in row["what_to_do"]
    assert "--" not in row["what_to_do"], "a sender has no command line"
    assert (row["delivery_id"], row["severity"]) == (message, "refused")
    record = (mailbox.audit / "collected" / f"{message}.json").read_text()
    assert NHS_NUMBER not in result.output + str(row) + record
    assert str(mailbox.var) not in str(row)
    assert read_submissions(mailbox) == []


def test_the_subject_is_the_envelope(mailbox: State, post: Post, collect: Collect) -> None:
    """A bulk file says so in its subject; the same bytes for another window are another file."""
    post.send(OUTPATIENT, OUTPATIENTS, subject=BULK)
    post.send(OUTPATIENT, OUTPATIENTS, subject=BULK.replace("03-30", "03-31"))
    collect()
    submissions = read_submissions(mailbox)
    assert [s.protocol for s in submissions] == ["bulk", "bulk"]
    assert sorted(s.extract_at[:10] for s in submissions) == ["2026-03-30", "2026-03-31"]


def test_content_that_ends_early_is_refused(mailbox: State, post: Post, collect: Collect) -> None:
    """Control: the client's own reader hands out the part that came as if it were all."""
    content = file_of(rows=5000)
    cut = gzip.compress(content)[:-2000]
    with post.mailbox(SENDER) as client:
        headers = {
            "Mex-To": HAVEN,
            "Mex-WorkflowID": PEOPLE,
            "Content-Encoding": "gzip",
            "Mex-Chunk-Range": "1:1",
        }
        client._session.post(f"{client.mailbox_url}/outbox", data=cut, headers=headers)
    (message,) = post.waiting()
    with post.mailbox(HAVEN) as client:
        assert 0 < len(client.retrieve_message(message).read()) < len(content)
    collect()
    assert outcomes(mailbox) == {message: "refused content_damaged"}
    assert post.reports()[0]["rule"] == "content_damaged"
    assert post.waiting() == []


def test_attack_content_that_unpacks_without_an_end_on_its_way(
    mailbox: State, post: Post, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the limit as it is, the same message is taken."""
    content = file_of(rows=20_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mesh, "UNPACKED_AT_MOST", len(content) - 1)
        message = post.send(content, compress=True)
        collect()
    assert outcomes(mailbox) == {message: "refused file_refused"}
    assert "send it in parts" in post.reports()[0]["what_to_do"]
    again = post.send(content, compress=True)
    collect()
    assert outcomes(mailbox)[again] == "landed"


def test_a_block_that_unpacks_to_much_is_handed_out_in_blocks() -> None:
    """Control: the whole of it at once is what the compressed block holds."""
    packed = gzip.compress(b"\n" * (8 << 20))
    assert len(packed) < BLOCK
    response = requests.Response()
    response.headers["Content-Encoding"] = "gzip"
    response.raw = HTTPResponse(io.BytesIO(packed), preload_content=False)
    sizes = [len(block) for block in mesh.blocks(response)]
    assert sum(sizes) == 8 << 20
    assert max(sizes) <= BLOCK


@pytest.mark.parametrize("chunks", ["1", "1:many", "1:-1", "2:2", "1:99999"])
def test_attack_chunks_that_nobody_can_count(
    mailbox: State,
    post: Post,
    collect: Collect,
    monkeypatch: pytest.MonkeyPatch,
    chunks: str,
) -> None:
    """The sender writes this header. Control: the message behind it lands."""
    message, good = post.send(file_of()), post.send(file_of(start=1))
    retrieve = MeshClient.retrieve_message_chunk

    def told(client: MeshClient, key: str, number: int) -> requests.Response:
        response = retrieve(client, key, number)
        if key == message:
            response.headers["Mex-Chunk-Range"] = chunks
        return response

    monkeypatch.setattr(MeshClient, "retrieve_message_chunk", told)
    collect()
    assert outcomes(mailbox) == {message: "refused content_damaged", good: "landed"}


def test_a_senders_name_for_a_file_is_not_used(
    mailbox: State, post: Post, collect: Collect
) -> None:
    """It may be a path or name a patient."""
    message = post.send(file_of(), filename=f"../../{NHS_NUMBER}.csv")
    collect()
    assert read_submissions(mailbox)[0].file_name == f"{message}.csv"
    assert not [path for path in mailbox.var.rglob("*") if NHS_NUMBER in path.name]


def test_reports_are_not_answered(mailbox: State, post: Post, collect: Collect) -> None:
    """Neither the service's notice on a report of ours nor the report of another safe haven."""
    requests.post(
        f"{post.url}/messageexchange/admin/report",
        json={
            "mailbox_id": HAVEN,
            "workflow_id": REPORTS,
            "code": "14",
            "description": "Message not collected by recipient after 5 days",
            "subject": "NDR",
            "local_id": "MESSAGE1",
            "status": "undeliverable",
            "file_name": "x.dat",
            "linked_message_id": "MESSAGE2",
        },
        timeout=10,
    ).raise_for_status()
    notice = post.waiting()[0]
    other = post.send(b"delivery_id\n", REPORTS)
    assert collect().exit_code == 0
    assert outcomes(mailbox) == {notice: "notice MESSAGE1", other: "refused unknown_workflow"}
    assert post.waiting() == []
    assert post.waiting(SENDER) == []


def test_a_report_that_nobody_takes_holds_nothing_up(
    mailbox: State, post: Post, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> str:
        raise MeshError("Unregistered to address")

    message = post.send(file_of(), "NOBODYS")
    good = post.send(file_of())
    monkeypatch.setattr(MeshClient, "send_message", closed)
    result = collect()
    assert f"(its report could not be delivered to {SENDER})" in result.output
    assert outcomes(mailbox) == {message: "refused unknown_workflow", good: "landed"}
    assert post.waiting() == []


def test_a_fault_of_ours_leaves_the_message_and_takes_the_others(
    mailbox: State, post: Post, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither acknowledged nor refused; the run says so, and the next one takes it."""
    first, second = post.send(file_of()), post.send(file_of(start=1))
    load = collector.load_file

    def full(state: State, layout: str, path: Path, *rest: object, **options: object) -> object:
        if path.stem == first:
            raise OSError(f"No space left; {NHS_NUMBER}")
        return load(state, layout, path, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collector, "load_file", full)
        result = collect()
    assert f"left      {first}  OSError" in result.output
    assert "No space left" in (mailbox.logs / "collect.log").read_text()
    assert "1 could not be dealt with" in result.output
    assert NHS_NUMBER not in result.output
    assert outcomes(mailbox) == {second: "landed"}
    assert post.waiting() == [first]
    assert post.waiting(SENDER) == []
    assert collect().exit_code == 0
    assert outcomes(mailbox) == {first: "landed", second: "landed"}


def test_a_large_message_is_not_held_in_memory(mailbox: State, post: Post, tmp_path: Path) -> None:
    """12 MB in three chunks take less than 2 MB; control: the whole of it does take 12."""
    content = os.urandom(12 << 20)
    post.send(content, chunk=4 << 20)
    with MeshMailbox(mailbox, read_config(mailbox).mailbox) as box:
        (key,) = box.waiting()
        tracemalloc.start()
        path, _ = box.fetch(box.look(key), tmp_path)
        _, peak = tracemalloc.get_traced_memory()
        read = path.read_bytes()
        _, whole = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert read == content
    assert BLOCK < peak < 2 << 20 < 12 << 20 < whole


def test_every_record_is_private_json(mailbox: State, post: Post, collect: Collect) -> None:
    post.send(file_of())
    collect()
    (path,) = (mailbox.audit / "collected").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["answer_to"] == SENDER


def test_a_message_lands_as_load_would_land_it(
    mailbox: State, post: Post, collect: Collect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same rows, same id of the submission."""
    content = file_of(rows=50)
    post.send(content, chunk=1000, compress=True)
    collect()
    (collected,) = read_submissions(mailbox)
    path = tmp_path / "person.csv"
    path.write_bytes(content)
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / "by_hand"))
    loaded = load_file(State.from_environment(), "landing-person", path, sender="X26").submission
    assert loaded.submission_id == collected.submission_id
    assert loaded.landed_sha256 == collected.landed_sha256


def test_secrets_stand_in_no_file_but_their_own(
    mailbox: State, post: Post, collect: Collect
) -> None:
    post.send(file_of())
    collect()
    files = [path for path in mailbox.var.rglob("*") if path.is_file()]
    holding = [path.name for path in files if SHARED_KEY.encode() in path.read_bytes()]
    assert holding == ["mesh-shared-key"]
