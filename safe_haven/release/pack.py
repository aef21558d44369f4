"""Packs: what one recipient is owed under one agreement, as a folder ready to be signed off.

A pack is prepared in a temporary folder. Nothing here publishes anything.
"""

from __future__ import annotations

import datetime
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.compute as pc
import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.release import changes, files, merges, records, render, signing, tables
from safe_haven.release.datapackage import datapackage, fields_by_table
from safe_haven.release.entitlement import Entitlement
from safe_haven.release.register import RECALLED, Entry
from safe_haven.release.render import Field, Table
from safe_haven.release.workbook import Writer, workbook

FORMAT = "safe-haven-release/2"
AGGREGATE, RECORD_LEVEL = "aggregate", "record_level"
CONTROLLED = "controlled"
"""No pack: a file with NHS numbers, below `var/controlled`."""
MANIFEST, SIGNATURE, ENTITLEMENT = "manifest.json", "manifest.json.sig", "entitlement.json"
DATAPACKAGE, WORKBOOK, CHANGES = "datapackage.json", "workbook.xlsx", "changes.csv"
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
PACK_COLUMNS = (
    "recipient_code",
    "recipient_name",
    "agreement_id",
    "agreement_version",
    "flow",
    "purpose",
    "legal_basis",
    "information_level",
    "opt_out_regime",
    "key_version",
    "period_start",
    "period_end",
    "data_cut",
    "allowed",
    "reasons",
    "opt_out_status",
    "opted_out_people",
    "retained_until",
)
# What the manifest repeats of the pack's row, word for word.
HEADER_COLUMNS = PACK_COLUMNS[:9] + PACK_COLUMNS[10:13]


@dataclass(frozen=True)
class Order:
    """One row of `rel_pack`: who may be given what, or why not. Dates are ISO text."""

    facts: Mapping[str, Any]

    @property
    def recipient(self) -> str:
        """The recipient's code."""
        return self.facts["recipient_code"]

    @property
    def agreement(self) -> str:
        """The agreement's id."""
        return self.facts["agreement_id"]

    @property
    def flow(self) -> str:
        """`aggregate`, `record_level`, or `controlled` where there is no pack."""
        return self.facts["flow"]

    @property
    def allowed(self) -> bool:
        """True only where the warehouse says so and gives no reason against it."""
        return self.facts["allowed"] is True and not self.facts["reasons"]

    @property
    def is_overdue(self) -> bool:
        """Whether, on the data cut, the data had to be destroyed already; so too without a date."""
        return (self.facts["retained_until"] or "") < self.facts["data_cut"]

    @property
    def reasons(self) -> list[str]:
        """Why the pack is refused."""
        return list(self.facts["reasons"] or ["the agreement is not marked as allowed"])

    def header(self) -> dict[str, Any]:
        """What the manifest repeats of this row."""
        header = {name: self.facts[name] for name in HEADER_COLUMNS}
        return header | {"agreement_version": str(header["agreement_version"])}


@dataclass
class Prepared:
    """A pack in its temporary folder, or (unchanged) the published one that already says it."""

    order: Order
    folder: Path
    unchanged: bool = False
    release_id: str = ""
    manifest_sha256: str = ""
    entitlement_sha256: str = ""
    previous: str | None = None
    reason: str | None = None
    """Why data that were recalled are released again; None for all others."""

    def entry(self) -> dict[str, Any]:
        """The facts for the register."""
        return {
            "recipient": self.order.recipient,
            "agreement": self.order.agreement,
            "release_id": self.release_id,
            "manifest_sha256": self.manifest_sha256,
            "entitlement_sha256": self.entitlement_sha256,
            "previous": self.previous,
            "reason": self.reason,
        }


def read_orders(connection: duckdb.DuckDBPyConnection) -> list[Order]:
    """Every row of `rel_pack`, in order of recipient and agreement."""
    columns = ", ".join(PACK_COLUMNS)
    rows = connection.execute(
        f"select {columns} from restricted.releases.rel_pack "  # noqa: S608 (a constant)
        "order by recipient_code, agreement_id"
    ).fetchall()
    orders = [
        Order({name: _plain(value) for name, value in zip(PACK_COLUMNS, row, strict=True)})
        for row in rows
    ]
    seen: set[str] = set()
    for order in orders:
        for code in (order.recipient, order.agreement):
            if not isinstance(code, str) or not CODE.fullmatch(code) or code == "current":
                raise SafeHavenError(f"rel_pack: {code!r} cannot name a recipient or agreement.")
        if order.agreement in seen:
            raise SafeHavenError(
                f"rel_pack has {order.agreement} twice: an agreement has one recipient and one "
                "flow. Mend the seeds of agreements."
            )
        seen.add(order.agreement)
        if order.flow not in (AGGREGATE, RECORD_LEVEL, CONTROLLED):
            raise SafeHavenError(f"rel_pack: {order.agreement} has the flow {order.flow!r}.")
    return orders


@dataclass(frozen=True)
class Terms:
    """What an order's agreement says: its entitlement, and the columns that are owed by table."""

    order: Order
    entitlement: Entitlement
    fields: Mapping[str, tuple[Field, ...]]


def read_terms(connection: duckdb.DuckDBPyConnection, order: Order) -> Terms:
    """The terms of the order's agreement."""
    rows = connection.execute(
        "select kind, item_order, item::varchar from restricted.releases.rel_entitlement "
        "where agreement_id = ? order by all",
        [order.agreement],
    ).fetchall()
    entitlement = Entitlement.from_rows(order.agreement, order.recipient, rows)
    fields = _owed_fields(connection, order, entitlement)
    return Terms(order, entitlement, {table: tuple(some) for table, some in fields.items()})


def prepare(
    connection: duckdb.DuckDBPyConnection,
    keyring: Keyring,
    terms: Terms,
    content: list[Table],
    build_id: str,
    folder: Path,
    previous: Entry | None,
    previous_folder: Path | None,
    earlier: Sequence[Entry] = (),
    write_workbook: Writer = workbook,
) -> Prepared:
    """Write the pack of the agreement's `content` into `folder`, signed.

    `previous` is the agreement's release in force, `previous_folder` its pack (already proved to be
    intact), `earlier` every release of the agreement. When the content is the previous one, nothing
    is written.
    """
    order, entitlement = terms.order, terms.entitlement
    if order.flow == RECORD_LEVEL and previous_folder is not None:
        content += _merged(connection, keyring, order, content, previous_folder.parent, earlier)
    entitlement_bytes = files.canonical_json(entitlement.document)
    if order.flow == AGGREGATE:
        logical, written = aggregate_logical(entitlement, content)
    else:
        logical, written = record_logical(content), {}
    logical[ENTITLEMENT] = entitlement_bytes
    content_sha256 = content_hash(logical)
    prepared = Prepared(order, folder)
    if previous is not None and previous_folder is not None:
        manifest = json.loads((previous_folder / MANIFEST).read_bytes())
        prepared.previous = previous.manifest_sha256
        if manifest["content_sha256"] == content_sha256:
            prepared.unchanged, prepared.folder = True, previous_folder
            prepared.release_id = previous.release_id
            return prepared
    used_ids = [str(entry.release_id) for entry in earlier]
    prepared.release_id = release_id(content_sha256, prepared.previous, used_ids)
    prepared.entitlement_sha256 = files.sha256(entitlement_bytes)
    header = order.header() | {"release_id": prepared.release_id}
    written[ENTITLEMENT] = entitlement_bytes
    if order.flow == AGGREGATE:
        old = read_aggregate(previous_folder) if previous_folder is not None else []
        written[CHANGES] = changes.to_csv(changes.changes(entitlement, old, content))
        written[WORKBOOK] = write_workbook(header, content)
    folder.mkdir(mode=0o700, parents=True)
    for name, data in sorted(written.items()):
        if name.endswith(".csv"):
            render.refuse_formulas(name, data)
        files.write_new(folder / name, data)
    if order.flow == RECORD_LEVEL:
        key = keyring.key(f"recipient-{order.recipient}")
        records.write_container(folder / records.CONTAINER, key, content)
        files.sync(folder / records.CONTAINER)
    manifest_bytes = files.canonical_json(
        header
        | {
            "format": FORMAT,
            "content_sha256": content_sha256,
            "build_id": build_id,
            "files": listed_files(folder),
            "previous_manifest_sha256": prepared.previous,
            "keys": _keys(keyring, order),
            "tools": tools(),
            "opt_out": opt_out(order),
        }
        | counts(order.flow, content)
    )
    prepared.manifest_sha256 = files.sha256(manifest_bytes)
    sign(folder, manifest_bytes, signing.private_key(keyring))
    files.sync_tree(folder)
    return prepared


def sign(folder: Path, manifest: bytes, key: Ed25519PrivateKey) -> None:
    """Put the manifest and its signature into the folder."""
    files.write_new(folder / MANIFEST, manifest)
    files.write_new(folder / SIGNATURE, signing.sign(key, manifest))


def content_hash(logical: Mapping[str, bytes]) -> str:
    """SHA-256 over named contents, whatever their order."""
    listing = {name: files.sha256(content) for name, content in logical.items()}
    return files.sha256(files.canonical_json(listing))


def release_id(content_sha256: str, previous: str | None, used_ids: Sequence[str] = ()) -> str:
    """32 hexadecimal characters of the content's hash: the first of `release_ids` not yet used."""
    return next(name for name in release_ids(content_sha256, previous) if name not in used_ids)


def release_ids(content_sha256: str, previous: str | None) -> Iterator[str]:
    """The ids that a content may have.

    Content that returns after another release (A, B, A), or after its recall, would find its own
    first folder: then the id also covers the release before, and so does not collide.
    """
    name = content_sha256
    while True:
        yield name[:32]
        name = files.sha256(f"{name}\n{previous}".encode())


def listed_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in the pack but the manifest and its signature, by relative path."""
    return {
        path.relative_to(folder).as_posix(): files.file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in (MANIFEST, SIGNATURE)
    }


def tools() -> dict[str, str]:
    """What wrote the files: the same versions write the same bytes again."""
    return {
        "duckdb": duckdb.__version__,
        "pyarrow": pyarrow.__version__,
        "xlsxwriter": xlsxwriter.__version__,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }


def counts(flow: str, content: Sequence[Table]) -> dict[str, Any]:
    """What the manifest says of the amount of data.

    The recipient holds the rows, so their number tells nothing new. How many figures are withheld
    is rounded like any count: exact numbers that differ from month to month could be subtracted.
    """
    found: dict[str, Any] = {"row_counts": {table.name: table.rows.num_rows for table in content}}
    if flow == RECORD_LEVEL:
        found["people_counts"] = {
            table.name: records.people(table, tables.RECORD_LEVEL[table.name].person)
            for table in content
            if table.name != merges.TABLE
        }
        found["rules"] = {}
        return found
    found["withheld_cells"] = {table.name: _rounded(_withheld(table)) for table in content}
    found["rules"] = {
        table.name: {
            key: tables.disclosure(table.name)[key] for key in ("regime", "rule", "required_width")
        }
        for table in content
    }
    return found


def opt_out(order: Order) -> dict[str, Any]:
    """How many people's records were kept back for their opt-out alone, or that none were to be.

    A count like any other: withheld while it is small, else rounded, by the rule that is stated.
    """
    return {
        "regime": order.facts["opt_out_regime"],
        "status": order.facts["opt_out_status"],
        "people": order.facts["opted_out_people"],
        "rule": tables.COUNT_RULE,
    }


def opt_out_findings(manifest: Mapping[str, Any]) -> Iterator[str]:
    """How the manifest's count of opt-outs breaks the rule, or contradicts the agreement."""
    stated = manifest["opt_out"]
    if set(stated) != {"regime", "status", "people", "rule"} or stated["rule"] != tables.COUNT_RULE:
        yield "the manifest's opt_out is not of the expected form"
        return
    if stated["regime"] != manifest["opt_out_regime"]:
        yield "the manifest's opt_out is for another regime than the agreement's"
    allowed = ("shown", "withheld") if stated["regime"] == "applied" else ("not_applied",)
    if stated["status"] not in allowed:
        yield f"opt-outs cannot be '{stated['status']}' under the regime '{stated['regime']}'"
    people = stated["people"]
    if (people is not None) != (stated["status"] == "shown"):
        yield "the manifest's count of opt-outs and its status contradict each other"
    if people is not None and not _may_be_shown(people):
        yield "the manifest's count of opt-outs is not one that the rule for counts could show"


def _may_be_shown(count: Any) -> bool:
    """Whether some count that is not withheld is rounded to this one."""
    base, largest_withheld = tables.COUNT_RULE["round_to"], tables.COUNT_RULE["suppress_hi"]
    if type(count) is not int or count < 0 or count % base:
        return False
    return count == 0 or count + (base - 1) // 2 > largest_withheld


def read_aggregate(folder: Path) -> list[Table]:
    """The tables of an aggregate pack, read from its CSV files."""
    described = fields_by_table(
        files.parse_canonical((folder / DATAPACKAGE).read_bytes(), DATAPACKAGE)
    )
    return [
        render.read_csv(name, fields, (folder / f"data/{name}.csv").read_bytes())
        for name, fields in sorted(described.items())
    ]


def aggregate_logical(
    entitlement: Entitlement, content: Sequence[Table]
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """(what the release id covers, every data file and datapackage.json) of aggregate tables."""
    logical = {f"data/{table.name}.csv": render.to_csv(table) for table in content}
    described = datapackage(entitlement, {table.name: table.fields for table in content})
    logical[DATAPACKAGE] = files.canonical_json(described)
    written = dict(logical)
    for table in content:
        written[f"data/{table.name}.parquet"] = render.to_parquet(table)
    return logical, written


def record_logical(content: Sequence[Table]) -> dict[str, bytes]:
    """What the release id covers of a record-level pack: the ordered rows and their types."""
    kinds = {
        table.name: [[column.name, column.type] for column in table.fields] for table in content
    }
    logical = {f"data/{table.name}": records.content_bytes(table) for table in content}
    return logical | {"fields": files.canonical_json(kinds)}


def _owed_fields(
    connection: duckdb.DuckDBPyConnection, order: Order, entitlement: Entitlement
) -> dict[str, list[Field]]:
    """The columns of `rel_field`, which must be the entitlement's, to the letter."""
    owed: dict[str, list[Field]] = {}
    for table, name, data_type, description in connection.execute(
        "select table_name, field_name, data_type, description from restricted.releases.rel_field "
        "where agreement_id = ? order by table_name, field_position, field_name",
        [order.agreement],
    ).fetchall():
        render.identifier(name)
        owed.setdefault(table, []).append(
            Field(
                name,
                render.field_type(data_type),
                description or "",
                render.stored_type(data_type),
            )
        )
    allowed = {table: sorted(names) for table, names in entitlement.fields().items()}
    if {table: sorted(f.name for f in fields) for table, fields in owed.items()} != allowed:
        raise SafeHavenError(
            f"{order.agreement}: rel_field and the entitlement's 'field' items do not name the "
            "same columns. Nothing was released; mend models/releases so that both come from the "
            "agreement's field list."
        )
    for table, fields in owed.items():
        names = {column.name for column in fields}
        if order.flow == AGGREGATE:
            needed = {*tables.dimension_columns(table), tables.status_column(table)}
        elif table in tables.RECORD_LEVEL:
            needed = {*entitlement.judged_columns(), *tables.RECORD_LEVEL[table].months}
        else:
            raise SafeHavenError(f"{order.agreement}: '{table}' is not a record-level table.")
        if needed - names:
            raise SafeHavenError(
                f"{order.agreement}: {table} cannot be released without {sorted(needed - names)}: "
                "whether a row is owed, and safe, could not be proved."
            )
    if not owed:
        raise SafeHavenError(f"{order.agreement}: no field is owed, so there is nothing to pack.")
    return owed


def _merged(
    connection: duckdb.DuckDBPyConnection,
    keyring: Keyring,
    order: Order,
    content: Sequence[Table],
    place: Path,
    earlier: Sequence[Entry],
) -> list[Table]:
    """Who of earlier releases, but those recalled, has another pseudonym now."""
    stand = [entry for entry in earlier if entry.status != RECALLED]
    key = keyring.key(f"recipient-{order.recipient}")
    given, _ = merges.given(place, stand, _keys(keyring, order), key)
    return merges.read(connection, order.agreement, content, given)


def _keys(keyring: Keyring, order: Order) -> list[dict[str, Any]]:
    """The keys behind the pack, by name, version and check value."""
    names: list[tuple[str, Any]] = [(signing.KEY_NAME, None)]
    if order.flow == RECORD_LEVEL:
        version = order.facts["key_version"]
        regime = order.facts["opt_out_regime"]
        names += [
            (f"agreement-{order.agreement}-{regime}-v{version}", version),
            (f"recipient-{order.recipient}", None),
        ]
    return [
        {"name": name, "version": version, "check_value": keyring.check_value(name)}
        for name, version in sorted(names, key=lambda item: item[0])
    ]


def _withheld(table: Table) -> int:
    status = table.rows[tables.status_column(table.name)]
    return pc.sum(pc.equal(status, "withheld")).as_py() or 0


def _rounded(count: int) -> int:
    base = tables.COUNT_RULE["round_to"]
    return (count + base // 2) // base * base


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value
