"""What lands: every row, every value as sent, the line it came from, the same bytes each time."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from load_files import GOOD_PERSON, NHS_NUMBER, OTHER_NHS_NUMBER

from safe_haven.errors import SafeHavenError
from safe_haven.load import received
from safe_haven.load.contract import contracts
from safe_haven.load.landing import (
    SCHEMA_FILE,
    ensure_landing,
    file_sha256,
    landing_file_hashes,
    landing_schema,
    make_submission_id,
    read_submissions,
    register_submission,
    write_parquet,
)
from safe_haven.load.loader import Loaded, default_received_on, load_file
from safe_haven.load.mapping import find_mapping
from safe_haven.load.received import decode_file, read_header, read_rows
from safe_haven.paths import State
from safe_haven.plugin import offer_landing


def load(state: State, path: Path, **options: str) -> Loaded:
    """Load a person file from sender X26."""
    return load_file(state, "landing-person", path, sender="X26", **options)


def landed(loaded: Loaded) -> list[dict[str, object]]:
    """The landed rows."""
    return pq.read_table(loaded.landing_file).to_pylist()


def test_values_land_as_sent(state: State, person_csv: Callable[..., Path]) -> None:
    """Text stays text: no type is guessed, missing is empty, leading zeros stay."""
    loaded = load(state, person_csv(GOOD_PERSON | {"address_line": "007", "sex": " 1 "}))
    (row,) = landed(loaded)
    assert row["nhs_number"] == NHS_NUMBER
    assert row["address_line"] == "007"
    assert row["sex"] == "1"
    assert row["family_name"] == ""
    assert row["source_row"] == 2
    assert row["submission_id"] == loaded.submission.submission_id
    assert pq.read_schema(loaded.landing_file).equals(landing_schema("person"))


def test_rows_that_break_the_contract_still_land(
    state: State, person_csv: Callable[..., Path]
) -> None:
    """A wrong value refuses its row in the build, not the file: nothing else is lost."""
    rows = [GOOD_PERSON, {"nhs_number": "x", "date_of_birth": "1/1/70"}, {"sex": "7"}]
    loaded = load(state, person_csv(*rows))
    assert [row["source_row"] for row in landed(loaded)] == [2, 3, 4]
    assert landed(loaded)[1]["date_of_birth"] == "1/1/70"


def test_envelope(state: State, person_csv: Callable[..., Path]) -> None:
    """The envelope says what came in, and hashes both files."""
    path = person_csv(GOOD_PERSON, GOOD_PERSON | {"nhs_number": OTHER_NHS_NUMBER})
    loaded = load(state, path, received_on="2026-04-02")
    (submission,) = read_submissions(state)
    assert submission == loaded.submission
    assert submission.submission_id == make_submission_id("landing-person", file_sha256(path))
    assert submission.landed_sha256 == file_sha256(loaded.landing_file)
    assert submission.file_sha256 == file_sha256(path)
    assert submission.rows_received == "2"
    assert submission.received_on == "2026-04-02"
    assert submission.extract_at == "2026-04-02 00:00:00"
    assert submission.test_indicator == "0"
    assert submission.protocol == "net"


def test_received_on_is_given_never_read_from_a_clock(
    state: State, person_csv: Callable[..., Path]
) -> None:
    """Without --received-on it is the project's release date."""
    assert load(state, person_csv(GOOD_PERSON)).submission.received_on == default_received_on()


def test_test_file_is_marked(state: State, person_csv: Callable[..., Path]) -> None:
    """The build counts it and drops it."""
    loaded = load_file(
        state, "landing-person", person_csv(GOOD_PERSON), sender="X26", test_file=True
    )
    assert loaded.submission.test_indicator == "1"


def test_same_file_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, person_csv: Callable[..., Path]
) -> None:
    """Two empty state folders, one file: equal landing files and envelopes."""
    rows = [GOOD_PERSON | {"address_line": f"{n} High Street"} for n in range(5000)]
    path = person_csv(*rows)
    hashes = []
    for name in ("one", "two"):
        monkeypatch.setenv("SAFE_HAVEN_VAR", str(tmp_path / name))
        state = State.from_environment()
        load(state, path)
        hashes.append(landing_file_hashes(state))
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 2


def test_many_rows_keep_their_order_and_line(state: State, person_csv: Callable[..., Path]) -> None:
    """A parallel reader must not shuffle rows or lines."""
    rows = [GOOD_PERSON | {"address_line": str(n)} for n in range(60_000)]
    table = pq.read_table(load(state, person_csv(*rows)).landing_file)
    assert table.column("source_row").to_pylist() == list(range(2, 60_002))
    assert table.column("address_line").to_pylist() == [str(n) for n in range(60_000)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_source_row_is_the_line_of_the_file(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, chunk: int
) -> None:
    """A value with line breaks moves the rows after it, whatever the line ends are."""
    monkeypatch.setattr(received, "CHUNK", chunk)
    header = ",".join(contracts()["person"].column_names)
    lines = [
        header,
        f"{NHS_NUMBER},,A,,1970-01-01,,,,,",
        f'{NHS_NUMBER},,B,,1970-01-01,,"1 High Street',
        "",
        'Town",,,',
        f"{NHS_NUMBER},,C,,1970-01-01,,,,,",
    ]
    path = tmp_path / "person.csv"
    path.write_bytes(end.join([*lines, "", ""]).encode())
    rows = landed(load(state, path))
    assert [(row["family_name"], row["source_row"]) for row in rows] == [
        ("A", 2),
        ("B", 3),
        ("C", 6),
    ]
    assert rows[1]["address_line"] == "1 High Street\n\nTown"


def test_gzip_and_byte_order_mark(state: State, tmp_path: Path) -> None:
    """A compressed file that begins with a byte order mark, as spreadsheets write it."""
    header = ",".join(contracts()["person"].column_names)
    path = tmp_path / "person.csv.gz"
    text = f"{header}\n{NHS_NUMBER},,Zoë,,1970-01-01,,,,,\n"
    path.write_bytes(gzip.compress(text.encode("utf-8-sig"), mtime=0))
    (row,) = landed(load(state, path))
    assert (row["nhs_number"], row["family_name"]) == (NHS_NUMBER, "Zoë")


def test_latin_1_mapping_reads_latin_1(state: State, tmp_path: Path) -> None:
    """Control of the refusal: the mapping says latin-1, and the letter is right."""
    header = ",".join(contracts()["person"].column_names)
    path = tmp_path / "person.csv"
    path.write_bytes(f"{header}\n{NHS_NUMBER},,Zoë,,1970-01-01,,,,,\n".encode("latin-1"))
    mapping = replace(find_mapping("landing-person"), encoding="latin-1")
    text = decode_file(path, mapping.encoding, tmp_path / "decoded.csv")
    columns = read_header(tmp_path / "decoded.csv", path.name, mapping)
    rows = read_rows(tmp_path / "decoded.csv", text, path.name, mapping, columns)
    assert rows.column("family_name").to_pylist() == ["Zoë"]


def test_other_columns_and_order_are_allowed(state: State, tmp_path: Path) -> None:
    """Columns are found by name; one that nobody asked for is named and not kept."""
    columns = [*reversed(contracts()["person"].column_names), "shoe_size"]
    values = dict.fromkeys(columns, "") | GOOD_PERSON | {"shoe_size": "44"}
    path = tmp_path / "person.csv"
    path.write_text(
        f"{','.join(columns)}\n{','.join(values[c] for c in columns)}\n", encoding="utf-8"
    )
    loaded = load(state, path)
    assert loaded.unexpected == ("shoe_size",)
    (row,) = landed(loaded)
    assert row["nhs_number"] == NHS_NUMBER
    assert "shoe_size" not in row


def test_landing_is_private(state: State, person_csv: Callable[..., Path]) -> None:
    """Only the owner reads what landed, and no decoded copy is left behind."""
    loaded = load(state, person_csv(GOOD_PERSON))
    assert loaded.landing_file.stat().st_mode & 0o777 == 0o600
    assert loaded.landing_file.parent.stat().st_mode & 0o777 == 0o700
    assert list(state.landing.glob(".incoming-*")) == []


def test_what_a_killed_load_left_is_no_feed_and_is_removed(
    state: State, person_csv: Callable[..., Path]
) -> None:
    """A build reads past the decoded copy of a load that was killed; the next load removes it."""
    ensure_landing(state)
    left = state.landing / ".incoming-killed"
    left.mkdir()
    (left / "decoded.csv").write_text(f"nhs_number\n{NHS_NUMBER}\n", encoding="utf-8")
    with duckdb.connect() as connection:
        offer_landing(connection, state)
        views = connection.execute("select view_name from duckdb_views() where not internal")
        assert {name for (name,) in views.fetchall()} == set(contracts())
    load(state, person_csv(GOOD_PERSON))
    assert not left.exists()


def test_every_feed_has_a_zero_row_file(state: State) -> None:
    """A feed without submissions reads as zero rows, and a second run changes nothing."""
    ensure_landing(state)
    for feed in contracts():
        table = pq.read_table(state.landing / feed / SCHEMA_FILE)
        assert table.num_rows == 0
        assert table.schema.equals(landing_schema(feed))
    before = {path: path.stat().st_mtime_ns for path in state.landing.rglob(SCHEMA_FILE)}
    ensure_landing(state)
    assert before == {path: path.stat().st_mtime_ns for path in state.landing.rglob(SCHEMA_FILE)}


def test_zero_row_file_of_an_older_contract_is_replaced(state: State) -> None:
    """A column added to a contract is there at the next start."""
    ensure_landing(state)
    path = state.landing / "person" / SCHEMA_FILE
    write_parquet(pa.schema([("nhs_number", pa.string())]).empty_table(), path)
    ensure_landing(state)
    assert pq.read_schema(path).equals(landing_schema("person"))


def test_a_submission_is_registered_once(state: State, person_csv: Callable[..., Path]) -> None:
    """An envelope is never overwritten."""
    submission = load(state, person_csv(GOOD_PERSON)).submission
    with pytest.raises(SafeHavenError, match="registered already"):
        register_submission(state, submission)
