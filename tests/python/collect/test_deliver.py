"""Delivery: the right pack to the right mailbox, once, against NHS England's sandbox of MESH."""

from __future__ import annotations

import datetime
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from click.testing import CliRunner
from mesh_client import MeshClient
from mesh_post import OTHER_SENDER, RECIPIENTS, RELEASES, SENDER, Post, configure
from release_world import BUILD_ID, World, build_world, files_of, open_quickly

from safe_haven import audit_log, cli
from safe_haven.collect import mesh
from safe_haven.collect.config import read_config
from safe_haven.collect.mesh import MeshMailbox
from safe_haven.deliver import send
from safe_haven.errors import SafeHavenError
from safe_haven.release import (
    current,
    cut,
    events,
    evidence,
    lifecycle,
    records,
    register,
    verify,
)
from safe_haven.release.register import Register

AGREEMENTS = {"AGG-A": SENDER, "REC-A": SENDER, "AGG-B": OTHER_SENDER}
OWN = "data/mart_activity_by_month.csv"


class Killed(BaseException):
    """Stands for kill -9: no `except Exception` can catch it."""


@pytest.fixture(scope="module", autouse=True)
def quick_release() -> Iterator[None]:
    """As the tests of releases have it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "current_build_id", lambda state: BUILD_ID)
        for module in (current, cut, lifecycle):
            patch.setattr(module, "open_read_only", open_quickly)
        yield


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three releases whose agreements do not end while the tests are in use."""
    world = build_world(tmp_path_factory.mktemp("released") / "var")
    world.sql(
        "update restricted.releases.rel_entitlement "
        "set item = replace(item::varchar, '2028-03-31', '9998-12-31')"
    )
    world.release()
    return world


@pytest.fixture
def world(released: World, tmp_path: Path, post: Post) -> World:
    """A copy that may send to the mailboxes of both recipients."""
    world = released.copy(tmp_path / "var")
    configure(world.state, post)
    address(world, RECIPIENTS)
    return world


def address(world: World, mailboxes: dict[str, str], **more: object) -> None:
    """Write whose mailbox is which."""
    path = world.state.var / "collect.yml"
    document = yaml.safe_load(path.read_text())
    document["deliveries"] = {"workflow": RELEASES, "mailboxes": mailboxes} | more
    path.write_text(yaml.safe_dump(document))


def deliver(world: World, **options: Any) -> dict[str, send.Outcome]:
    """Deliver as the verb does, without the disclosure audit; the outcome by agreement."""
    config = read_config(world.state)
    assert config.mailbox and config.deliveries
    with MeshMailbox(world.state, config.mailbox) as box:
        found = send.deliver(
            world.state, box, config.deliveries, audit=lambda folders: [], **options
        )
    return {item.agreement: item for item in found}


def arrived(post: Post, mailbox: str) -> list[tuple[str, bytes]]:
    """Local id and content of every message in a mailbox."""
    with post.mailbox(mailbox) as client:
        return [
            (str(message.mex_header("localid")), message.read())
            for message in client.iterate_all_messages()
        ]


def everything(post: Post) -> list[tuple[str, bytes]]:
    """The same, of both recipients."""
    return [message for box in RECIPIENTS.values() for message in arrived(post, box)]


def logged(world: World, event: str) -> list[dict[str, Any]]:
    """What the audit log tells of one kind of event."""
    return [dict(e.detail) for e in events.record(world.state) if e.event == event]


def outcomes(found: dict[str, send.Outcome]) -> dict[str, str]:
    """Only what became of each."""
    return {agreement: item.outcome for agreement, item in found.items()}


# -- what arrives -----------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [mesh.CHUNK, 4096])
def test_a_pack_arrives_whole_where_it_belongs_and_proves_itself(
    world: World, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """In one chunk and in several: unpacked, it is what was released, and `verify` proves it."""
    monkeypatch.setattr(mesh, "CHUNK", chunk)
    found = deliver(world)
    assert outcomes(found) == dict.fromkeys(AGREEMENTS, "sent")
    for agreement, mailbox in AGREEMENTS.items():
        recipient = found[agreement].recipient
        original = world.folder(recipient, agreement)
        local_id = f"{agreement}-{original.name}"
        (content,) = (body for name, body in arrived(post, mailbox) if name == local_id)
        with zipfile.ZipFile(io.BytesIO(content)) as unpacked:
            unpacked.extractall(tmp_path / "received")
        folder = tmp_path / "received" / recipient / agreement / original.name
        assert files_of(folder) == files_of(original)
        report = world.verify(folder, key=f"recipient-{recipient}")
        assert {proof.outcome for proof in report.proofs.values()} == {verify.PROVED}
    assert len(everything(post)) == len(AGREEMENTS)


def test_records_are_sent_encrypted(world: World, post: Post) -> None:
    deliver(world, agreement="REC-A")
    ((_, content),) = arrived(post, SENDER)
    with zipfile.ZipFile(io.BytesIO(content)) as unpacked:
        names = {name.split("/", 3)[3] for name in unpacked.namelist()}
    assert names == {"manifest.json", "manifest.json.sig", "entitlement.json", records.CONTAINER}
    assert b"00000000-0000-4000-8000-000000000001" not in content
    key = world.keyring.key("recipient-QAA")
    assert any(
        table.rows.num_rows
        for table in records.read_container(world.record_level / records.CONTAINER, key)
    )


def test_each_is_sent_once_and_is_in_the_log_and_the_evidence(world: World, post: Post) -> None:
    first = deliver(world)
    second = deliver(world)
    assert outcomes(second) == dict.fromkeys(AGREEMENTS, "sent before")
    assert [item.detail for item in second.values()] == [item.detail for item in first.values()]
    assert len(everything(post)) == len(AGREEMENTS)
    told = {event["agreement"]: event for event in logged(world, events.DELIVERED)}
    for agreement, mailbox in AGREEMENTS.items():
        assert told[agreement]["mailbox"] == mailbox
        assert told[agreement]["message_id"] == first[agreement].detail
        assert (
            told[agreement]["release_id"]
            == world.folder(first[agreement].recipient, agreement).name
        )
    page = evidence.evidence(world.state, audit_log.now().year).with_name("deliveries.csv")
    assert all(item.detail in page.read_text() for item in first.values())


def test_once_more_only_when_it_is_said(world: World, post: Post) -> None:
    deliver(world, agreement="AGG-B")
    assert outcomes(deliver(world, agreement="AGG-B", again=True)) == {"AGG-B": "sent again"}
    first, second = arrived(post, OTHER_SENDER)
    assert first == second


def test_a_later_release_is_sent_in_its_turn(world: World, post: Post) -> None:
    deliver(world)
    world.sql(
        "update restricted.releases.rel_activity_by_month set records = 190, people = 190 "
        "where agreement_id = 'AGG-B' and icb_code = 'ALL' and month = 'ALL'"
    )
    world.release()
    assert outcomes(deliver(world)) == {
        "AGG-A": "sent before",
        "REC-A": "sent before",
        "AGG-B": "sent",
    }
    assert len(arrived(post, OTHER_SENDER)) == 2


def test_whoever_has_no_mailbox_is_passed_over_unless_named(world: World, post: Post) -> None:
    address(world, {"QAA": SENDER})
    assert set(deliver(world)) == {"AGG-A", "REC-A"}
    assert deliver(world, recipient="QBB")["AGG-B"].detail == "no_mailbox"
    assert arrived(post, OTHER_SENDER) == []


# -- killed -----------------------------------------------------------------------------------


def test_killed_before_the_message_is_sent_it_is_sent_once(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(MeshMailbox, "send", killed)
        with pytest.raises(Killed):
            deliver(world, agreement="AGG-B")
    assert outcomes(deliver(world, agreement="AGG-B")) == {"AGG-B": "sent again"}
    assert len(arrived(post, OTHER_SENDER)) == 1


def test_killed_before_the_log_is_told_the_same_is_sent_under_the_same_id(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a message left cannot be known here: it may come twice, and not as two things."""
    really = MeshMailbox.send

    def sent_then_killed(*given: Any) -> str:
        really(*given)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(MeshMailbox, "send", sent_then_killed)
        with pytest.raises(Killed):
            deliver(world, agreement="AGG-B")
    assert logged(world, events.DELIVERED) == []
    assert outcomes(deliver(world, agreement="AGG-B")) == {"AGG-B": "sent again"}
    first, second = arrived(post, OTHER_SENDER)
    assert first == second
    assert outcomes(deliver(world, agreement="AGG-B")) == {"AGG-B": "sent before"}
    assert len(arrived(post, OTHER_SENDER)) == 2


def killed(*_: object) -> str:
    """A step that the process does not survive."""
    raise Killed


def test_a_message_cut_off_reaches_nobody_and_is_sent_again(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mesh, "CHUNK", 4096)
    really = MeshClient.send_chunk

    def cut_off(client: MeshClient, *given: Any, **options: Any) -> Any:
        if options["chunk_num"] == 2:
            raise requests.ConnectionError
        return really(client, *given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(MeshClient, "send_chunk", cut_off)
        with pytest.raises(SafeHavenError, match=r"\(ConnectionError\)\. Whether the message left"):
            deliver(world, agreement="AGG-B")
    assert arrived(post, OTHER_SENDER) == []
    assert outcomes(deliver(world, agreement="AGG-B")) == {"AGG-B": "sent again"}
    assert len(arrived(post, OTHER_SENDER)) == 1


# -- attacks, each with what happens without its defence --------------------------------------


def mailboxes_swapped(world: World) -> None:
    """Somebody wrote each recipient's mailbox beside the other."""
    address(world, {"QAA": OTHER_SENDER, "QBB": SENDER})


def folders_swapped(world: World) -> None:
    """QAA's place holds the pack of QBB, whole, signed and registered."""
    own, other = world.aggregate, world.folder("QBB", "AGG-B")
    shutil.rmtree(own)
    shutil.copytree(other, own)


def pack_tampered(world: World) -> None:
    """One figure differs from what was signed."""
    path = world.aggregate / OWN
    path.write_bytes(path.read_bytes().replace(b"day_case", b"day_casf"))


def file_added(world: World) -> None:
    """Something that nobody signed lies beside the data."""
    (world.aggregate / "data" / "extra.csv").write_text("extra\n")


def agreement_stopped(world: World) -> None:
    """The last build has a reason against the agreement that the release does not know of."""
    world.sql(
        "update restricted.releases.rel_pack set allowed = false, "
        "reasons = ['contract_not_signed'] where agreement_id = 'AGG-A'"
    )


def agreement_ended(world: World) -> None:
    """Nothing: the clock is past the end (see `late`)."""


def release_recalled(world: World) -> None:
    """Recalled, and the register that says so is read; the list of what is in force is wrong."""
    lifecycle.recall(world.state, "QAA", "AGG-A", world.aggregate.name, "wrong data")


ATTACKS: dict[Callable[[World], None], str] = {
    mailboxes_swapped: "mailbox_not_registered_for_recipient",
    folders_swapped: "not the release that the register has here",
    pack_tampered: "its SHA-256 is not the one in the manifest",
    file_added: "an extra file",
    agreement_stopped: "contract_not_signed",
    agreement_ended: "agreement_not_in_date",
    release_recalled: "this release was recalled",
}
DEFENCES = {
    mailboxes_swapped: (send.Sender, "_mailbox_refusals"),
    agreement_stopped: (current, "withdrawn"),
}


@pytest.fixture
def late(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the end of every agreement; and for a recall, a list of every release there was."""
    attack = request.node.callspec.params["attack"]
    if attack is agreement_ended:
        after = datetime.datetime(9999, 1, 2, tzinfo=datetime.UTC)
        monkeypatch.setattr(audit_log, "now", lambda: after)
    if attack is release_recalled:
        monkeypatch.setattr(
            Register,
            "current",
            lambda known: [e for e in known.entries if e.event == register.RELEASED],
        )


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack_is_refused_and_logged(
    world: World, post: Post, attack: Callable[[World], None]
) -> None:
    attack(world)
    outcome = deliver(world, agreement="AGG-A")["AGG-A"]
    assert outcome.outcome == "refused"
    assert ATTACKS[attack] in outcome.detail
    assert everything(post) == []
    (told,) = logged(world, events.DELIVERY_REFUSED)
    assert ATTACKS[attack] in "; ".join(told["reasons"])


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_control_without_the_defence_it_is_sent(
    world: World, post: Post, attack: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    attack(world)
    defence = DEFENCES.get(attack, (send.Sender, "_pack_refusals"))
    monkeypatch.setattr(*defence, lambda *_: [])
    monkeypatch.setattr(send, "archive", whole_folder)
    assert deliver(world, agreement="AGG-A")["AGG-A"].outcome == "sent"
    mailbox = OTHER_SENDER if attack is mailboxes_swapped else SENDER
    ((_, content),) = arrived(post, mailbox)
    with zipfile.ZipFile(io.BytesIO(content)) as unpacked:
        assert ("data/extra.csv" in unpacked.namelist()) == (attack is file_added)
        rows = unpacked.read(OWN)
    assert (b"02A" in rows) == (attack is folders_swapped)
    assert (b"day_casf" in rows) == (attack is pack_tampered)


def whole_folder(folder: Path, entry: register.Entry, path: Path) -> None:
    """A zip of whatever is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as out:
        for name, content in files_of(folder).items():
            out.writestr(name, content)


@pytest.mark.parametrize("attack", [folders_swapped, pack_tampered])
def test_attack_changed_between_the_proof_and_the_message(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch, attack: Callable[[World], None]
) -> None:
    """The control is that of `test_control_without_the_defence_it_is_sent`."""
    really = current.findings

    def proved_then_changed(*given: Any) -> Iterator[str]:
        yield from really(*given)
        attack(world)

    monkeypatch.setattr(current, "findings", proved_then_changed)
    with pytest.raises(SafeHavenError, match="changed while it was packed"):
        deliver(world, agreement="AGG-A")
    assert everything(post) == []


def test_attack_a_recalled_release_is_none_to_send(world: World, post: Post) -> None:
    lifecycle.recall(world.state, "QAA", "AGG-A", world.aggregate.name, "wrong data")
    with pytest.raises(SafeHavenError, match=r"In force: QAA/REC-A, QBB/AGG-B$"):
        deliver(world, agreement="AGG-A")
    assert everything(post) == []


def test_a_recall_tells_where_the_release_was_sent(world: World, post: Post) -> None:
    sent = deliver(world)["AGG-A"].detail
    told = events.still_out(events.record(world.state), "QAA", "AGG-A", world.aggregate.name)
    assert list(told) == [f"It was sent to mailbox {SENDER} as message {sent}."]
    assert not list(events.still_out(events.record(world.state), "QAA", "AGG-A", "0" * 32))


@pytest.mark.parametrize("code", ["../QBB", "QAA/../QBB", "/etc", "*", ""])
def test_attack_a_path_for_a_code_reaches_nothing(world: World, post: Post, code: str) -> None:
    with pytest.raises(SafeHavenError, match="No release in force fits"):
        deliver(world, recipient=code)
    address(world, {code: SENDER})
    with pytest.raises(SafeHavenError, match="is not the code of a recipient"):
        read_config(world.state)
    assert everything(post) == []


@pytest.mark.parametrize(
    ("mailboxes", "more", "reason"),
    [
        ({"QAA": SENDER, "QBB": SENDER}, {}, "share a mailbox"),
        ({"QAA": "X26ABC1"}, {}, "share a mailbox"),
        ({"QAA": "../X26ABC2"}, {}, "write the mailbox of QAA"),
        ({"QAA": ["X26ABC2"]}, {}, "write the mailbox of QAA"),
        (["QAA"], {}, "mailboxes must be given as dict"),
        ({}, {"workflow": "PEOPLE"}, "also one that is collected"),
        ({}, {"workflow": "SAFE_HAVEN_REPORT"}, "also one that is collected or reported"),
        ({}, {"password": "secret"}, "and nothing else"),
    ],
)
def test_what_is_wrong_with_the_addresses_is_said(
    world: World, mailboxes: Any, more: dict[str, object], reason: str
) -> None:
    address(world, mailboxes, **more)
    with pytest.raises(SafeHavenError, match=reason):
        read_config(world.state)


def test_the_verb_says_what_was_sent_and_fails_where_one_was_not(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFE_HAVEN_VAR", str(world.state.var))
    monkeypatch.setattr(send, "deliver", partial(send.deliver, audit=lambda folders: []))
    agreement_stopped(world)
    result = CliRunner().invoke(cli.cli, ["deliver"])
    assert str(result.exception) == "1 of 3 were not sent."
    assert "QAA        AGG-A      refused  contract_not_signed" in result.output
    assert len(everything(post)) == 2
