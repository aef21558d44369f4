"""Collection from the watched folder, the default where no mailbox is configured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from inbox_folder import OUTPATIENT, PERSON, outcomes, put
from mesh_post import NHS_NUMBER, file_of

from safe_haven.collect.folder import WatchedFolder
from safe_haven.errors import SafeHavenError
from safe_haven.load.landing import landing_path, read_submissions
from safe_haven.load.loader import default_received_on
from safe_haven.paths import State

Collect = Callable[..., Result]
WINDOW = (
    "protocol: bulk\nbulk_replacement_group: '060'\nperiod_start: 2026-03-01\n"
    "period_end: 2026-03-31\nextract_at: {extract_at} 02:00:00\n"
)


def inbox(state: State) -> list[str]:
    """Every file in the inbox, below the folder named by a delivery's id where there is one."""
    files = (path.relative_to(state.inbox) for path in state.inbox.rglob("*") if path.is_file())
    return sorted("/".join(part for part in file.parts if len(part) < 32) for file in files)


def test_a_file_lands_and_is_moved_when_it_is_registered(
    state: State, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(state, f"{PERSON}/people.csv", file_of(rows=3))
    finish = WatchedFolder.finish

    def watched(folder: WatchedFolder, *rest: str) -> None:
        assert len(read_submissions(state)) == 1
        assert inbox(state) == [f"{PERSON}/people.csv"]
        finish(folder, *rest)

    monkeypatch.setattr(WatchedFolder, "finish", watched)
    result = collect()
    assert result.exit_code == 0, result.output
    (submission,) = read_submissions(state)
    assert (submission.rows_received, submission.file_name) == ("3", "people.csv")
    assert submission.sender_organisation_code == "X26"
    assert submission.received_on == default_received_on()
    assert inbox(state) == [f".landed/{PERSON}/people.csv"]
    assert f"landed    {PERSON}/people.csv  " in result.output
    assert "landed or refused: 0;" in collect().output


def test_a_report_before_any_build_says_what_to_do(state: State, collect: Collect) -> None:
    put(state, f"{PERSON}/people.csv", file_of())
    assert collect().exit_code == 0
    result = collect("--report")
    assert isinstance(result.exception, SafeHavenError)
    assert "`./run build` makes the target operator" in result.output


def test_the_day_of_receipt_can_be_given(state: State, collect: Collect) -> None:
    put(state, f"{PERSON}/people.csv", file_of())
    assert "received_on is not a day" in collect("--received-on", "yesterday").output
    assert inbox(state) == [f"{PERSON}/people.csv"]
    collect("--received-on", "2026-04-02")
    assert read_submissions(state)[0].received_on == "2026-04-02"


def test_an_envelope_beside_the_file_is_read(state: State, collect: Collect) -> None:
    """Files of equal bytes and name replace different windows: two submissions, not one."""
    for extract_at in ("2026-03-30", "2026-03-31"):
        put(state, f"{OUTPATIENT}/op.csv.yml", WINDOW.format(extract_at=extract_at))
        put(state, f"{OUTPATIENT}/op.csv", file_of("outpatient_appointment"))
        assert collect().exit_code == 0
    assert [s.protocol for s in read_submissions(state)] == ["bulk", "bulk"]
    kept = [f".landed/{OUTPATIENT}/op.csv", f".landed/{OUTPATIENT}/op.csv.yml"]
    assert inbox(state) == sorted(kept * 2)


def test_control_without_the_envelope_the_same_file_is_net(state: State, collect: Collect) -> None:
    put(state, f"{OUTPATIENT}/op.csv", file_of("outpatient_appointment"))
    collect()
    assert [s.protocol for s in read_submissions(state)] == ["net"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("people.csv", "unknown_workflow"),
        ("NOBODYS/RXX/people.csv", "unknown_workflow"),
        ("landing-person/people.csv", "sender_not_allowed"),
        ("landing-person/nobody/people.csv", "sender_not_allowed"),
        ("landing-person/RXX/people.csv", "sender_not_allowed"),
        ("landing-person/X26/deeper/people.csv", "sender_not_allowed"),
        ("landing-apc-episode/RXX/people.csv", "file_refused"),
    ],
)
def test_what_cannot_be_taken_is_moved_away_with_a_report(
    state: State, collect: Collect, place: str, reason: str
) -> None:
    """Nothing is passed over in silence, and the file behind it lands."""
    put(state, place, file_of())
    put(state, f"{PERSON}/good.csv", file_of(start=1))
    assert collect().exit_code == 0
    assert outcomes(state) == ["landed", f"refused {reason}"]
    (report,) = (state.inbox / ".reports").rglob("*.csv")
    assert reason in report.read_text()
    assert NHS_NUMBER not in report.read_text()
    assert report.parent == state.inbox / ".reports" / Path(place).parent
    assert not (state.inbox / place).exists()
    assert f".refused/{place}" in inbox(state)


@pytest.mark.parametrize(
    ("name", "age"), [("people.csv", -600), (".people.csv", 60), ("people.csv.yml", 60)]
)
def test_what_is_still_being_written_waits(
    state: State, collect: Collect, name: str, age: float
) -> None:
    put(state, f"{PERSON}/{name}", file_of(), age)
    output = collect().output
    assert "landed or refused: 0;" in output
    assert ("still being written, so taken by a later run: 1" in output) == (age < 0)
    assert inbox(state) == [f"{PERSON}/{name}"]


def test_a_link_is_not_followed(state: State, collect: Collect) -> None:
    """Whoever may write here must not have other files read."""
    (state.var / "elsewhere.csv").write_bytes(file_of())
    folder = state.inbox / PERSON
    folder.mkdir(parents=True)
    (folder / "people.csv").symlink_to(state.var / "elsewhere.csv")
    assert "landed or refused: 0;" in collect().output


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_an_envelope_that_is_no_file_is_not_opened(
    state: State, collect: Collect, kind: str
) -> None:
    """Reading a pipe would never end, and the file is not taken for one without an envelope."""
    put(state, f"{OUTPATIENT}/op.csv", file_of("outpatient_appointment"))
    envelope = state.inbox / OUTPATIENT / "op.csv.yml"
    os.mkfifo(envelope) if kind == "pipe" else envelope.symlink_to("/dev/zero")
    assert "landed or refused: 0;" in collect().output


def test_the_same_file_twice_lands_once(state: State, collect: Collect) -> None:
    """Under another name it is refused with a report, in its own place it is just moved."""
    for name in ("one.csv", "one.csv", "two.csv"):
        put(state, f"{PERSON}/{name}", file_of())
        assert collect().exit_code == 0
    assert len(read_submissions(state)) == 1
    assert outcomes(state) == ["landed", "refused duplicate_file"]
    assert not list((state.inbox / PERSON).iterdir())


@pytest.mark.parametrize("order", [("RXX", "RYY"), ("RYY", "RXX")])
def test_attack_the_same_file_from_two_senders(
    state: State, collect: Collect, order: tuple[str, str]
) -> None:
    """Whoever comes first has it; the other one is told so, and so is the operator."""
    first, second = (f"landing-outpatient-appointment/{sender}" for sender in order)
    for place in (first, second):
        put(state, f"{place}/people.csv", file_of("outpatient_appointment"))
        output = collect().output
    assert [s.sender_organisation_code for s in read_submissions(state)] == [order[0]]
    assert f"refused   {second}/people.csv  " in output
    assert "duplicate_of_another_sender" in output
    (report,) = (state.inbox / ".reports").rglob("*.csv")
    assert report.parent == state.inbox / ".reports" / second
    assert "say so to the safe haven" in report.read_text()
    assert order[0] not in report.read_text()


def test_control_the_same_file_from_one_sender_twice_is_told_otherwise(
    state: State, collect: Collect
) -> None:
    for name in ("one.csv", "two.csv"):
        put(state, f"{PERSON}/{name}", file_of())
    assert "duplicate_of_another_sender" not in collect().output


def test_a_submission_that_was_taken_out_lands_again(state: State, collect: Collect) -> None:
    """The record alone is no landing: the operator removed the rows to have the file reloaded."""
    for _ in range(2):
        put(state, f"{PERSON}/people.csv", file_of())
        collect()
        (submission,) = read_submissions(state)
        landing_path(state, "submission", submission.submission_id).unlink()
    assert outcomes(state) == ["landed"]


def test_a_run_killed_before_the_move_is_put_right(state: State, collect: Collect) -> None:
    """No mailbox and no service: the record is missing or there, the file lands once."""
    put(state, f"{PERSON}/people.csv", file_of())
    program = (
        "import os, signal, sys\n"
        "from safe_haven.collect.folder import WatchedFolder\n"
        "WatchedFolder.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.argv = ['safe-haven', 'collect']\n"
        "from safe_haven.cli import main; main()\n"
    )
    environment = os.environ | {"SAFE_HAVEN_VAR": str(state.var)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(read_submissions(state)) == 1
    assert inbox(state) == [f"{PERSON}/people.csv"]
    collect()
    assert len(read_submissions(state)) == 1
    assert outcomes(state) == ["landed"]
    assert inbox(state) == [f".landed/{PERSON}/people.csv"]


def test_workflows_and_senders_can_be_listed(state: State, collect: Collect) -> None:
    """Then nothing else is taken: a layout's own name is no workflow any more."""
    config = {"workflows": {"PEOPLE": {"layout": "landing-person", "senders": {"keeper": "X26"}}}}
    (state.var / "collect.yml").write_text(yaml.safe_dump(config))
    put(state, "PEOPLE/keeper/one.csv", file_of(start=1))
    put(state, "PEOPLE/X26/two.csv", file_of(start=2))
    put(state, f"{PERSON}/three.csv", file_of(start=3))
    collect()
    assert [s.sender_organisation_code for s in read_submissions(state)] == ["X26"]
    assert outcomes(state) == ["landed", "refused sender_not_allowed", "refused unknown_workflow"]


@pytest.mark.parametrize(
    ("code", "outcome"), [("RXX", "refused sender_not_allowed"), ("X26", "landed")]
)
def test_a_listed_sender_does_not_send_a_register_that_it_does_not_keep(
    state: State, collect: Collect, code: str, outcome: str
) -> None:
    """What is listed here opens no register: its contract says who keeps it."""
    config = {"workflows": {"PEOPLE": {"layout": "landing-person", "senders": {"listed": code}}}}
    (state.var / "collect.yml").write_text(yaml.safe_dump(config))
    put(state, "PEOPLE/listed/one.csv", file_of())
    collect()
    assert outcomes(state) == [outcome]
