"""One file becomes one submission: file transformation here, contract and rules in the build."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from safe_haven.errors import FactError, SafeHavenError, shown
from safe_haven.load.contract import ORGANISATION_CODE
from safe_haven.load.landing import (
    Submission,
    ensure_landing,
    file_sha256,
    landing_path,
    landing_schema,
    make_submission_id,
    read_submissions,
    register_submission,
    write_parquet,
)
from safe_haven.load.mapping import Mapping, find_mapping
from safe_haven.load.protocol import Facts, checked, iso_day
from safe_haven.load.received import decode_file, read_header, read_rows, refused_if_unreadable
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.zones import writer_lock


class DuplicateFileError(SafeHavenError):
    """The file was loaded before, as the submission `earlier`."""

    def __init__(self, file_name: str, earlier: Submission) -> None:
        """Say which submission it was."""
        self.earlier = earlier
        super().__init__(
            f"{shown(file_name)} was loaded before: submission {earlier.submission_id}, file "
            f"{earlier.file_name}, sent by {earlier.sender_organisation_code}, received on "
            f"{earlier.received_on}. Nothing was loaded; if the sender meant a correction, ask for "
            f"the corrected file."
        )


@dataclass(frozen=True)
class Loaded:
    """What a load did: the envelope, and the columns of the file that no one asked for."""

    submission: Submission
    landing_file: Path
    columns_received: int
    columns_kept: int
    unexpected: tuple[str, ...]


def default_received_on(project_file: Path = PROJECT_ROOT / "dbt_project.yml") -> str:
    """The release date of the project: a load never asks the clock."""
    project = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    return str(project["vars"]["release_date"])


def load_file(
    state: State,
    layout: str,
    path: Path,
    received_on: str | None = None,
    sender: str | None = None,
    test_file: bool = False,
    facts: Facts | None = None,
    holds_lock: bool = False,
) -> Loaded:
    """Load one file; all of it or, with a SafeHavenError, nothing.

    `received_on` is an ISO date, also taken as the time of the extract where `facts` gives none:
    of two versions of a record the one from the later file wins. `holds_lock`: the caller has the
    writer's lock.
    """
    mapping = find_mapping(layout)
    day = iso_day("received_on", received_on or default_received_on()).isoformat()
    sender_code = sender_of(mapping, sender)
    given = checked(facts or Facts(), mapping.contract, day)
    if mapping.contract.reference_data and not given.extract_at:
        raise FactError(
            f"{shown(path.name)} is reference data, and the file that speaks as of the latest day "
            f"is the one in use: say its vintage as extract_at, the day as of which it speaks.",
            "--vintage",
        )
    with nullcontext() if holds_lock else writer_lock(state):
        ensure_landing(state)
        rows, columns = transform(state, path, mapping, given.may_be_empty)
        digest = file_sha256(path)
        submission_id = make_submission_id(layout, digest, delivery(given, sender_code))
        refuse_duplicate(state, mapping, path, digest, submission_id)
        landing_file = landing_path(state, mapping.contract.feed, submission_id)
        write_parquet(landing_table(rows, mapping, submission_id), landing_file)
        submission = Submission(
            submission_id=submission_id,
            feed=mapping.contract.feed,
            layout=layout,
            sender_organisation_code=sender_code,
            file_name=shown(path.name),
            file_sha256=digest,
            landed_sha256=file_sha256(landing_file),
            rows_received=str(rows.num_rows),
            received_on=day,
            extract_at=given.extract_at or f"{day} 00:00:00",
            test_indicator="1" if test_file else "0",
            protocol=given.protocol,
            period_start=given.period_start,
            period_end=given.period_end,
            bulk_replacement_group=given.bulk_replacement_group,
            applicable_at=given.applicable_at,
            prime_recipient_code=given.prime_recipient_code,
        )
        register_submission(state, submission)
    return Loaded(
        submission=submission,
        landing_file=landing_file,
        columns_received=len(columns),
        columns_kept=len(mapping.source_columns),
        unexpected=tuple(column for column in columns if not mapping.is_known(column)),
    )


def delivery(facts: Facts, sender: str) -> str:
    """What tells two deliveries of the same bytes apart; empty for a plain net file.

    The same window can be sent, replaced and sent again, and every empty file has the same bytes.
    """
    identity = facts.identity()
    return f"{identity}\n{sender}" if identity else ""


def transform(
    state: State, path: Path, mapping: Mapping, may_be_empty: bool = False
) -> tuple[pa.Table, list[str]]:
    """File transformation: the file's rows as contract columns, and the names of its columns.

    The decoded copy is identifiable, so it lies inside the state folder and is removed at once;
    that of a load which was killed, by the next one.
    """
    name = shown(path.name)
    for left in state.landing.glob(".incoming-*"):
        shutil.rmtree(left)
    with (
        tempfile.TemporaryDirectory(prefix=".incoming-", dir=state.landing) as folder,
        refused_if_unreadable(name),
    ):
        decoded_file = Path(folder) / "decoded.csv"
        text = decode_file(path, mapping.encoding, decoded_file)
        columns = read_header(decoded_file, name, mapping)
        rows = read_rows(decoded_file, text, name, mapping, columns, may_be_empty)
    return rows, columns


def landing_table(rows: pa.Table, mapping: Mapping, submission_id: str) -> pa.Table:
    """The rows in the shape of the landing file."""
    ids = pa.array([submission_id], pa.string()).take(pa.array([0] * rows.num_rows, pa.int64()))
    columns = [rows.column(name) for name in mapping.contract.column_names]
    schema = landing_schema(mapping.contract.feed)
    return pa.table([*columns, ids, rows.column("source_row")], names=schema.names).cast(schema)


def refuse_duplicate(
    state: State, mapping: Mapping, path: Path, digest: str, submission_id: str
) -> None:
    """Stop where the same delivery came in before, or the same bytes as a plain net file."""
    plain = make_submission_id(mapping.layout, digest) == submission_id
    for earlier in read_submissions(state):
        if earlier.submission_id == submission_id or (
            plain and earlier.file_sha256 == digest and earlier.feed == mapping.contract.feed
        ):
            raise DuplicateFileError(path.name, earlier)


def sender_of(mapping: Mapping, sender: str | None) -> str:
    """The sender's organisation code, given or the layout's own; SafeHavenError if it may not."""
    code = sender or mapping.sender
    if code is None:
        raise SafeHavenError(
            f"Layout {mapping.layout} can come from anyone: say who sent the file with "
            f"--sender CODE (an ODS organisation code)."
        )
    if not ORGANISATION_CODE.fullmatch(code):
        raise SafeHavenError(
            f"{code} is not an organisation code. Give 3 to 6 capitals and digits, such as RX1."
        )
    if not mapping.contract.may_send(code):
        raise SafeHavenError(
            f"{code} may not send {mapping.contract.feed}: it is taken from "
            f"{' or '.join(mapping.contract.senders)} alone, and nothing was loaded. If another "
            f"organisation keeps it now, `senders` of its input contract must say so."
        )
    return code
