"""A file that cannot be trusted is refused as a whole: clear message, exit 2, nothing written."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from load_files import GOOD_PERSON, NHS_NUMBER, OTHER_NHS_NUMBER, nothing_landed

from safe_haven import cli
from safe_haven.errors import SafeHavenError
from safe_haven.load import received
from safe_haven.load.contract import contracts
from safe_haven.load.loader import load_file
from safe_haven.load.protocol import Facts
from safe_haven.paths import State

HEADER = ",".join(contracts()["person"].column_names)
WIDTH = len(contracts()["person"].column_names)
GOOD_LINE = NHS_NUMBER + ",,,,1970-01-01" + "," * (WIDTH - 5)


def refused(state: State, path: Path, layout: str = "landing-person") -> str:
    """The message of a load that is refused; nothing is written and no value is shown."""
    with pytest.raises(SafeHavenError) as caught:
        load_file(state, layout, path, sender="X26")
    message = str(caught.value)
    assert nothing_landed(state)
    assert NHS_NUMBER not in message
    return message


def test_control_a_good_file_is_loaded(state: State, tmp_path: Path) -> None:
    """The files below differ from this one by their fault alone."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER}\n{GOOD_LINE}\n", encoding="utf-8")
    assert load_file(state, "landing-person", path, sender="X26").submission.rows_received == "1"
    assert not nothing_landed(state)


def test_missing_file(state: State, tmp_path: Path) -> None:
    """The path is named."""
    assert "There is no file" in refused(state, tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n\n", "holds no text"),
        (HEADER.encode() + b"\n", "has a header and no rows"),
        (HEADER.encode(), "has a header and no rows"),
    ],
)
def test_empty_file(state: State, tmp_path: Path, content: bytes, reason: str) -> None:
    """No bytes, no text, no rows."""
    path = tmp_path / "person.csv"
    path.write_bytes(content)
    assert reason in refused(state, path)


def test_missing_column_is_named(state: State, tmp_path: Path) -> None:
    """A column that the layout needs is not in the header."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER.replace('postcode', 'post_code')}\n{GOOD_LINE}\n", encoding="utf-8")
    message = refused(state, path)
    assert "person.csv lacks 1 of 10 columns" in message
    assert "postcode" in message


def test_missing_column_of_a_mapped_layout(state: State, tmp_path: Path) -> None:
    """The file's own word for the column is named, not the contract's."""
    path = tmp_path / "hes.csv"
    path.write_text("EPIKEY,SEX\n1,1\n", encoding="utf-8")
    message = refused(state, path, "hes-apc")
    assert "PSEUDO_HESID" in message
    assert "EPIKEY" not in message


def test_column_that_stands_twice(state: State, tmp_path: Path) -> None:
    """Nobody can say which is meant."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER},sex\n{GOOD_LINE},1\n", encoding="utf-8")
    assert "stand more than once: sex" in refused(state, path)


def test_a_column_that_nobody_knows_is_not_named(state: State, tmp_path: Path) -> None:
    """It could be a value."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER},{OTHER_NHS_NUMBER},{OTHER_NHS_NUMBER}\n", encoding="utf-8")
    message = refused(state, path)
    assert "stand more than once: unknown ones" in message
    assert OTHER_NHS_NUMBER not in message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{OTHER_NHS_NUMBER},x", "row 3: too few values"),
        (GOOD_LINE + ",x", "row 3: too many values"),
        (GOOD_LINE[:-1] + ',"open', "row 3: a quotation mark that is not closed"),
    ],
)
def test_ragged_row_is_named(state: State, tmp_path: Path, line: str, reason: str) -> None:
    """A row that does not fit the header stops the file: its values may be in wrong columns."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER}\n{GOOD_LINE}\n{line}\n{GOOD_LINE}\n", encoding="utf-8")
    message = refused(state, path)
    assert reason in message
    assert OTHER_NHS_NUMBER not in message


def test_many_ragged_rows_are_counted(state: State, tmp_path: Path) -> None:
    """The first five are named, all are counted."""
    path = tmp_path / "person.csv"
    path.write_text("\n".join([HEADER, *["a,b"] * 7]) + "\n", encoding="utf-8")
    message = refused(state, path)
    assert "has 7 rows" in message
    assert "row 6: too few values; and 2 more" in message


def test_empty_line_is_named(state: State, tmp_path: Path) -> None:
    """A reader that skips it would number every later row wrongly and hide a lost row."""
    path = tmp_path / "person.csv"
    path.write_text(f"{HEADER}\n{GOOD_LINE}\n\n{GOOD_LINE}\n", encoding="utf-8")
    assert "row 3: the line is empty" in refused(state, path)


def test_lines_are_counted_however_the_text_is_cut() -> None:
    """Every text of up to six letters, empty lines at any place, in every two pieces."""
    for length in range(1, 7):
        for letters in itertools.product("a\n", repeat=length):
            text = "".join(letters)
            lines = text.split("\n")
            last = max((at for at, line in enumerate(lines, 1) if line), default=0)
            empty = next((at for at, line in enumerate(lines, 1) if not line and at < last), None)
            for cut in range(length):
                counter = received.LineCounter()
                counter.read(text[:cut])
                counter.read(text[cut:])
                assert (counter.last_line, counter.first_empty_line) == (last, empty)
                assert (counter.number, counter.length) == (len(lines), len(lines[-1]))


@pytest.mark.parametrize("chunk", [7, 1 << 20])
def test_a_line_is_too_long_however_the_file_is_cut(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """One letter more than the header has; control: as many are allowed."""
    monkeypatch.setattr(received, "CHUNK", chunk)
    monkeypatch.setattr(received, "LINE_AT_MOST", len(HEADER))
    path = tmp_path / "person.csv"
    line = GOOD_LINE + "x" * (len(HEADER) - len(GOOD_LINE))
    path.write_text(f"{HEADER}\n{line}x\n", encoding="utf-8")
    assert "row 2: the line is longer than" in refused(state, path)
    path.write_text(f"{HEADER}\n{line}\n", encoding="utf-8")
    assert load_file(state, "landing-person", path, sender="X26").submission.rows_received == "1"


def test_truncated_gzip(state: State, tmp_path: Path) -> None:
    """Half a compressed file holds whole rows; none of them is taken."""
    whole = gzip.compress(f"{HEADER}\n{f'{GOOD_LINE}{chr(10)}' * 500}".encode())
    path = tmp_path / "person.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    assert "is cut off" in refused(state, path)


def test_damaged_gzip(state: State, tmp_path: Path) -> None:
    """One byte changed, found by the checksum or by the format."""
    whole = bytearray(gzip.compress(f"{HEADER}\n{GOOD_LINE}\n".encode()))
    whole[-6] ^= 0xFF
    path = tmp_path / "person.csv.gz"
    path.write_bytes(whole)
    assert "is not a sound gzip file" in refused(state, path)


def test_text_called_gzip(state: State, tmp_path: Path) -> None:
    """Compression goes by the extension."""
    path = tmp_path / "person.csv.gz"
    path.write_text(f"{HEADER}\n{GOOD_LINE}\n", encoding="utf-8")
    assert "is not a sound gzip file" in refused(state, path)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_latin_1_bytes(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Row and byte are named however the file is cut into pieces."""
    monkeypatch.setattr(received, "CHUNK", chunk)
    before = f"{HEADER}\n{GOOD_LINE}\n{NHS_NUMBER},,Zo".encode()
    good_umlaut = "Zoë".encode()
    path = tmp_path / "person.csv"
    path.write_bytes(before.replace(b"1970-01-01", good_umlaut) + b"\xeb,,1970-01-01,,,,,\n")
    offset = len(before.replace(b"1970-01-01", good_umlaut))
    message = refused(state, path)
    assert f"row 3, byte {offset}: the file is not UTF-8" in message
    assert "encoding: latin-1" in message


def test_utf_8_cut_in_the_middle_of_a_letter(state: State, tmp_path: Path) -> None:
    """The last byte of a letter is missing at the end of the file."""
    path = tmp_path / "person.csv"
    path.write_bytes(f"{HEADER}\n{GOOD_LINE}\n".encode() + b"x\xc3")
    assert "row 3, byte" in refused(state, path)


def test_duplicate_submission(state: State, person_csv: Callable[..., Path]) -> None:
    """The same bytes under another name; the earlier submission is named and stays as it was."""
    first = load_file(state, "landing-person", person_csv(GOOD_PERSON), sender="X26")
    before = sorted(state.landing.rglob("*.parquet"))
    again = person_csv(GOOD_PERSON, name="again.csv")
    with pytest.raises(SafeHavenError) as caught:
        load_file(state, "landing-person", again, sender="X26", received_on="2026-05-01")
    assert first.submission.submission_id in str(caught.value)
    assert "again.csv was loaded before" in str(caught.value)
    assert sorted(state.landing.rglob("*.parquet")) == before


def test_corrected_file_is_not_a_duplicate(state: State, person_csv: Callable[..., Path]) -> None:
    """Control: one changed value makes it another submission."""
    load_file(state, "landing-person", person_csv(GOOD_PERSON), sender="X26")
    corrected = person_csv(GOOD_PERSON | {"sex": "2"})
    load_file(state, "landing-person", corrected, sender="X26", received_on="2026-05-01")
    assert len(list((state.landing / "person").glob("landing-person-*.parquet"))) == 2


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "say who sent the file"),
        ({"sender": "rx"}, "not an organisation code"),
        ({"sender": "X26", "received_on": "01/04/2026"}, "received_on is not a day"),
    ],
)
def test_wrong_options(
    state: State, person_csv: Callable[..., Path], options: dict[str, str], reason: str
) -> None:
    """Who sent it and when are part of the submission."""
    with pytest.raises(SafeHavenError, match=reason):
        load_file(state, "landing-person", person_csv(GOOD_PERSON), **options)
    assert nothing_landed(state)


@pytest.mark.parametrize("feed", ["person", "objection", "gp_registration", "ods_organisation"])
def test_a_register_is_loaded_from_its_keeper_alone(
    state: State, tmp_path: Path, feed: str
) -> None:
    """Else whoever may send a file could end an objection or clear a person's sensitive flag."""
    layout = f"landing-{feed.replace('_', '-')}"
    columns = contracts()[feed].column_names
    path = tmp_path / "register.csv"
    path.write_text(f"{','.join(columns)}\n{','.join('1' for _ in columns)}\n", encoding="utf-8")
    facts = Facts(extract_at="2026-03-31")
    with pytest.raises(SafeHavenError, match=f"RXX may not send {feed}: it is taken from X26"):
        load_file(state, layout, path, sender="RXX", facts=facts)
    assert nothing_landed(state)
    assert load_file(state, layout, path, sender="X26", facts=facts)


def test_command_exits_2_with_the_message(
    state: State,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole way through the command line."""
    path = tmp_path / "person.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    arguments = ["safe-haven", "load", "landing-person", str(path), "--sender", "X26"]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    assert "person.csv lacks 10 of 10 columns" in capsys.readouterr().err
    assert nothing_landed(state)


def test_command_shows_what_was_loaded(state: State, person_csv: Callable[..., Path]) -> None:
    """Control: a good file, and how to see what the build makes of it."""
    arguments = ["load", "landing-person", str(person_csv(GOOD_PERSON)), "--sender", "X26"]
    result = CliRunner().invoke(cli.cli, arguments)
    assert result.exit_code == 0
    assert "rows received" in result.output
    assert "stg_error_report" in result.output
    assert NHS_NUMBER not in result.output
