"""Verify: four proofs about a pack, from public material alone.

- bytes: every file is listed in the signed manifest with its hash, and nothing else is there;
- chain: the pack stands in the signed register, after the release it says it follows, and was
  neither recalled nor destroyed;
- entitlement: entitlement.json is the registered one, and every table, column and row of the pack
  lies within it; the copies of the data (Parquet, workbook, datapackage) say what the CSV says and
  nothing more; pseudonyms that were superseded are ones that earlier releases gave, as far as those
  are at hand. Rows of record-level packs need the recipient's key; without it: not proved;
- disclosure: the independent auditor over all aggregate packs given, together.

Data files are not compared value by value but rendered again from the CSV and compared byte by
byte: a hidden sheet, a comment, a Parquet statistic or an unused dictionary entry is a difference.
The verifier therefore needs the versions of the libraries that the manifest names.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import check_value_of
from safe_haven.release import changes, files, merges, pack, records, render, signing, tables
from safe_haven.release.audits import audit_disclosure
from safe_haven.release.datapackage import datapackage, fields_by_table
from safe_haven.release.entitlement import TOTAL, Entitlement
from safe_haven.release.register import DESTROYED, RECALLED, Entry, Register
from safe_haven.release.render import Table
from safe_haven.release.workbook import Writer, workbook

PROVED, FAILED, NOT_PROVED = "proved", "FAILED", "not proved"
PROOFS = ("bytes", "chain", "entitlement", "disclosure")
MAX_SHOWN = 5
# How often the same content may come back after the same release.
MOST_RETURNS = 10
MANIFEST_KEYS = {
    *pack.HEADER_COLUMNS,
    "format",
    "release_id",
    "content_sha256",
    "build_id",
    "files",
    "previous_manifest_sha256",
    "keys",
    "tools",
    "opt_out",
    "row_counts",
    "rules",
}


@dataclass(frozen=True)
class Proof:
    """The outcome of one proof, with what was found."""

    outcome: str
    details: tuple[str, ...] = ()


@dataclass
class Report:
    """The four proofs about one folder."""

    folder: Path
    proofs: dict[str, Proof] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether any proof failed."""
        return bool(self.failed_proofs)

    @property
    def failed_proofs(self) -> list[str]:
        """Names of the proofs that failed."""
        return [name for name, proof in self.proofs.items() if proof.outcome == FAILED]


@dataclass(frozen=True)
class Evidence:
    """What a verifier was given besides the folders."""

    public_key: Ed25519PublicKey
    register: Register | str
    recipient_keys: Sequence[bytes] = ()
    audit: Callable[[Sequence[Path]], list[str]] = audit_disclosure
    workbook: Writer = workbook


@dataclass(frozen=True)
class Opened:
    """A pack whose bytes are proved: its folder and manifest."""

    folder: Path
    manifest: Mapping[str, Any]
    manifest_sha256: str


def verify_packs(folders: Sequence[Path], evidence: Evidence) -> list[Report]:
    """Prove what can be proved of each folder; `register` may be why there is none."""
    reports: list[Report] = []
    opened: list[tuple[Report, Opened]] = []
    for given in folders:
        report = Report(given)
        reports.append(report)
        found, proof = prove_bytes(given.resolve(), evidence.public_key)
        report.proofs["bytes"] = proof
        if found is None:
            for name in PROOFS[1:]:
                report.proofs[name] = Proof(NOT_PROVED, ("the bytes are not what was signed",))
            continue
        opened.append((report, found))
        report.proofs["chain"] = _with_later_release(
            judged(prove_chain(found, evidence)), found, evidence
        )
        report.proofs["entitlement"] = prove_entitlement(found, evidence)
    _prove_disclosure(opened, evidence)
    return reports


def judged(findings: Iterator[str]) -> Proof:
    """A proof that fails on its first findings, or on material that cannot be read at all."""
    try:
        found = list(findings)
    except SafeHavenError as error:
        found = [str(error)]
    except (
        *(KeyError, TypeError, ValueError, OSError, AttributeError, IndexError),
        *(csv.Error, ArithmeticError, RecursionError),
    ) as error:
        found = [f"the pack is not of the expected form ({type(error).__name__}: {error})"]
    if not found:
        return Proof(PROVED)
    more = [f"… and {len(found) - MAX_SHOWN} more"] if len(found) > MAX_SHOWN else []
    return Proof(FAILED, (*found[:MAX_SHOWN], *more))


# -- bytes ------------------------------------------------------------------------------------


def prove_bytes(
    folder: Path, public_key: Ed25519PublicKey, form: str = pack.FORMAT
) -> tuple[Opened | None, Proof]:
    """Whether the folder holds exactly what was signed; the pack is returned only if so."""
    opened: list[Opened] = []
    proof = judged(_bytes_findings(folder, public_key, form, opened))
    return (opened[0] if proof.outcome == PROVED else None), proof


def _bytes_findings(
    folder: Path, public_key: Ed25519PublicKey, form: str, opened: list[Opened]
) -> Iterator[str]:
    if not folder.is_dir():
        yield f"{folder} is not a folder"
        return
    missing = [n for n in (pack.MANIFEST, pack.SIGNATURE) if not (folder / n).is_file()]
    if missing:
        yield f"{', '.join(missing)} is missing"
        return
    content = (folder / pack.MANIFEST).read_bytes()
    if not signing.is_signed(public_key, content, (folder / pack.SIGNATURE).read_bytes()):
        yield f"{pack.MANIFEST} or {pack.SIGNATURE} was changed, or signed with another key"
        return
    manifest = files.parse_canonical(content, pack.MANIFEST)
    if manifest.get("format") != form:
        yield f"{pack.MANIFEST} is not of format {form}"
        return
    listed: dict[str, str] = manifest["files"]
    present = {pack.MANIFEST, pack.SIGNATURE}
    parents = {parent.as_posix() for name in listed for parent in Path(name).parents}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield f"{name} is a link, not a file"
        elif path.is_dir():
            if name not in parents:
                yield f"{name}/ is a folder that does not belong to the pack"
        elif name in (pack.MANIFEST, pack.SIGNATURE):
            continue
        elif name not in listed:
            yield f"{name} is an extra file: the manifest does not list it"
        elif not path.is_file() or files.file_sha256(path) != listed[name]:
            yield f"{name} was changed: its SHA-256 is not the one in the manifest"
        present.add(name)
    for name in sorted(set(listed) - present):
        yield f"{name} is missing"
    opened.append(Opened(folder, manifest, files.sha256(content)))


# -- chain ------------------------------------------------------------------------------------


def prove_chain(opened: Opened, evidence: Evidence) -> Iterator[str]:
    """Whether the register knows this release, in the place the manifest claims."""
    if isinstance(evidence.register, str):
        yield evidence.register
        return
    manifest = opened.manifest
    entry = evidence.register.find(opened.manifest_sha256)
    if entry is None:
        yield "the signed register does not know this release"
        return
    told = (manifest["recipient_code"], manifest["agreement_id"], manifest["release_id"])
    if told != (entry.recipient, entry.agreement, entry.release_id):
        yield "the register has this manifest for another recipient, agreement or release"
    if entry.previous != manifest["previous_manifest_sha256"]:
        yield "the manifest names another previous release than the register"
    for event in (RECALLED, DESTROYED):
        if notice := evidence.register.notice(event, entry):
            yield f"this release was {event}, for: {notice.reason}"
    before = _entry_before(evidence.register, entry)
    if before is not None:
        folder = opened.folder.parent / before.release_id
        if folder.is_dir() and (
            not (folder / pack.MANIFEST).is_file()
            or files.file_sha256(folder / pack.MANIFEST) != before.manifest_sha256
        ):
            yield f"the previous release {before.release_id} beside it is not the registered one"


def _with_later_release(proof: Proof, opened: Opened, evidence: Evidence) -> Proof:
    """Say so when the register knows a later release: an old pack is genuine and out of date."""
    if proof.outcome != PROVED or isinstance(evidence.register, str):
        return proof
    latest = evidence.register.latest(
        opened.manifest["recipient_code"], opened.manifest["agreement_id"]
    )
    if latest is None or latest.manifest_sha256 == opened.manifest_sha256:
        return proof
    return Proof(PROVED, (f"superseded: the latest release is {latest.release_id}",))


def _entry_before(register: Register, entry: Entry) -> Entry | None:
    return register.find(entry.previous) if entry.previous else None


# -- entitlement ------------------------------------------------------------------------------


def prove_entitlement(opened: Opened, evidence: Evidence) -> Proof:
    """Whether everything in the pack is owed, in every copy."""
    proof = judged(_entitlement_findings(opened, evidence))
    record_level = opened.manifest.get("flow") == pack.RECORD_LEVEL
    if proof.outcome != PROVED or not record_level or _own_key(opened.manifest, evidence):
        return proof
    recipient = opened.manifest["recipient_code"]
    if evidence.recipient_keys:
        return Proof(NOT_PROVED, (f"no key given opens it: its rows are under {recipient}'s key",))
    return Proof(
        NOT_PROVED, (f"its rows are encrypted: give {recipient}'s key with --recipient-key",)
    )


def _own_key(manifest: Mapping[str, Any], evidence: Evidence) -> bytes | None:
    """The key under which the rows are, by the check value in the manifest; None if not given."""
    name = f"recipient-{manifest['recipient_code']}"
    values = {key["check_value"] for key in manifest["keys"] if key["name"] == name}
    given = (key for key in evidence.recipient_keys if check_value_of(key) in values)
    return next(given, None)


def _entitlement_findings(opened: Opened, evidence: Evidence) -> Iterator[str]:
    manifest = opened.manifest
    content = (opened.folder / pack.ENTITLEMENT).read_bytes()
    entitlement = Entitlement.from_document(files.parse_canonical(content, pack.ENTITLEMENT))
    yield from _registered_findings(opened, content, evidence)
    yield from _agreement_findings(manifest, entitlement)
    if manifest["flow"] == pack.AGGREGATE:
        yield from _aggregate_findings(opened, entitlement, content, evidence)
    elif manifest["flow"] == pack.RECORD_LEVEL:
        yield from _record_findings(opened, entitlement, content, evidence)
    else:
        yield f"the manifest has the flow {manifest['flow']!r}"


def _registered_findings(opened: Opened, content: bytes, evidence: Evidence) -> Iterator[str]:
    if isinstance(evidence.register, str):
        yield evidence.register
        return
    entry = evidence.register.find(opened.manifest_sha256)
    if entry is None or entry.entitlement_sha256 != files.sha256(content):
        yield f"{pack.ENTITLEMENT} is not the one in the signed register"


def _agreement_findings(manifest: Mapping[str, Any], entitlement: Entitlement) -> Iterator[str]:
    agreement = entitlement.agreement
    for key, name in (
        ("recipient_code", "recipient_code"),
        ("agreement_id", "agreement_id"),
        ("agreement_version", "version"),
        ("purpose", "purpose"),
        ("legal_basis", "legal_basis"),
        ("information_level", "information_level"),
    ):
        if str(manifest[key]) != str(agreement[name]):
            yield f"the manifest's {key} is not the agreement's"
    period = tuple(day.isoformat() for day in entitlement.period)
    if (manifest["period_start"], manifest["period_end"]) != period:
        yield "the manifest's period is not the entitlement's"
    if not entitlement.in_force(datetime.date.fromisoformat(manifest["data_cut"])):
        yield f"the agreement is not in date on the data cut {manifest['data_cut']}"
    flow_counts = {"withheld_cells"} if manifest["flow"] == pack.AGGREGATE else {"people_counts"}
    if set(manifest) != MANIFEST_KEYS | flow_counts:
        odd = sorted(set(manifest) ^ (MANIFEST_KEYS | flow_counts))
        yield f"the manifest lacks or adds {odd}"
    yield from pack.opt_out_findings(manifest)


def _aggregate_findings(
    opened: Opened, entitlement: Entitlement, entitlement_bytes: bytes, evidence: Evidence
) -> Iterator[str]:
    folder, manifest = opened.folder, opened.manifest
    described_bytes = (folder / pack.DATAPACKAGE).read_bytes()
    described = fields_by_table(files.parse_canonical(described_bytes, pack.DATAPACKAGE))
    yield from _file_findings(manifest, described)
    names = {table: [column.name for column in fields] for table, fields in described.items()}
    column_findings = list(_column_findings(names, entitlement))
    yield from column_findings
    if column_findings:
        return
    content = [
        render.read_csv(table, fields, (folder / f"data/{table}.csv").read_bytes())
        for table, fields in sorted(described.items())
    ]
    for table in content:
        yield from _row_findings(
            table,
            entitlement,
            tables.levels(table.name, "commissioner"),
            tables.levels(table.name, "period"),
        )
    if datapackage(entitlement, described) != json.loads(described_bytes):
        yield f"{pack.DATAPACKAGE} does not describe these tables and this entitlement"
    yield from _copy_findings(opened, entitlement, entitlement_bytes, content, evidence)
    yield from _changes_findings(opened, entitlement, content, evidence)


def _file_findings(manifest: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[str]:
    expected = {pack.ENTITLEMENT, pack.DATAPACKAGE, pack.WORKBOOK, pack.CHANGES}
    for table in described:
        expected |= {f"data/{table}.csv", f"data/{table}.parquet"}
    for name in sorted(set(manifest["files"]) ^ expected):
        yield f"{name} does not belong to the pack, or is lacking"


def _column_findings(found: Mapping[str, Sequence[str]], entitlement: Entitlement) -> Iterator[str]:
    owed = entitlement.fields()
    for table, names in sorted(found.items()):
        if table not in owed:
            yield f"the table {table} is not in the entitlement"
            continue
        for name in names:
            if name not in owed[table]:
                yield f"the column {name} of {table} is not in the entitlement"
        if len(set(names)) != len(names):
            yield f"{table} has a column twice"
    for table in sorted(set(owed) - set(found)):
        yield f"the table {table} of the entitlement is lacking"


def _row_findings(
    table: Table, entitlement: Entitlement, levels: Sequence[str], periods: Sequence[str]
) -> Iterator[str]:
    """Rows of an aggregate table that are not owed, by their line in the CSV."""
    status = tables.status_column(table.name)
    cell_columns = tables.dimension_columns(table.name)
    lacking = [n for n in (*cell_columns, status) if n not in table.rows.column_names]
    if lacking:
        yield f"{table.name} lacks {lacking}: whether its rows are owed cannot be proved"
        return
    measures = [n for n in tables.measure_columns(table.name) if n in table.rows.column_names]
    seen: set[tuple[Any, ...]] = set()
    for line, row in enumerate(table.rows.to_pylist(), start=2):
        where = f"data/{table.name}.csv line {line}"
        if reason := entitlement.commissioner_refusal(row, levels):
            yield f"{where}: {reason}"
        if reason := entitlement.parts_refusal(row, levels):
            yield f"{where}: {reason}"
        if row[periods[0]] == TOTAL:
            yield f"{where}: a total over the whole period has no place in the table"
        for level in periods:
            if row[level] != TOTAL and (reason := entitlement.period_refusal(level, row[level])):
                yield f"{where}: {reason}"
        cell = tuple(row[name] for name in cell_columns)
        if cell in seen:
            yield f"{where}: the cell is there twice"
        seen.add(cell)
        shown = {row[name] is not None for name in measures}
        if row[status] not in ("shown", "withheld") or shown - {row[status] == "shown"}:
            yield f"{where}: its figures and its status '{row[status]}' contradict each other"


def _copy_findings(
    opened: Opened,
    entitlement: Entitlement,
    entitlement_bytes: bytes,
    content: Sequence[Table],
    evidence: Evidence,
) -> Iterator[str]:
    """Whether the CSV is canonical and every other file is what follows from it."""
    folder, manifest = opened.folder, opened.manifest
    if manifest["tools"] != pack.tools():
        versions = made_with(manifest)
        yield f"the copies can only be compared with the versions that wrote them: {versions}"
        return
    in_order = [
        Table(table.name, table.fields, render.sorted_rows(table.fields, table.rows))
        for table in content
    ]
    logical, written = pack.aggregate_logical(entitlement, in_order)
    for name, data in sorted(written.items()):
        found = (folder / name).read_bytes()
        if found != data:
            yield f"{name} {_difference(name, in_order, found)}"
    expected = evidence.workbook(manifest, in_order)
    for finding in workbook_findings(expected, (folder / pack.WORKBOOK).read_bytes()):
        yield f"{pack.WORKBOOK}: {finding}"
    logical[pack.ENTITLEMENT] = entitlement_bytes
    yield from _identity_findings(manifest, logical)
    for name, value in pack.counts(pack.AGGREGATE, in_order).items():
        if manifest[name] != value:
            yield f"the manifest's {name} are not those of the data"


def made_with(manifest: Mapping[str, Any]) -> str:
    """The libraries that wrote the files, with their versions."""
    return ", ".join(f"{name} {version}" for name, version in manifest["tools"].items())


def _identity_findings(manifest: Mapping[str, Any], logical: Mapping[str, bytes]) -> Iterator[str]:
    content_sha256 = pack.content_hash(logical)
    if manifest["content_sha256"] != content_sha256:
        yield "the manifest's content_sha256 is not that of the content"
    possible = pack.release_ids(content_sha256, manifest["previous_manifest_sha256"])
    if manifest["release_id"] not in islice(possible, MOST_RETURNS):
        yield "the release id is not that of the content"


def _difference(name: str, content: Sequence[Table], found: bytes) -> str:
    """How a data file differs from what the CSV says it should be."""
    if name.endswith(".csv"):
        return "is not in its canonical form (row order, quoting, line ends)"
    if not name.endswith(".parquet"):
        return "is not what follows from the data"
    table = next(table for table in content if name == f"data/{table.name}.parquet")
    try:
        with render.worker() as connection, render.memory_file(found) as path:
            rows = connection.execute("from read_parquet(?)", [path]).to_arrow_table()
    except Exception:
        return "cannot be read"
    if rows.column_names != table.rows.column_names:
        return f"has other columns than the CSV: {rows.column_names}"
    if rows.num_rows != table.rows.num_rows or not rows.equals(table.rows.cast(rows.schema)):
        return f"has other rows than the CSV ({rows.num_rows} and {table.rows.num_rows})"
    return "has the rows of the CSV and hides something else (statistics, metadata, dictionary)"


def workbook_findings(expected: bytes, found: bytes) -> Iterator[str]:
    """Where a workbook differs from the expected one; each of its bytes is accounted for."""
    if found == expected:
        return
    try:
        wanted, given = _parts(expected), _parts(found)
    except Exception as error:
        yield f"not a workbook ({type(error).__name__})"
        return
    differing = [
        f"the part {name} does not belong to it" for name in sorted(set(given) - set(wanted))
    ]
    differing += [f"the part {name} is lacking" for name in sorted(set(wanted) - set(given))]
    differing += [
        f"the part {name} does not say what the CSV says"
        for name in sorted(set(wanted) & set(given))
        if wanted[name] != given[name]
    ]
    yield from differing or [
        "between, behind or in the compression of its parts it hides something"
    ]


def _parts(content: bytes) -> dict[str, tuple[int, int]]:
    """Checksum and size of each part, as the directory tells them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {part.filename: (part.CRC, part.file_size) for part in archive.infolist()}


def _changes_findings(
    opened: Opened, entitlement: Entitlement, content: Sequence[Table], evidence: Evidence
) -> Iterator[str]:
    """Whether changes.csv tells only what the two releases show.

    With the previous release at hand it is made again; without, every row must be in scope, name a
    column owed, and give the new value that the data gives.
    """
    found = (opened.folder / pack.CHANGES).read_bytes()
    previous = opened.manifest["previous_manifest_sha256"]
    if previous is None:
        if found != changes.to_csv([]):
            yield f"{pack.CHANGES} tells changes although nothing was released before"
        return
    entry = evidence.register.find(previous) if isinstance(evidence.register, Register) else None
    folder = opened.folder.parent / entry.release_id if entry else None
    if folder is not None and folder.is_dir():
        before, proof = prove_bytes(folder, evidence.public_key)
        if before is None:
            yield f"the previous release beside it is damaged: {proof.details[0]}"
            return
        made = changes.changes(entitlement, pack.read_aggregate(folder), content)
        if found != changes.to_csv(made):
            yield f"{pack.CHANGES} is not the difference from the previous release"
        return
    yield from _change_row_findings(found, entitlement, content)


def _change_row_findings(
    found: bytes, entitlement: Entitlement, content: Sequence[Table]
) -> Iterator[str]:
    rows = list(csv.reader(io.StringIO(found.decode(), newline=""), strict=True))
    if not rows or tuple(rows[0]) != changes.HEADER or changes.to_csv(rows[1:]) != found:
        yield f"{pack.CHANGES} is not of the expected form"
        return
    owed = {table.name: changes.cells_by_key(table) for table in content}
    for line, row in enumerate(rows[1:], start=2):
        where = f"{pack.CHANGES} line {line}"
        if len(row) != len(changes.HEADER) or row[0] not in owed:
            yield f"{where} is not about a table of the pack"
            continue
        yield from (f"{where}: {reason}" for reason in changes.refusals(entitlement, owed, row))


def _record_findings(
    opened: Opened, entitlement: Entitlement, entitlement_bytes: bytes, evidence: Evidence
) -> Iterator[str]:
    manifest = opened.manifest
    key = _own_key(manifest, evidence)
    for name in sorted(set(manifest["files"]) ^ {pack.ENTITLEMENT, records.CONTAINER}):
        yield f"{name} does not belong to the pack, or is lacking"
    for table in entitlement.fields():
        if table not in tables.RECORD_LEVEL:
            yield f"the entitlement names {table}, which is no record-level table"
    told = [name for name in manifest["row_counts"] if name != merges.TABLE]
    yield from _column_findings(dict.fromkeys(told, ()), entitlement)
    if key is None:
        return
    content = records.read_container(opened.folder / records.CONTAINER, key)
    yield from _residue_findings(opened.folder / records.CONTAINER, key)
    owed = [table for table in content if table.name != merges.TABLE]
    names = {table.name: table.rows.column_names for table in owed}
    column_findings = list(_column_findings(names, entitlement))
    yield from column_findings
    if column_findings:
        return
    for table in content:
        if table.name == merges.TABLE:
            given = _given_before(opened, evidence, key)
            yield from merges.findings(table, owed, given, manifest["data_cut"])
        else:
            yield from _record_row_findings(table, entitlement)
    logical = pack.record_logical(content)
    logical[pack.ENTITLEMENT] = entitlement_bytes
    found = list(_identity_findings(manifest, logical))
    yield from found
    if found and manifest["tools"] != pack.tools():
        yield f"compare it with the versions that wrote it: {made_with(manifest)}"
    for name, value in pack.counts(pack.RECORD_LEVEL, content).items():
        if manifest[name] != value:
            yield f"the manifest's {name} are not those of the data"


def _given_before(opened: Opened, evidence: Evidence, key: bytes) -> set[str] | None:
    """Pseudonyms of the releases before, where the register and all of them are at hand."""
    if isinstance(evidence.register, str):
        return None
    entry = evidence.register.find(opened.manifest_sha256)
    if entry is None:
        return None
    before = [e for e in evidence.register.of(*entry.pair) if e.sequence < entry.sequence]
    given, complete = merges.given(opened.folder.parent, before, opened.manifest["keys"], key)
    return given if complete else None


def _residue_findings(path: Path, key: bytes) -> Iterator[str]:
    """A page without a table may still hold rows that were deleted; a pack is written once."""
    with records.attached(path, key, "READ_ONLY") as connection:
        (free,) = connection.execute(
            "select free_blocks from pragma_database_size() where database_name = 'pack'"
        ).fetchone() or (None,)
    if free != 0:
        yield f"{path.name} has {free} pages without a table: they may hold what was deleted"


def _record_row_findings(table: Table, entitlement: Entitlement) -> Iterator[str]:
    shape = tables.RECORD_LEVEL[table.name]
    needed = [*entitlement.judged_columns(), *shape.months]
    lacking = [name for name in needed if name not in table.rows.column_names]
    if lacking:
        yield f"{table.name} lacks {lacking}: whether its rows are owed cannot be proved"
        return
    # Only combinations that differ are judged; each is named by the first row that has it.
    numbered = table.rows.select(needed).append_column(
        "row", pa.array(range(1, table.rows.num_rows + 1), pa.int64())
    )
    combinations = numbered.group_by(needed).aggregate([("row", "min")])
    for row in combinations.sort_by("row_min").to_pylist():
        where = f"{table.name} row {row['row_min']}"
        label = next((name for name in shape.months if row[name] is not None), shape.months[0])
        for reason in (
            entitlement.record_refusal(row),
            *entitlement.limit_refusals(row),
            entitlement.period_refusal(label, row[label]),
        ):
            if reason:
                yield f"{where}: {reason}"


# -- disclosure -------------------------------------------------------------------------------


def audited(folders: Sequence[Path], evidence: Evidence) -> Iterator[str]:
    """What the auditor finds; asked when this is read."""
    yield from evidence.audit(folders)


def _prove_disclosure(opened: Sequence[tuple[Report, Opened]], evidence: Evidence) -> None:
    """Audit all aggregate packs of each data cut together: recipients may put them together."""
    cuts: dict[str, list[tuple[Report, Opened]]] = {}
    for report, found in opened:
        if found.manifest.get("flow") == pack.RECORD_LEVEL:
            report.proofs["disclosure"] = Proof(PROVED, ("no aggregate figures in the pack",))
        else:
            cuts.setdefault(str(found.manifest.get("data_cut")), []).append((report, found))
    for together in cuts.values():
        folders = sorted({found.folder for _, found in together})
        proof = judged(audited(folders, evidence))
        if proof.outcome == PROVED:
            proof = Proof(PROVED, (f"{len(folders)} packs audited together",))
        for report, _ in together:
            report.proofs["disclosure"] = proof
