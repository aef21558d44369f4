"""What a sender says about a file under the submission protocol: taken, or refused as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from load_files import nothing_landed

from safe_haven import cli
from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import contracts
from safe_haven.load.landing import read_submissions
from safe_haven.load.loader import Loaded, load_file
from safe_haven.load.protocol import Facts, read_facts
from safe_haven.paths import State

LAYOUT = "landing-outpatient-appointment"
COLUMNS = contracts()["outpatient_appointment"].column_names
ROW = {
    "cds_unique_identifier": "C1",
    "provider_code": "RXX",
    "appointment_date": "2026-03-05",
    "attendance_status": "5",
}
BULK = Facts(
    protocol="bulk",
    bulk_replacement_group="060",
    period_start="2026-03-01",
    period_end="2026-03-31",
    extract_at="2026-04-15T02:00:00",
)


def csv_file(folder: Path, *rows: dict[str, str], name: str = "op.csv") -> Path:
    """A file in the feed's own layout."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(row.get(column, "") for column in COLUMNS) for row in rows]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(state: State, path: Path, facts: Facts | None = None, sender: str = "RXX") -> Loaded:
    return load_file(state, LAYOUT, path, "2026-04-20", sender, facts=facts)


def changed(**facts: str) -> Facts:
    return Facts(**{**BULK.__dict__, **facts})


def test_control_a_plain_file_is_net_change(state: State, tmp_path: Path) -> None:
    submission = load(state, csv_file(tmp_path, ROW)).submission
    assert submission.protocol == "net"
    assert submission.extract_at == "2026-04-20 00:00:00"
    assert submission.bulk_replacement_group == submission.applicable_at == ""


def test_a_bulk_file_says_what_it_replaces(state: State, tmp_path: Path) -> None:
    load(state, csv_file(tmp_path, ROW), changed(prime_recipient_code="QOP"))
    (envelope,) = read_submissions(state)
    assert (envelope.protocol, envelope.bulk_replacement_group) == ("bulk", "060")
    assert (envelope.period_start, envelope.period_end) == ("2026-03-01", "2026-03-31")
    assert (envelope.extract_at, envelope.received_on) == ("2026-04-15 02:00:00", "2026-04-20")
    assert envelope.prime_recipient_code == "QOP"


def test_an_empty_bulk_file_is_a_submission(state: State, tmp_path: Path) -> None:
    assert load(state, csv_file(tmp_path), BULK).submission.rows_received == "0"


def test_an_empty_net_file_is_refused(state: State, tmp_path: Path) -> None:
    with pytest.raises(SafeHavenError, match="Only a bulk file without rows says something"):
        load(state, csv_file(tmp_path))
    assert nothing_landed(state)


def test_two_empty_bulk_files_differ_by_window_sender_and_extract(
    state: State, tmp_path: Path
) -> None:
    path = csv_file(tmp_path)
    load(state, path, BULK)
    load(state, path, changed(period_end="2026-03-30"))
    load(state, path, changed(extract_at="2026-04-16T02:00:00"))
    load(state, path, BULK, sender="RYY")
    assert len({s.submission_id for s in read_submissions(state)}) == 4
    with pytest.raises(SafeHavenError, match="was loaded before"):
        load(state, path, BULK)


def test_a_window_can_be_sent_again_after_a_correction(state: State, tmp_path: Path) -> None:
    """The same bytes with a later extract are another delivery: they restore what they held."""
    path = csv_file(tmp_path, ROW)
    first = load(state, path, BULK).submission
    again = load(state, path, changed(extract_at="2026-04-19T02:00:00")).submission
    assert first.submission_id != again.submission_id
    assert first.file_sha256 == again.file_sha256


def test_a_plain_file_sent_twice_is_still_a_duplicate(state: State, tmp_path: Path) -> None:
    load(state, csv_file(tmp_path, ROW))
    with pytest.raises(SafeHavenError, match="was loaded before"):
        load(state, csv_file(tmp_path, ROW, name="again.csv"))


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (changed(bulk_replacement_group=""), "say 060 as bulk_replacement_group"),
        (changed(bulk_replacement_group="010"), "say 060 as bulk_replacement_group"),
        (changed(period_start=""), "say period_start and period_end"),
        (changed(period_end="31/03/2026"), "period_end is not a day"),
        (changed(period_end="2026-02-28"), "before it starts"),
        (changed(period_start="2025-03-30"), "longer than a year"),
        (changed(extract_at=""), "say extract_at"),
        (changed(extract_at="yesterday"), "extract_at is not a local time"),
        (changed(extract_at="2026-04-15T02:00:00+00:00"), "is not a local time"),
        (changed(extract_at="2026-04-21"), "after the day of receipt"),
        (Facts(applicable_at="2026-04-21"), "after the day of receipt"),
        (Facts(bulk_replacement_group="060"), "A net file has no bulk replacement group"),
        (changed(protocol="020"), "The protocol is unknown"),
    ],
)
def test_facts_that_cannot_be_right_are_refused(
    state: State, tmp_path: Path, facts: Facts, reason: str
) -> None:
    """Senders read these messages too, and have no command line: no option is named."""
    with pytest.raises(SafeHavenError, match=reason) as caught:
        load(state, csv_file(tmp_path, ROW), facts)
    assert "--" not in str(caught.value)
    assert nothing_landed(state)


@pytest.mark.parametrize(
    ("layout", "options", "named"),
    [
        (LAYOUT, "--protocol=bulk", "--bulk-group"),
        (LAYOUT, "--protocol=bulk --bulk-group=060", "--period-start and --period-end"),
        (
            LAYOUT,
            "--protocol=bulk --bulk-group=060 --period-start=2026-03-01 --period-end=2026-03-31",
            "--extract-at",
        ),
        ("ods-etr", "", "--vintage"),
    ],
)
def test_who_has_a_command_line_is_told_the_option(
    state: State, tmp_path: Path, layout: str, options: str, named: str
) -> None:
    """Beside what a sender is told, which names none."""
    arguments = ["load", layout, str(csv_file(tmp_path, ROW)), "--sender=X26", *options.split()]
    result = CliRunner().invoke(cli.cli, arguments)
    assert str(result.exception).endswith(f"On the command line: {named}.")


def test_a_feed_without_the_protocol_takes_net_files_only(state: State, tmp_path: Path) -> None:
    columns = contracts()["person"].column_names
    path = tmp_path / "person.csv"
    path.write_text(f"{','.join(columns)}\n{','.join('x' for _ in columns)}\n", encoding="utf-8")
    with pytest.raises(SafeHavenError, match="feed person takes net files only"):
        load_file(state, "landing-person", path, "2026-04-20", "X26", facts=BULK)


def test_the_facts_can_stand_in_a_file(state: State, tmp_path: Path) -> None:
    envelope = tmp_path / "op.yml"
    envelope.write_text(
        "protocol: bulk\nbulk_replacement_group: '060'\nperiod_start: 2026-03-01\n"
        "period_end: 2026-03-31\nextract_at: 2026-04-15 02:00:00\n",
        encoding="utf-8",
    )
    assert read_facts({}, envelope) == changed(extract_at="2026-04-15T02:00:00")
    arguments = ["load", LAYOUT, str(csv_file(tmp_path, ROW)), "--sender", "RXX"]
    arguments += ["--received-on", "2026-04-20", "--envelope", str(envelope)]
    result = CliRunner().invoke(cli.cli, arguments, catch_exceptions=False)
    assert "group 060, 2026-03-01 to 2026-03-31" in result.output
    assert read_submissions(state)[0].protocol == "bulk"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("bulk_replacement_group: 060\n", "as text, in quotes"),
        ("window: march\n", "is not one `name: value` a line"),
        ("- protocol\n", "is not one `name: value` a line"),
        ("protocol: net\n", "say different things of protocol"),
    ],
)
def test_a_file_of_facts_that_is_none_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    envelope = tmp_path / "op.yml"
    envelope.write_text(text, encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_facts({"protocol": "bulk"}, envelope)


def test_every_option_reaches_the_envelope(state: State, tmp_path: Path) -> None:
    arguments = ["load", LAYOUT, str(csv_file(tmp_path, ROW)), "--sender", "RXX"]
    arguments += ["--received-on", "2026-04-20", "--protocol", "net"]
    arguments += ["--period-start", "2026-03-01", "--period-end", "2026-03-31"]
    arguments += ["--extract-at", "2026-04-15", "--applicable-at", "2026-04-14T09:30"]
    arguments += ["--prime-recipient", "QOP"]
    assert CliRunner().invoke(cli.cli, arguments).exit_code == 0
    (envelope,) = read_submissions(state)
    assert (envelope.extract_at, envelope.applicable_at) == (
        "2026-04-15 00:00:00",
        "2026-04-14 09:30:00",
    )
    assert (envelope.period_start, envelope.prime_recipient_code) == ("2026-03-01", "QOP")
