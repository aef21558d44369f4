"""What a pack holds, when one is cut, and that the same input gives the same bytes."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pytest
from release_world import NO_CHECKS, World, build_world, files_of

from safe_haven.errors import SafeHavenError
from safe_haven.keyring import Keyring
from safe_haven.release import current, pack, records, render, rules, tables, verify
from safe_haven.release.audits import Checks
from safe_haven.release.entitlement import Entitlement
from safe_haven.zones import writer_lock

AGGREGATE_FILES = [
    "changes.csv",
    "data/mart_activity_by_month.csv",
    "data/mart_activity_by_month.parquet",
    "datapackage.json",
    "entitlement.json",
    "manifest.json",
    "manifest.json.sig",
    "workbook.xlsx",
]
RECORD_FILES = ["data/records.duckdb.enc", "entitlement.json", "manifest.json", "manifest.json.sig"]
CELL = "agreement_id = 'AGG-A' and sub_icb_code = '01A' and month = '2024-04'"


def change_cell(world: World) -> None:
    """Change one shown figure of AGG-A."""
    world.sql(
        "update restricted.releases.rel_activity_by_month "
        f"set records = 40, people = 35 where {CELL}"
    )


def read_changes(folder: Path) -> list[dict[str, str]]:
    """The rows of changes.csv."""
    return list(csv.DictReader(io.StringIO((folder / "changes.csv").read_text())))


def test_release_gives_each_allowed_agreement_its_pack(world: World) -> None:
    assert sorted(files_of(world.aggregate)) == AGGREGATE_FILES
    assert sorted(files_of(world.record_level)) == RECORD_FILES
    assert (world.state.releases / "QAA" / "AGG-A" / "current").readlink().parts == (
        world.aggregate.name,
    )
    assert not list(world.state.releases.glob(".*"))


def test_expired_agreement_gets_nothing_and_the_reason(fresh: World) -> None:
    assert fresh.release()["OLD-B"] == "refused"
    assert not (fresh.state.releases / "QBB" / "OLD-B").exists()


def test_pack_holds_only_the_recipients_rows(world: World) -> None:
    text = (world.aggregate / "data/mart_activity_by_month.csv").read_text()
    assert "QAA" in text
    assert "QBB" not in text


def test_frictionless_accepts_the_datapackage(world: World) -> None:
    with frictionless.system.use_context(trusted=True):
        report = frictionless.validate(str(world.aggregate / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])


def test_workbook_has_numbers_real_tables_and_one_symbol(world: World) -> None:
    book = openpyxl.load_workbook(world.aggregate / "workbook.xlsx")
    assert book.sheetnames == ["Cover", "Notes", "Dictionary", "activity_by_month"]
    sheet = book["activity_by_month"]
    assert list(sheet.tables) == ["data_1"]
    heading, *rows = sheet.iter_rows(values_only=True)
    shown = [row for row in rows if row[heading.index("status")] == "shown"]
    withheld = [row for row in rows if row[heading.index("status")] == "withheld"]
    assert all(isinstance(row[heading.index("records")], int) for row in shown)
    assert [row[5:8] for row in withheld] == [("[c]", "[c]", "[c]")]


def test_manifest_says_who_why_and_from_what(world: World) -> None:
    manifest = json.loads((world.aggregate / "manifest.json").read_bytes())
    assert manifest["recipient_code"] == "QAA"
    assert manifest["purpose"] == "Commissioning: plan"
    assert manifest["row_counts"] == {"mart_activity_by_month": 12}
    assert manifest["withheld_cells"]["mart_activity_by_month"] % 5 == 0
    assert sorted(manifest["files"]) == [
        name for name in AGGREGATE_FILES if not name.startswith("manifest")
    ]
    keys = {
        key["name"]
        for key in json.loads((world.record_level / "manifest.json").read_bytes())["keys"]
    }
    assert keys == {"agreement-REC-A-not_applied-v1", "recipient-QAA", "signing"}


def test_records_open_with_the_recipients_key_and_hold_the_fields_owed(world: World) -> None:
    key = world.keyring.key("recipient-QAA")
    spells, emergencies = records.read_container(world.record_level / records.CONTAINER, key)[::1]
    assert spells.name == "apc_spell"
    assert emergencies.name == "emergency_attendance"
    assert "record_key" not in spells.rows.column_names
    assert spells.rows.num_rows == 6
    assert b"2024-04" not in (world.record_level / records.CONTAINER).read_bytes()


def test_attack_another_recipients_key_does_not_open_the_records(
    world: World, tmp_path: Path
) -> None:
    """Control: written under the other's key, the same records open with it."""
    container = world.record_level / records.CONTAINER
    with pytest.raises(SafeHavenError, match="does not open with this key") as refused:
        records.read_container(container, world.keyring.key("recipient-QBB"))
    assert world.keyring.key("recipient-QBB").hex() not in str(refused.value)
    content = records.read_container(container, world.keyring.key("recipient-QAA"))
    records.write_container(tmp_path / "other", world.keyring.key("recipient-QBB"), content)
    assert records.read_container(tmp_path / "other", world.keyring.key("recipient-QBB"))


def test_unchanged_content_cuts_no_new_release(world: World) -> None:
    before = files_of(world.state.releases), files_of(world.state.public)
    assert set(world.release().values()) == {"unchanged", "refused"}
    assert (files_of(world.state.releases), files_of(world.state.public)) == before


def test_changed_content_cuts_a_release_that_follows_the_last(world: World) -> None:
    old = world.aggregate
    change_cell(world)
    assert world.release() == {
        "AGG-A": "released",
        "AGG-B": "unchanged",
        "OLD-B": "refused",
        "REC-A": "unchanged",
    }
    assert world.aggregate != old
    assert old.is_dir()
    assert [
        (row["field"], row["old_value"], row["new_value"]) for row in read_changes(world.aggregate)
    ] == [
        ("people", "30", "35"),
        ("records", "30", "40"),
    ]
    for folder in (old, world.aggregate):
        assert not world.verify(folder).failed


def test_changes_tell_only_what_was_shown(world: World) -> None:
    world.sql(
        "update restricted.releases.rel_activity_by_month "
        "set records = null, people = null, "
        f"bed_days = null, status = 'withheld' where {CELL}",
        "delete from restricted.releases.rel_activity_by_month where agreement_id = 'AGG-A' "
        "and sub_icb_code = '01B' and month = '2024-04'",
    )
    world.release()
    found = {
        (row["change"], row["field"]): (row["old_value"], row["new_value"])
        for row in read_changes(world.aggregate)
    }
    assert found == {
        ("changed", "records"): ("30", ""),
        ("changed", "people"): ("30", ""),
        ("changed", "bed_days"): ("0", ""),
        ("changed", "status"): ("shown", "withheld"),
        ("removed", "records"): ("25", ""),
        ("removed", "people"): ("25", ""),
        ("removed", "bed_days"): ("0", ""),
        ("removed", "status"): ("shown", ""),
    }


def test_content_that_returns_gets_an_id_of_its_own(world: World) -> None:
    first = world.aggregate
    change_cell(world)
    world.release()
    world.sql(
        "update restricted.releases.rel_activity_by_month "
        f"set records = 30, people = 30 where {CELL}"
    )
    assert world.release()["AGG-A"] == "released"
    assert world.aggregate != first
    assert [entry.release_id for entry in world.evidence().register.of("QAA", "AGG-A")][-1] == (
        world.aggregate.name
    )
    assert not world.verify(first).failed
    assert not world.verify(world.aggregate).failed


def test_two_installations_with_one_keyring_give_the_same_bytes(
    released: World, tmp_path: Path
) -> None:
    other = build_world(tmp_path / "var", keys_of=released)
    other.release()
    for recipient, agreement in (("QAA", "AGG-A"), ("QBB", "AGG-B")):
        assert files_of(other.folder(recipient, agreement)) == files_of(
            released.folder(recipient, agreement)
        )
    key = released.keyring.key("recipient-QAA")
    assert other.record_level.name == released.record_level.name
    tables = [
        records.read_container(world.record_level / records.CONTAINER, key)
        for world in (other, released)
    ]
    assert [[t.rows.to_pylist() for t in some] for some in tables[:1]] == [
        [t.rows.to_pylist() for t in some] for some in tables[1:]
    ]


def test_order_of_rows_in_the_warehouse_does_not_matter(released: World, tmp_path: Path) -> None:
    other = build_world(tmp_path / "var", keys_of=released)
    other.sql(
        "create or replace table restricted.releases.rel_activity_by_month as "
        "select * from restricted.releases.rel_activity_by_month order by month desc, records"
    )
    other.release()
    assert files_of(other.aggregate) == files_of(released.aggregate)


def test_one_recipient_can_be_released_alone(fresh: World) -> None:
    assert fresh.release(recipient="QBB") == {"AGG-B": "released", "OLD-B": "refused"}
    assert not (fresh.state.releases / "QAA").exists()
    with pytest.raises(SafeHavenError, match="No agreement fits"):
        fresh.release(recipient="QZZ")


def test_one_recipient_alone_is_audited_with_all_others(fresh: World) -> None:
    seen: list[Path] = []

    def audit(folders: list[Path]) -> list[str]:
        seen.extend(folders)
        return []

    fresh.release(Checks(gate=NO_CHECKS.gate, audit=audit, scan=NO_CHECKS.scan), recipient="QBB")
    assert sorted(folder.name for folder in seen) == ["AGG-A", "AGG-B"]


def test_dry_run_publishes_nothing(fresh: World) -> None:
    assert fresh.release(dry_run=True)["AGG-A"] == "would release"
    assert not list(fresh.state.releases.iterdir())
    assert not list(fresh.state.register.iterdir())


@pytest.mark.parametrize("check", ["audit", "scan"])
def test_attack_one_finding_releases_nothing_at_all(fresh: World, check: str) -> None:
    """Control: without the check the same world is released."""

    def finding(*_: object) -> list[str]:
        return ["something"]

    checks = {"audit": NO_CHECKS.audit, "scan": NO_CHECKS.scan} | {check: finding}
    with pytest.raises(SafeHavenError, match="Nothing was released"):
        fresh.release(Checks(gate=NO_CHECKS.gate, **checks))
    assert not list(fresh.state.releases.iterdir())
    assert not list(fresh.state.register.iterdir())
    assert fresh.release()["AGG-A"] == "released"


NUMBER = "9990000018"
SCANNED = Checks(gate=NO_CHECKS.gate, audit=NO_CHECKS.audit)


def spaced(number: str) -> str:
    """An NHS number as it is printed."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"


@pytest.fixture
def with_people(fresh: World) -> World:
    """The identifiable zone holds one person, so that the real scan has something to look for."""
    fresh.sql(
        "create schema identifiable.identity",
        f"create table identifiable.identity.idn_person as select '{NUMBER}' as nhs_number, "
        "'CANARYBIRD-ONE' as family_name, 'Tweet' as given_name",
        zone="identifiable",
    )
    return fresh


def test_control_clean_packs_pass_the_real_scan(with_people: World) -> None:
    assert with_people.release(SCANNED)["REC-A"] == "released"


@pytest.mark.parametrize(
    "statement",
    [
        f"rel_apc_spell set provider_code = 'R{NUMBER}'",
        "rel_apc_spell set provider_code = 'CANARYBIRD-ONE'",
        f"rel_activity_by_month set point_of_delivery = '{spaced(NUMBER)}'",
        f"rel_field set description = '{NUMBER}'",
    ],
)
def test_attack_identifier_in_a_pack_releases_nothing(with_people: World, statement: str) -> None:
    """Control: without the scan the same packs go out."""
    with_people.sql(f"update restricted.releases.{statement}")
    with pytest.raises(SafeHavenError, match="the search for identifiers found") as refused:
        with_people.release(SCANNED)
    assert NUMBER not in str(refused.value)
    assert not list(with_people.state.releases.iterdir())
    assert with_people.release()["AGG-A"] == "released"


@pytest.mark.parametrize("typed", ["=1+2", "+1+2", "-1+2", "@SUM(A1)", "\t=1+2"])
def test_attack_formula_for_a_code_releases_nothing(
    fresh: World, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """Control: without the search for formulas it goes out."""
    fresh.sql(
        f"update restricted.releases.rel_activity_by_month set point_of_delivery = '{typed}' "
        f"where {CELL}"
    )
    with pytest.raises(SafeHavenError, match="begins like a formula"):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    monkeypatch.setattr(render, "FORMULA", re.compile("(?!)"))
    assert fresh.release()["AGG-A"] == "released"
    assert typed in (fresh.aggregate / "data/mart_activity_by_month.csv").read_text()


def test_a_number_below_none_is_no_formula() -> None:
    render.refuse_formulas("changes.csv", b"old_value,new_value\n-5,-5.25\n")


def test_attack_empty_identifiable_zone_proves_nothing(fresh: World) -> None:
    """Control: without the scan the same packs go out, which nobody searched."""
    with pytest.raises(SafeHavenError, match="no identifier to search for"):
        fresh.release(SCANNED)
    assert not list(fresh.state.releases.iterdir())
    assert fresh.release()["AGG-A"] == "released"


def test_attack_rule_that_is_not_in_force_releases_nothing(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: where nobody compares the rules, packs go out that state another one."""
    fresh.sql(
        "update pseudonymised.seeds.disclosure_rule set suppress_hi = 9", zone="pseudonymised"
    )
    with pytest.raises(SafeHavenError, match="disclosure_rule has"):
        fresh.release()
    monkeypatch.setattr(rules, "_check_table", lambda *_: None)
    assert fresh.release()["AGG-A"] == "released"


def every_order(connection: duckdb.DuckDBPyConnection) -> list[pack.Order]:
    """Every row of `rel_pack`, whatever its codes are."""
    found = connection.execute("from restricted.releases.rel_pack order by all")
    rows = found.to_arrow_table().to_pylist()
    return [pack.Order({name: pack._plain(value) for name, value in row.items()}) for row in rows]


def every_field(
    connection: duckdb.DuckDBPyConnection, order: pack.Order, _: object
) -> dict[str, list[render.Field]]:
    """The columns of `rel_field`, whatever the entitlement says."""
    owed: dict[str, list[render.Field]] = {}
    for table, name, kind in connection.execute(
        "select table_name, field_name, data_type from restricted.releases.rel_field "
        "where agreement_id = ? order by all",
        [order.agreement],
    ).fetchall():
        field = render.Field(name, render.field_type(kind), "", render.stored_type(kind))
        owed.setdefault(table, []).append(field)
    return owed


PROOF: Any = (verify, "_entitlement_findings", lambda *_: iter(()))
DOCUMENT: Any = (Entitlement, "from_document", Entitlement)
FIELDS: Any = (pack, "_owed_fields", every_field)
ORDERS: Any = (pack, "read_orders", every_order)
"""Checks of what is released, and what stands in their place when they are off."""


@pytest.mark.parametrize(
    ("statement", "message", "checks"),
    [
        (
            "update restricted.releases.rel_activity_by_month set icb_code = 'QBB' "
            "where agreement_id = 'AGG-A' and icb_code = 'QAA'",
            "icb_code QBB is not in scope",
            [PROOF],
        ),
        (
            "update restricted.releases.rel_apc_spell set responsible_commissioner_code = '02A'",
            "responsible_commissioner_code 02A is not in scope",
            [PROOF],
        ),
        (
            "update restricted.releases.rel_apc_spell set discharge_month = '2023-03'",
            "discharge_month 2023-03 is outside",
            [PROOF],
        ),
        (
            "delete from restricted.releases.rel_entitlement where kind = 'scope' "
            "and agreement_id = 'REC-A'",
            "no 'scope' item",
            [DOCUMENT, FIELDS, PROOF],
        ),
        (
            "delete from restricted.releases.rel_entitlement where kind = 'assurance'",
            "no 'assurance' item",
            [DOCUMENT],
        ),
        (
            "insert into restricted.releases.rel_field values ('AGG-A', "
            "'mart_activity_by_month', 'agreement_id', 99, 'varchar', 'x')",
            "do not name the same columns",
            [FIELDS, PROOF],
        ),
        (
            "update restricted.releases.rel_pack set data_cut = date '2030-01-01'",
            "not in date on the data cut",
            [PROOF],
        ),
        (
            "update restricted.releases.rel_pack set purpose = 'Marketing'",
            "purpose is not the agreement's",
            [PROOF],
        ),
        (
            "update restricted.releases.rel_pack set agreement_id = 'AGG-A', allowed = true, "
            "reasons = [] where agreement_id = 'OLD-B'",
            "has AGG-A twice",
            [ORDERS, DOCUMENT, PROOF],
        ),
        (
            "update restricted.releases.rel_pack set recipient_code = '../../public' "
            "where agreement_id = 'AGG-A'",
            "cannot name a recipient",
            [ORDERS, DOCUMENT, PROOF],
        ),
    ],
)
def test_attack_content_outside_the_entitlement_is_never_published(
    fresh: World, statement: str, message: str, checks: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the checks that find it, it is released."""
    fresh.sql(statement)
    with pytest.raises(SafeHavenError, match=message):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    assert not (fresh.state.register / "register.json").exists()
    for check in checks:
        monkeypatch.setattr(*check)
    released = fresh.release()
    assert (released["AGG-A"], released["REC-A"]) == ("released", "released")


def test_control_the_same_world_untouched_is_published(fresh: World) -> None:
    assert fresh.release()["AGG-A"] == "released"


def test_attack_the_bridge_between_keys_is_never_packed(
    fresh: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even an agreement that names it gets nothing: it is no table that a pack may hold.

    The control takes it for one, without a look at columns and rows, and it is packed.
    """
    fresh.sql(
        "create table restricted.releases.rel_pseudonym_bridge as select 'REC-A' as agreement_id, "
        "uuid() as earlier_pseudonym",
        "insert into restricted.releases.rel_field values "
        "('REC-A', 'pseudonym_bridge', 'earlier_pseudonym', 1, 'uuid', 'invented')",
        "insert into restricted.releases.rel_entitlement values ('REC-A', 'field', 99, "
        """'{"table": "pseudonym_bridge", "field": "earlier_pseudonym"}')""",
    )
    with pytest.raises(SafeHavenError, match="'pseudonym_bridge' is not a record-level table"):
        fresh.release()
    bridge = {"pseudonym_bridge": tables.RecordTable((), "earlier_pseudonym")}
    monkeypatch.setattr(tables, "RECORD_LEVEL", {**tables.RECORD_LEVEL, **bridge})
    monkeypatch.setattr(*FIELDS)
    monkeypatch.setattr(*PROOF)
    assert fresh.release()["REC-A"] == "released"
    path = fresh.record_level / records.CONTAINER
    found = records.read_container(path, fresh.keyring.key("recipient-QAA"))
    assert "pseudonym_bridge" in [table.name for table in found]


def test_second_writer_is_refused(fresh: World) -> None:
    with writer_lock(fresh.state), pytest.raises(SafeHavenError, match="One writer at a time"):
        fresh.release()


def test_damaged_current_release_stops_the_next_one(world: World) -> None:
    (world.aggregate / "changes.csv").write_text("edited")
    with pytest.raises(SafeHavenError, match=r"is damaged \(changes\.csv was changed"):
        world.release()


def test_other_signing_key_is_refused(world: World) -> None:
    path = Keyring(world.state.keys).path("signing")
    path.write_text("ab" * 32 + "\n")
    (world.state.audit / "key_check_values.csv").unlink()
    with pytest.raises(SafeHavenError, match="not the public half"):
        world.release()


def test_counts_of_withheld_figures_are_rounded() -> None:
    assert [pack._rounded(count) for count in (0, 2, 3, 7, 8, 12, 13)] == [0, 0, 5, 5, 10, 10, 15]


def test_a_release_ends_with_its_legal_basis(fresh: World) -> None:
    """Before its agreement; at midnight in London."""
    fresh.sql(
        "update restricted.releases.rel_entitlement set item = replace(item::varchar, "
        """'"legal_basis"', '"legal_basis_ends_on": "2027-09-30", "legal_basis"')"""
    )
    fresh.release()
    begins, ends = current.term(fresh.aggregate)
    assert begins == datetime.datetime(2025, 3, 31, 23, tzinfo=datetime.UTC)
    assert ends == datetime.datetime(2027, 9, 30, 23, tzinfo=datetime.UTC)
