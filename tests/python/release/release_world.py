"""A tiny invented warehouse and what an attacker who holds the signing key could do with it."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from safe_haven import zones
from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.release import content, cut, files, pack, records, register, signing, verify
from safe_haven.release.audits import Checks

BUILD_ID = "0123456789abcdef0123456789abcdef"
PERIOD = ("2024-04-01", "2026-03-31")
MONTH_FIELDS = [
    ("icb_code", "varchar"),
    ("sub_icb_code", "varchar"),
    ("point_of_delivery", "varchar"),
    ("quarter", "varchar"),
    ("month", "varchar"),
    ("records", "bigint"),
    ("people", "bigint"),
    ("bed_days", "bigint"),
    ("status", "varchar"),
]
SPELL_FIELDS = [
    ("person_pseudonym", "uuid"),
    ("responsible_commissioner_code", "varchar"),
    ("provider_code", "varchar"),
    ("admission_month", "varchar"),
    ("discharge_month", "varchar"),
    ("length_of_stay_days", "bigint"),
]
EMERGENCY_FIELDS = [
    ("person_pseudonym", "uuid"),
    ("responsible_commissioner_code", "varchar"),
    ("arrival_month", "varchar"),
]
CODES = {"QAA": ["01A", "01B"], "QBB": ["02A"]}
NO_CHECKS = Checks(
    gate=lambda state, connection: None,
    audit=lambda folders: [],
    scan=lambda connection, paths, containers: [],
)


@functools.cache
def shared_database() -> duckdb.DuckDBPyConnection:
    """One database for all tests: the extension for encryption is slow to load."""
    connection = duckdb.connect(":memory:")
    zones.load_httpfs(connection)
    return connection


@contextmanager
def open_quickly(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """What `open_read_only` gives, from the shared database."""
    with shared_database().cursor() as connection:
        zones.attach(connection, state, Keyring(state.keys), read_only=True)
        try:
            yield connection
        finally:
            for zone in zones.ZONES:
                connection.execute(f"detach {zone}")


@dataclass
class World:
    """One installation with four agreements: two aggregate, one record-level, one expired."""

    state: State

    @property
    def keyring(self) -> Keyring:
        """Its keyring."""
        return Keyring(self.state.keys)

    def sql(self, *statements: str, zone: str = "restricted") -> None:
        """Run statements on one zone, writable."""
        with shared_database().cursor() as connection:
            zones.attach(connection, self.state, self.keyring, (zone,))
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"detach {zone}")

    def release(self, checks: Checks = NO_CHECKS, **options: Any) -> dict[str, str]:
        """Cut a release; the outcome by agreement."""
        outcomes = cut.release(self.state, checks=checks, **options)
        return {item.agreement: item.outcome for item in outcomes}

    def folder(self, recipient: str, agreement: str) -> Path:
        """The current pack."""
        return (self.state.releases / recipient / agreement / "current").resolve()

    @property
    def aggregate(self) -> Path:
        """The current aggregate pack of QAA."""
        return self.folder("QAA", "AGG-A")

    @property
    def record_level(self) -> Path:
        """The current record-level pack of QAA."""
        return self.folder("QAA", "REC-A")

    def evidence(self, key: str | None = None, **options: Any) -> verify.Evidence:
        """What a verifier has: public material, and a recipient's key if `key` names one."""
        public = signing.load_public_key(self.state.public_keys / signing.PUBLIC_KEY_FILE)
        return verify.Evidence(
            public,
            register.load(self.state.register, public),
            [self.keyring.key(key)] if key else [],
            **{"audit": lambda folders: []} | options,
        )

    def verify(self, *folders: Path, key: str | None = None, **options: Any) -> verify.Report:
        """The first folder's report."""
        return verify.verify_packs(folders, self.evidence(key, **options))[0]

    def seal(self, folder: Path, **manifest_changes: Any) -> None:
        """Sign a changed folder as the safe haven would, and put it into the register.

        This is the strongest attacker: one who has the signing key.
        """
        manifest = json.loads((folder / pack.MANIFEST).read_bytes())
        before = files.file_sha256(folder / pack.MANIFEST)
        manifest |= {"files": pack.listed_files(folder)} | manifest_changes
        content = files.canonical_json(manifest)
        key = signing.private_key(self.keyring)
        (folder / pack.MANIFEST).write_bytes(content)
        (folder / pack.SIGNATURE).write_bytes(signing.sign(key, content))
        known = self.evidence().register
        redone = register.Register()
        for entry in known.entries:
            mine = entry.manifest_sha256 == before
            redone = redone.with_releases(
                [
                    {
                        "recipient": entry.recipient,
                        "agreement": entry.agreement,
                        "release_id": manifest["release_id"] if mine else entry.release_id,
                        "manifest_sha256": files.sha256(content) if mine else entry.manifest_sha256,
                        "entitlement_sha256": (
                            files.file_sha256(folder / pack.ENTITLEMENT)
                            if mine
                            else entry.entitlement_sha256
                        ),
                        "previous": entry.previous,
                    }
                ]
            )
        register.write(self.state.register, redone, key)

    def publish_without_proof(self, agreement: str) -> Path:
        """Prepare, sign, register and place a pack with no check of any kind."""
        with open_quickly(self.state) as connection:
            order = next(o for o in pack.read_orders(connection) if o.agreement == agreement)
            public = signing.publish_public_key(self.state, self.keyring)
            known = register.load(self.state.register, public)
            before = known.latest(order.recipient, agreement)
            place = self.state.releases / order.recipient / agreement
            terms = pack.read_terms(connection, order)
            (rows,) = content.read(connection, {agreement: terms.fields})
            item = pack.prepare(
                connection,
                self.keyring,
                terms,
                rows[agreement],
                BUILD_ID,
                self.state.var / "attack",
                before,
                place / before.release_id if before else None,
                known.of(order.recipient, agreement),
            )
        cut._publish(self.state, self.keyring, known, [item])
        return place / item.release_id

    def copy(self, var: Path) -> World:
        """The same installation in another folder."""
        shutil.copytree(self.state.var, var, symlinks=True)
        return World(State(var=var, target=self.state.target))


def build_world(var: Path, keys_of: World | None = None) -> World:
    """Make the installation; `keys_of` lends its keyring, so that two worlds can be compared."""
    state = State(var=var, target="operator")
    state.make_folders()
    if keys_of is not None:
        shutil.copytree(keys_of.state.keys, state.keys, dirs_exist_ok=True)
    world = World(state)
    names = ["person", "signing", "recipient-QAA", "recipient-QBB"]
    names += ["agreement-REC-A-not_applied-v1"]
    world.keyring.ensure([*names, *(f"zone-{zone}" for zone in zones.ZONES)])
    with shared_database().cursor() as connection:
        zones.attach(connection, state, world.keyring)
        for zone in zones.ZONES:
            connection.execute(f"detach {zone}")
    world.sql(*_statements())
    world.sql(
        "create schema pseudonymised.seeds",
        "create table pseudonymised.seeds.disclosure_rule as select "
        "unnest(['activity', 'activity', 'data_quality']) as data_set, "
        "unnest(['people', 'records', 'records']) as measure, "
        "'rounded' as regime, 1 as suppress_lo, "
        "7 as suppress_hi, 5 as round_to, 2 as required_width, true as zero_is_shown, "
        "date '2018-09-01' as valid_from, null::date as valid_to",
        zone="pseudonymised",
    )
    return world


def month_rows(agreement: str, icb: str) -> list[tuple[Any, ...]]:
    """National rows, the ICB's and its sub-ICBs', for two months of one quarter."""
    places = [("ALL", "ALL"), (icb, "ALL"), *((icb, code) for code in CODES[icb])]
    rows = []
    for depth, (icb_code, sub_icb_code) in enumerate(places):
        for month in ("ALL", "2024-04", "2024-05"):
            count = 200 // (depth + 1) // (1 if month == "ALL" else 2) // 5 * 5
            withheld = month == "2024-05" and sub_icb_code == CODES[icb][-1]
            figures = (None, None, None, "withheld") if withheld else (count, count, 0, "shown")
            place = (agreement, icb_code, sub_icb_code, "day_case")
            rows.append((*place, "2024-25 Q1", month, *figures))
    return rows


def entitlement_rows(
    agreement: str,
    recipient: str,
    codes: dict[str, list[str]],
    tables: dict[str, Sequence[tuple[str, str]]],
    national: bool,
    **changes: Any,
) -> list[tuple[str, str, int, str]]:
    """One agreement's rows of rel_entitlement, in the shape that entitlement.py describes."""
    head = {
        "agreement_id": agreement,
        "recipient_code": recipient,
        "version": "1",
        "purpose": "Commissioning: plan",
        "legal_basis": "invented",
        "information_level": "invented level",
        "starts_on": "2025-04-01",
        "ends_on": "2028-03-31",
        "contract": {"contract_id": "C-1"},
        "limits": {},
    }
    parts = {"national_parts": {"icb_code": sorted(CODES)}} if national else {}
    items = [
        ("agreement", head | changes),
        ("relationship", {"from_code": recipient, "to_code": recipient}),
        ("assurance", {"kind": "dspt"}),
        ("scope", {"dimension": "commissioner", "codes": codes, "national": national} | parts),
        ("period", {"start": PERIOD[0], "end": PERIOD[1]}),
    ]
    items += [
        ("field", {"table": table, "field": name})
        for table, fields in tables.items()
        for name, _ in fields
    ]
    return [
        (agreement, kind, position, json.dumps(item))
        for position, (kind, item) in enumerate(items, start=1)
    ]


def _statements() -> list[str]:
    aggregate = {"mart_activity_by_month": MONTH_FIELDS}
    record_level = {"apc_spell": SPELL_FIELDS, "emergency_attendance": EMERGENCY_FIELDS}
    entitlements, fields = [], []
    for agreement, recipient in (("AGG-A", "QAA"), ("AGG-B", "QBB"), ("OLD-B", "QBB")):
        codes = {"icb_code": [recipient], "sub_icb_code": CODES[recipient]}
        entitlements += entitlement_rows(agreement, recipient, codes, aggregate, True)
        fields += _field_rows(agreement, aggregate)
    codes = {"responsible_commissioner_code": CODES["QAA"]}
    entitlements += entitlement_rows("REC-A", "QAA", codes, record_level, False)
    fields += _field_rows("REC-A", record_level)
    packs = [
        _pack_row("QAA", "AGG-A", "aggregate", True, []),
        _pack_row("QAA", "REC-A", "record_level", True, []),
        _pack_row("QBB", "AGG-B", "aggregate", True, []),
        _pack_row("QBB", "OLD-B", "aggregate", False, ["agreement_not_in_date"]),
    ]
    provider = month_rows("AGG-A", "QAA") + month_rows("AGG-B", "QBB")
    provider += month_rows("OLD-B", "QBB")
    pseudonym = "00000000-0000-4000-8000-00000000000"
    spells = [
        ("REC-A", f"k{n}", f"{pseudonym}{n}", "01A", "RAA", "2024-04", "2024-05", n)
        for n in range(1, 6)
    ]
    spells.append(("REC-A", "k9", f"{pseudonym}1", "01B", "RAA", "2024-06", None, None))
    emergencies = [("REC-A", "e1", f"{pseudonym}1", "01B", "2024-07")]
    return [
        "create schema restricted.releases",
        _create("rel_pack", _PACK_COLUMNS, packs),
        _create(
            "rel_field",
            "agreement_id varchar, table_name varchar, field_name varchar, field_position integer, "
            "data_type varchar, description varchar",
            fields,
        ),
        _create(
            "rel_entitlement",
            "agreement_id varchar, kind varchar, item_order bigint, item json",
            entitlements,
        ),
        _create("rel_activity_by_month", _columns(MONTH_FIELDS), provider),
        _create("rel_apc_spell", _columns(SPELL_FIELDS, "record_key varchar"), spells),
        _create(
            "rel_emergency_attendance",
            _columns(EMERGENCY_FIELDS, "record_key varchar"),
            emergencies,
        ),
        "create table restricted.releases.rel_superseded_pseudonym (agreement_id varchar, "
        "superseded_pseudonym uuid, person_pseudonym uuid, superseded_on date)",
        _create(
            "rel_gate_count",
            "agreement_id varchar, gate varchar, gate_status varchar, refused_records bigint, "
            "refused_people bigint",
            [
                ("REC-A", "legally_restricted_code", "withheld", None, None),
                ("REC-A", "period_not_in_agreement", "shown", 15, 10),
                ("REC-A", "sensitive_person", "shown", 0, 0),
            ],
        ),
    ]


_PACK_COLUMNS = (
    "recipient_code varchar, recipient_name varchar, agreement_id varchar, "
    "agreement_version integer, flow varchar, purpose varchar, legal_basis varchar, "
    "information_level varchar, opt_out_regime varchar, key_version integer, period_start date, "
    "period_end date, data_cut date, allowed boolean, reasons varchar[], "
    "opt_out_status varchar, opted_out_people bigint, retained_until date"
)


def _pack_row(
    recipient: str, agreement: str, flow: str, allowed: bool, reasons: list[str]
) -> tuple[Any, ...]:
    who = (recipient, f"Invented body {recipient}", agreement, 1, flow)
    until = "2028-03-31" if allowed else "2026-03-31"
    why = ("Commissioning: plan", "invented", "invented level", "not_applied", 1)
    return (*who, *why, *PERIOD, "2026-04-30", allowed, reasons, "not_applied", None, until)


def _field_rows(
    agreement: str, tables: dict[str, Sequence[tuple[str, str]]]
) -> list[tuple[Any, ...]]:
    return [
        (agreement, table, name, position, kind, f"What {name} means, in words")
        for table, fields in tables.items()
        for position, (name, kind) in enumerate(fields, start=1)
    ]


def _columns(fields: Sequence[tuple[str, str]], *more: str) -> str:
    return ", ".join(["agreement_id varchar", *more, *(f"{name} {kind}" for name, kind in fields)])


def _create(table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> str:
    values = ", ".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
    name = f"restricted.releases.{table}"
    made = f"create table {name} ({columns}); "
    return made + f"insert into {name} values {values}"


def literal(value: Any) -> str:
    """A Python value as an SQL literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]"
    return str(value) if isinstance(value, int) else zones.quoted(str(value))


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, links followed for what they hold."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rewrite_container(
    world: World, folder: Path, change: Callable[[duckdb.DuckDBPyConnection], None]
) -> None:
    """Change the record-level container with the recipient's key."""
    key = world.keyring.key("recipient-QAA").hex()
    with shared_database().cursor() as connection:
        path = folder / records.CONTAINER
        connection.execute(f"attach '{path}' as pack (ENCRYPTION_KEY '{key}')")
        change(connection)
        connection.execute("checkpoint pack")
        connection.execute("detach pack")
