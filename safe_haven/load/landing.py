"""The landing folder: one Parquet file per submission and feed, and its envelope beside it.

`landing/<feed>/<submission_id>.parquet` holds the contract's columns as text, then
`submission_id` and `source_row`. `landing/submission/<submission_id>.parquet` holds the envelope.
Same input, same bytes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import ENVELOPE, contracts
from safe_haven.paths import State

SCHEMA_FILE = "_schema.parquet"
CHUNK = 1 << 20


@dataclass(frozen=True)
class Submission:
    """The envelope of one submission: every field is text, dates are ISO, as the contract says."""

    submission_id: str
    feed: str
    layout: str
    sender_organisation_code: str
    file_name: str
    file_sha256: str
    landed_sha256: str
    rows_received: str
    received_on: str
    extract_at: str
    test_indicator: str = "0"
    protocol: str = "net"
    period_start: str = ""
    period_end: str = ""
    bulk_replacement_group: str = ""
    applicable_at: str = ""
    prime_recipient_code: str = ""


def landing_schema(feed: str) -> pa.Schema:
    """The columns of a landing file: the contract's, as text, then what the loader adds."""
    columns = [pa.field(name, pa.string()) for name in contracts()[feed].column_names]
    if feed != ENVELOPE:
        columns += [pa.field("submission_id", pa.string()), pa.field("source_row", pa.int64())]
    return pa.schema(columns)


def landing_path(state: State, feed: str, submission_id: str) -> Path:
    """Where the rows (or, for feed `submission`, the envelope) of a submission lie."""
    return state.landing / feed / f"{submission_id}.parquet"


def ensure_landing(state: State) -> None:
    """Make each feed's folder and its zero-row file, so that an empty feed reads as no rows.

    A zero-row file of an older contract is replaced.
    """
    for feed in contracts():
        folder = state.landing / feed
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / SCHEMA_FILE
        schema = landing_schema(feed)
        if not path.exists() or not pq.read_schema(path).equals(schema):
            write_parquet(schema.empty_table(), path)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a whole file or nothing: to a temporary name, mode 0600, then renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        pq.write_table(table, temporary, compression="zstd")
        temporary.chmod(0o600)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def make_submission_id(layout: str, sha256: str, delivery: str = "") -> str:
    """The id of a submission: its layout and 16 hex digits of the hash of layout and file.

    `delivery` tells deliveries of the same bytes apart, where the protocol says that they differ.
    """
    text = f"{layout}\n{sha256}" + (f"\n{delivery}" if delivery else "")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{layout}-{digest[:16]}"


def register_submission(state: State, submission: Submission) -> Path:
    """Write the envelope, last of all: rows without an envelope are never read.

    Raises SafeHavenError where an envelope with that id exists.
    """
    path = landing_path(state, ENVELOPE, submission.submission_id)
    if path.exists():
        raise SafeHavenError(
            f"Submission {submission.submission_id} is registered already. To load it again, "
            f"remove {path} first."
        )
    row = {field.name: [getattr(submission, field.name)] for field in fields(Submission)}
    write_parquet(pa.table(row, schema=landing_schema(ENVELOPE)), path)
    return path


def read_submissions(state: State) -> list[Submission]:
    """Every registered envelope, in order of id."""
    folder = state.landing / ENVELOPE
    paths = (path for path in sorted(folder.glob("*.parquet")) if path.name != SCHEMA_FILE)
    names = [field.name for field in fields(Submission)]
    rows = (row for path in paths for row in pq.read_table(path).to_pylist())
    return [Submission(**{name: str(row.get(name) or "") for name in names}) for row in rows]


def landing_file_hashes(state: State, feeds: Iterable[str] | None = None) -> dict[str, str]:
    """SHA-256 by path relative to the landing folder, zero-row files left out, in order of path."""
    wanted = set(contracts() if feeds is None else feeds)
    paths = (
        path
        for path in sorted(state.landing.glob("*/*.parquet"))
        if path.name != SCHEMA_FILE and path.parent.name in wanted
    )
    return {str(path.relative_to(state.landing)): file_sha256(path) for path in paths}
