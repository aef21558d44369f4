"""Files made to break the collection: each is refused with a report, none stops others."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from inbox_folder import PERSON, outcomes, put
from mesh_post import NHS_NUMBER, file_of

from safe_haven.load import received
from safe_haven.load.landing import read_submissions
from safe_haven.load.received import COLUMNS_AT_MOST, LINE_AT_MOST
from safe_haven.paths import State

Collect = Callable[..., Result]
HEADER, ROW = file_of().splitlines()
WIDE = 3000


def wider(*names: bytes, value: bytes = b"") -> bytes:
    """A good file with further columns, which hold one value."""
    header = HEADER + b"".join(b"," + name for name in names)
    return header + b"\n" + ROW + (b"," + value) * len(names) + b"\n"


def refused(state: State, collect: Collect) -> str:
    """What the one refused sender is told, with a good file behind it that lands."""
    put(state, f"{PERSON}/zz-good.csv", file_of(start=1))
    result = collect()
    assert result.exit_code == 0, result.output
    assert outcomes(state) == ["landed", "refused file_refused"]
    assert len(read_submissions(state)) == 1
    (report,) = (state.inbox / ".reports").rglob("*.csv")
    (row,) = csv.DictReader(report.read_text().splitlines())
    assert NHS_NUMBER not in result.output + str(row)
    return row["what_to_do"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (wider(b"x" * LINE_AT_MOST), "row 1: the line is longer than"),
        (file_of() + b"x" * (LINE_AT_MOST + 1), "row 3: the line is longer than"),
        (b'"' + b"x" * 1000 + b"\n" + b"y" * 90_000 + b"\n" + b"z" * 90_000, "cannot be read"),
        (wider(b"extra", b"EXTRA"), "small and capital letters are the same"),
        (wider(HEADER.split(b",")[0].upper()), "small and capital letters are the same"),
        (wider(b"", value=b"x"), "columns without a name (column 11)"),
        (wider(b" ", b"", value=b" x"), "columns without a name (column 11, 12)"),
        (wider(b"a\0b"), "row 1: the line holds a NUL"),
        (file_of() + b"\0\n", "row 3: the line holds a NUL"),
        (wider(*(b"c%d" % n for n in range(WIDE))), f"more than {COLUMNS_AT_MOST:,} columns"),
        (b"\n\n" + HEADER + b"\n" + ROW + b"\n", "lacks 10 of 10 columns"),
    ],
)
def test_attack_content_that_breaks_the_reader(
    state: State, collect: Collect, content: bytes, told: str
) -> None:
    put(state, f"{PERSON}/aa-poison.csv", content)
    assert told in refused(state, collect)


@pytest.mark.parametrize("content", [wider(b""), wider(b" ", b"", value=b" ")])
def test_control_columns_without_a_name_or_a_value_land(
    state: State, collect: Collect, content: bytes
) -> None:
    """A spreadsheet leaves such columns behind; nothing is lost with them."""
    put(state, f"{PERSON}/wide.csv", content)
    assert collect().exit_code == 0
    assert [s.rows_received for s in read_submissions(state)] == ["1"]


@pytest.mark.parametrize("rows", [1, 3])
def test_control_as_many_columns_as_are_allowed_land(
    state: State, collect: Collect, rows: int
) -> None:
    """A wide file is no attack, and lines are counted in it too."""
    more = COLUMNS_AT_MOST - len(HEADER.split(b","))
    lines = [HEADER + b"".join(b",c%d" % n for n in range(more)), *[ROW + b"," * more] * rows]
    put(state, f"{PERSON}/wide.csv", b"\n".join(lines))
    assert collect().exit_code == 0
    assert [s.rows_received for s in read_submissions(state)] == [str(rows)]


@pytest.mark.parametrize(
    ("envelope", "told"),
    [
        ("[" * 5000, "cannot be read"),
        ("{a: " * 2000, "cannot be read"),
        ("protocol: net\n" + "# more\n" * 10_000, "is longer than"),
        ("? [a, b]\n: c\n", "cannot be read"),
    ],
)
def test_attack_envelope_that_breaks_the_reader(
    state: State, collect: Collect, envelope: str, told: str
) -> None:
    put(state, f"{PERSON}/aa-poison.csv.yml", envelope)
    put(state, f"{PERSON}/aa-poison.csv", file_of())
    assert told in refused(state, collect)


def bomb(state: State) -> None:
    """A compressed file a thousandth of the size of what it holds, with a good header."""
    rows = (ROW + b"\n") * 80_000
    put(state, f"{PERSON}/aa-poison.csv.gz", gzip.compress(HEADER + b"\n" + rows))


def test_attack_compressed_file_without_an_end(
    state: State, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not unpacked any further than to the limit."""
    monkeypatch.setattr(received, "UNPACKED_AT_MOST", 1 << 20)
    monkeypatch.setattr(received, "CHUNK", 1 << 16)
    seen: list[int] = []
    count = received.LineCounter.read
    monkeypatch.setattr(
        received.LineCounter,
        "read",
        lambda self, text: seen.append(len(text)) or count(self, text),
    )
    bomb(state)
    assert "unpacks to more than" in refused(state, collect)
    good = len(file_of(start=1))
    assert sum(seen) - good <= 1 << 20


def test_control_with_a_higher_limit_all_of_it_is_unpacked(state: State, collect: Collect) -> None:
    bomb(state)
    assert collect().exit_code == 0
    assert [s.rows_received for s in read_submissions(state)] == ["80000"]


def test_an_unforeseen_error_of_the_content_is_a_refusal(
    state: State, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the next poison is: it is told by its kind, never by its text."""

    def broken(path: Path, *_: object) -> None:
        raise ValueError(f"unforeseen, {NHS_NUMBER}")

    monkeypatch.setattr("safe_haven.load.loader.read_header", broken)
    put(state, f"{PERSON}/people.csv", file_of())
    assert collect().exit_code == 0
    assert outcomes(state) == ["refused file_refused"]
    (report,) = (state.inbox / ".reports").rglob("*.csv")
    assert "people.csv cannot be read (ValueError)" in report.read_text()
    assert NHS_NUMBER not in report.read_text()


NAMES = [
    b"\x1b[2Jclear.csv",
    b"line\nbreak.csv",
    b"=HYPERLINK(1).csv",
    b"\xff\xfe.csv",
    "right‮to left.csv".encode(),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("good", [True, False])
def test_attack_name_of_a_file(state: State, collect: Collect, name: bytes, good: bool) -> None:
    """On the screen and in reports it is escaped; the file is dealt with like any other."""
    folder = state.inbox / PERSON
    folder.mkdir(parents=True)
    path = os.path.join(os.fsencode(folder), name)
    Path(os.fsdecode(path)).write_bytes(file_of() if good else file_of() + b"x\n")
    os.utime(path, (0, 0))
    result = collect()
    assert result.exit_code == 0, result.output
    assert outcomes(state) == ["landed" if good else "refused file_refused"]
    reports = [path.read_text() for path in (state.inbox / ".reports").rglob("*.csv")]
    assert len(reports) == (not good)
    lines = [result.output, *(line for report in reports for line in report.split("\n"))]
    for line in lines:
        assert line.isascii() and line.replace("\n", "").isprintable()
    cells = [
        cell for report in reports for row in csv.reader([*report.split("\n")]) for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith("=")]
    assert result.output.count("\n") == 2
    assert [s.file_name.isprintable() for s in read_submissions(state)] == [True] * good


def test_a_file_that_is_taken_away_meanwhile_stops_nothing(
    state: State, collect: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the list of files and their day of writing."""
    gone = put(state, f"{PERSON}/aa-gone.csv", file_of())
    put(state, f"{PERSON}/people.csv", file_of(start=1))
    is_file = Path.is_file

    def seen_then_gone(path: Path) -> bool:
        known = is_file(path)
        if path == gone:
            gone.unlink(missing_ok=True)
        return known

    monkeypatch.setattr(Path, "is_file", seen_then_gone)
    assert collect().exit_code == 0
    assert outcomes(state) == ["landed"]
