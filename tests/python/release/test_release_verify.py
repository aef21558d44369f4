"""Attacks on published packs: what a verifier with public material alone must notice.

Each attack has its control: without the checks that find it, one after another switched off, the
same pack is proved.
"""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook
from release_world import World, entitlement_rows, files_of, rewrite_container

from safe_haven.errors import SafeHavenError
from safe_haven.release import (
    changes,
    entitlement,
    files,
    pack,
    records,
    register,
    render,
    signing,
    verify,
)
from safe_haven.release.entitlement import Entitlement
from safe_haven.zones import quoted

AGGREGATE_FILES = (
    "changes.csv",
    "data/mart_activity_by_month.csv",
    "data/mart_activity_by_month.parquet",
    "datapackage.json",
    "entitlement.json",
    "manifest.json",
    "manifest.json.sig",
    "workbook.xlsx",
)
RECORD_FILES = ("data/records.duckdb.enc", "entitlement.json", "manifest.json", "manifest.json.sig")
CSV = "data/mart_activity_by_month.csv"
PARQUET = "data/mart_activity_by_month.parquet"
FOREIGN = "QBB,02A,day_case,2024-25 Q1,2024-04,30,30,0,shown\n"


def said(report: verify.Report, proof: str) -> str:
    """What one proof found, as text; it must have failed."""
    assert report.proofs[proof].outcome == verify.FAILED, report
    return "\n".join(report.proofs[proof].details)


def off(*_: object) -> Iterator[str]:
    """A check that finds nothing."""
    return iter(())


CONTAINER_FORM = "what else the container holds"
ENTITLEMENT = "_entitlement_findings"
AGGREGATE = "_aggregate_findings"
ROWS, COPIES = "_row_findings", "_copy_findings"
WORKBOOK = "workbook_findings"
OFF = {CONTAINER_FORM: (records, "_other_objects", lambda _: 0)}
"""Where a check is that is no function of `verify`, and what stands in its place."""
Control = Callable[..., None]


@pytest.fixture
def proved_without(world: World, monkeypatch: pytest.MonkeyPatch) -> Control:
    """The control of an attack: without these checks it succeeds, and each of them is needed."""

    def control(folder: Path, *checks: str, key: str | None = None, **options: object) -> None:
        for check in checks:
            assert world.verify(folder, key=key, **options).failed, f"found without {check}"
            monkeypatch.setattr(*OFF.get(check, (verify, check, off)))
        assert not (report := world.verify(folder, key=key, **options)).failed, report

    return control


@pytest.fixture
def trusted(
    world: World, proved_without: Control, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """The control of a change of bytes: who takes them on trust proves the pack.

    The manifest is then the one there was before the change. `others` are the checks that find the
    change as well.
    """
    packs = (world.aggregate, world.record_level)
    before = {folder: (folder / pack.MANIFEST).read_bytes() for folder in packs}

    def control(folder: Path, *others: str) -> None:
        def on_trust(*given: object) -> Iterator[str]:
            content = before[folder]
            opened = verify.Opened(folder, json.loads(content), files.sha256(content))
            given[-1].append(opened)
            return iter(())

        assert world.verify(folder).failed
        monkeypatch.setattr(verify, "_bytes_findings", on_trust)
        proved_without(folder, *others)

    return control


def test_untouched_packs_are_proved(world: World) -> None:
    reports = verify.verify_packs(
        [world.aggregate, world.folder("QBB", "AGG-B"), world.record_level],
        world.evidence("recipient-QAA"),
    )
    assert {proof.outcome for report in reports for proof in report.proofs.values()} == {
        verify.PROVED
    }


def test_record_rows_are_not_proved_without_the_key(world: World) -> None:
    report = world.verify(world.record_level)
    assert report.proofs["entitlement"].outcome == verify.NOT_PROVED
    assert not report.failed


@pytest.mark.parametrize("name", AGGREGATE_FILES)
def test_attack_one_byte_changed_names_the_file(world: World, name: str, trusted: Control) -> None:
    """Control: on trust the pack is proved, where the proof of rows is off as well."""
    flip(world.aggregate / name)
    assert name.removesuffix(".sig") in said(world.verify(world.aggregate), "bytes")
    trusted(world.aggregate, *([] if name.startswith(pack.MANIFEST) else [ENTITLEMENT]))


@pytest.mark.parametrize("name", RECORD_FILES)
def test_attack_one_byte_changed_in_records_names_the_file(
    world: World, name: str, trusted: Control
) -> None:
    """Control: on trust the pack is proved; without its key nobody reads the container."""
    flip(world.record_level / name)
    assert name.removesuffix(".sig") in said(world.verify(world.record_level), "bytes")
    trusted(world.record_level, *([ENTITLEMENT] if name == pack.ENTITLEMENT else []))


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_attack_extra_file(world: World, trusted: Control) -> None:
    """Control: on trust the pack is proved."""
    (world.aggregate / "data/extra.csv").write_text("x")
    assert "data/extra.csv is an extra file" in said(world.verify(world.aggregate), "bytes")
    trusted(world.aggregate)


def test_attack_extra_empty_folder(world: World, trusted: Control) -> None:
    """Control: on trust the pack is proved."""
    (world.aggregate / "nhs number here").mkdir()
    assert "does not belong" in said(world.verify(world.aggregate), "bytes")
    trusted(world.aggregate)


@pytest.mark.parametrize("name", AGGREGATE_FILES)
def test_attack_missing_file(world: World, name: str, trusted: Control) -> None:
    """Control: on trust the pack is proved, where the proof of rows is off as well."""
    (world.aggregate / name).unlink()
    found = said(world.verify(world.aggregate), "bytes")
    assert name in found
    assert "missing" in found
    trusted(world.aggregate, *([] if name.startswith(pack.MANIFEST) else [ENTITLEMENT]))


def test_attack_link_in_place_of_a_file(world: World, tmp_path: Path, trusted: Control) -> None:
    """Control: on trust the pack is proved."""
    shutil.move(world.aggregate / CSV, tmp_path / "elsewhere.csv")
    (world.aggregate / CSV).symlink_to(tmp_path / "elsewhere.csv")
    assert "is a link" in said(world.verify(world.aggregate), "bytes")
    trusted(world.aggregate)


def test_attack_signed_with_another_key(world: World) -> None:
    """Control: to a verifier who was given the other key the bytes are proved."""
    other = signing.Ed25519PrivateKey.generate()
    content = (world.aggregate / pack.MANIFEST).read_bytes()
    (world.aggregate / pack.SIGNATURE).write_bytes(signing.sign(other, content))
    assert "signed with another key" in said(world.verify(world.aggregate), "bytes")
    given = dataclasses.replace(world.evidence(), public_key=other.public_key())
    (report,) = verify.verify_packs([world.aggregate], given)
    assert not report.failed


# -- correctly signed packs that say too much -------------------------------------------------


def foreign_row(world: World) -> None:
    """Let the warehouse owe AGG-A a row of another commissioner."""
    world.sql(
        "insert into restricted.releases.rel_activity_by_month values "
        "('AGG-A', 'QBB', '02A', 'day_case', '2024-25 Q1', '2024-04', 30, 30, 0, 'shown')"
    )


def test_attack_correctly_signed_pack_with_one_foreign_row_fails(world: World) -> None:
    """Its control is `test_control_entitlement_proof_off_lets_the_foreign_row_through`."""
    foreign_row(world)
    report = world.verify(world.publish_without_proof("AGG-A"))
    assert report.proofs["bytes"].outcome == verify.PROVED
    assert report.proofs["chain"].outcome == verify.PROVED
    assert "sub_icb_code 02A is not in scope" in said(report, "entitlement")


def test_control_correctly_signed_pack_with_one_more_row_of_its_own_passes(world: World) -> None:
    world.sql(
        "insert into restricted.releases.rel_activity_by_month values "
        "('AGG-A', 'QAA', '01A', 'elective', '2024-25 Q1', '2024-04', 30, 30, 0, 'shown')"
    )
    assert not world.verify(world.publish_without_proof("AGG-A")).failed


def test_control_entitlement_proof_off_lets_the_foreign_row_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign_row(world)
    monkeypatch.setattr(Entitlement, "commissioner_refusal", lambda *_: None)
    assert not world.verify(world.publish_without_proof("AGG-A")).failed


LIMITED = (
    "update restricted.releases.rel_entitlement set item = json_merge_patch(item, "
    '\'{"limits": {"responsible_commissioner_code": ["01A"]}}\') '
    "where agreement_id = 'REC-A' and kind = 'agreement'"
)


def test_attack_correctly_signed_records_outside_the_limits_fail(world: World) -> None:
    """Its control is `test_control_limits_off_let_the_records_through`."""
    world.sql(LIMITED)
    report = world.verify(world.publish_without_proof("REC-A"), key="recipient-QAA")
    outside = "responsible_commissioner_code 01B is outside the agreement's limits"
    assert outside in said(report, "entitlement")


def test_control_limits_off_let_the_records_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql(LIMITED)
    monkeypatch.setattr(Entitlement, "limit_refusals", lambda *_: [])
    assert not world.verify(world.publish_without_proof("REC-A"), key="recipient-QAA").failed


def test_a_table_without_the_column_of_a_limit_is_not_released(world: World) -> None:
    world.sql(LIMITED.replace("responsible_commissioner_code", "age_band"))
    with pytest.raises(SafeHavenError, match=r"without \['age_band'\]"):
        world.publish_without_proof("REC-A")


@pytest.mark.parametrize(
    ("payer", "area", "is_owed"),
    [("01A", "E06000002", True), ("02A", "E06000001", True), ("02A", "E06000002", False)],
)
def test_a_record_is_in_scope_by_who_pays_or_by_where_the_patient_lives(
    payer: str, area: str, is_owed: bool
) -> None:
    codes = {
        "responsible_commissioner_code": ["01A"],
        "local_authority_code": ["E06000001"],
    }
    rows = entitlement_rows("REC-A", "QAA", codes, {"apc_spell": [("sex", "varchar")]}, False)
    entitlement = Entitlement.from_rows("REC-A", "QAA", [row[1:] for row in rows])
    record = {"responsible_commissioner_code": payer, "local_authority_code": area}
    assert (entitlement.record_refusal(record) is None) == is_owed


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("'ALL', '01A', 'day_case', '2024-25 Q1', '2024-04'", "icb_code ALL"),
        ("'QBB', '01A', 'day_case', '2024-25 Q1', '2024-04'", "icb_code QBB"),
        ("null, '01A', 'day_case', '2024-25 Q1', '2024-04'", "icb_code None"),
        ("'QAA', null, 'day_case', '2024-25 Q1', '2024-04'", "sub_icb_code None"),
        ("'QAA', '01A', 'day_case', '2023-24 Q4', 'ALL'", "quarter 2023-24 Q4"),
        ("'QAA', '01A', 'day_case', '2024-25 Q1', '2026-04'", "month 2026-04"),
        ("'QAA', '01A', 'day_case', 'ALL', 'ALL'", "whole period"),
        ("'QAA', '01A', 'day_case', '2024-26 Q1', 'ALL'", "neither a month nor a quarter"),
    ],
)
def test_attack_rows_that_pretend_to_be_in_scope(
    world: World, cell: str, message: str, proved_without: Control
) -> None:
    """Control: nothing but the look at each row finds it."""
    world.sql(
        "insert into restricted.releases.rel_activity_by_month values "
        f"('AGG-A', {cell}, 30, 30, 0, 'shown')"
    )
    folder = world.publish_without_proof("AGG-A")
    assert message in said(world.verify(folder), "entitlement")
    proved_without(folder, ROWS)


def test_attack_national_rows_without_a_right_to_them(
    world: World, proved_without: Control
) -> None:
    """Control: nothing but the look at each row finds it."""
    world.sql(
        "update restricted.releases.rel_entitlement set item = "
        "replace(item::varchar, '\"national\": true', '\"national\": false')::json "
        "where kind = 'scope'"
    )
    folder = world.publish_without_proof("AGG-A")
    assert "no national rows are owed" in said(world.verify(folder), "entitlement")
    proved_without(folder, ROWS)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ('["QBB"]', "icb_code QAA is not among the parts of the nation"),
        ("[]", "names no parts of the nation"),
        ('["QBB", "QAA"]', "cannot be audited"),
        ("null", "cannot be audited"),
    ],
)
def test_attack_parts_of_the_nation_that_cannot_be(
    fresh: World, parts: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: where nobody asks for the parts it is released."""
    fresh.sql(
        "update restricted.releases.rel_entitlement set item = json_merge_patch(item, "
        + quoted(f'{{"national_parts": {{"icb_code": {parts}}}}}')
        + ") where kind = 'scope' and agreement_id = 'AGG-A'"
    )
    with pytest.raises(SafeHavenError, match=message):
        fresh.release()
    assert not list(fresh.state.releases.iterdir())
    monkeypatch.setattr(entitlement, "_check_parts", lambda _: None)
    monkeypatch.setattr(Entitlement, "parts_refusal", lambda *_: None)
    assert fresh.release()["AGG-A"] == "released"


def test_attack_foreign_record_in_the_encrypted_container(
    world: World, proved_without: Control
) -> None:
    """Control: nothing but the look at each record finds it."""
    world.sql(
        "insert into restricted.releases.rel_apc_spell values ('REC-A', 'k7', "
        "'00000000-0000-4000-8000-000000000007', '02A', 'RAA', '2024-04', '2024-04', 1)"
    )
    folder = world.publish_without_proof("REC-A")
    found = said(world.verify(folder, key="recipient-QAA"), "entitlement")
    assert "responsible_commissioner_code 02A is not in scope" in found
    # Without the key nobody can say: not proved, and said so.
    assert world.verify(folder).proofs["entitlement"].outcome == verify.NOT_PROVED
    proved_without(folder, "_record_row_findings", key="recipient-QAA")


def test_another_recipients_key_proves_nothing_and_fails_nothing(world: World) -> None:
    """Of many keys the right one is found."""
    report = world.verify(world.record_level, key="recipient-QBB")
    assert not report.failed
    proof = report.proofs["entitlement"]
    assert proof.outcome == verify.NOT_PROVED
    assert proof.details == ("no key given opens it: its rows are under QAA's key",)
    both = [world.keyring.key(f"recipient-{code}") for code in ("QBB", "QAA")]
    evidence = dataclasses.replace(world.evidence(), recipient_keys=both)
    (report,) = verify.verify_packs([world.record_level], evidence)
    assert report.proofs["entitlement"].outcome == verify.PROVED


def test_attack_rows_under_another_key_than_the_manifest_says(
    world: World, proved_without: Control
) -> None:
    """The right key is given and does not open it: that is a failure.

    Control: nothing but the reading of the container finds it.
    """
    path = world.record_level / records.CONTAINER
    content = records.read_container(path, world.keyring.key("recipient-QAA"))
    path.unlink()
    records.write_container(path, world.keyring.key("recipient-QBB"), content)
    world.seal(world.record_level)
    found = said(world.verify(world.record_level, key="recipient-QAA"), "entitlement")
    assert "does not open with this key" in found
    proved_without(world.record_level, "_record_findings", key="recipient-QAA")


@pytest.mark.parametrize("keys", [None, [{}], [{"name": "recipient-QAA"}], "recipient-QAA"])
def test_attack_manifest_whose_keys_cannot_be_read(
    world: World, keys: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: whoever tries the key without asking the manifest proves the pack."""
    world.seal(world.record_level, keys=keys)
    said(world.verify(world.record_level, key="recipient-QAA"), "entitlement")
    monkeypatch.setattr(verify, "_own_key", lambda _, evidence: evidence.recipient_keys[0])
    assert not world.verify(world.record_level, key="recipient-QAA").failed


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("create table pack.main.more as select 1 as n", "the table more is not in the"),
        ("create view pack.main.v as select 1 as n", "nothing else"),
        ("create schema pack.s; create table pack.s.more as select 1 as n", "nothing else"),
        ("create macro pack.main.m() as 'a name'", "nothing else"),
        ("create sequence pack.main.s start 42", "nothing else"),
        ("create type pack.main.t as enum ('a name')", "nothing else"),
        ("comment on table pack.main.apc_spell is 'a name'", "nothing else"),
        ("comment on column pack.main.apc_spell.provider_code is 'a name'", "nothing else"),
        ("alter table pack.main.apc_spell add column nhs_number varchar", "column nhs_number"),
        ("alter table pack.main.apc_spell alter provider_code set default 'x'", "nothing else"),
        ("insert into pack.main.apc_spell from pack.main.apc_spell", "not in their total order"),
        ("update pack.main.apc_spell set provider_code = 'RBB'", "content_sha256"),
        ("delete from pack.main.emergency_attendance", "content_sha256"),
        ("drop table pack.main.emergency_attendance", "emergency_attendance of the entitlement"),
    ],
)
def test_attack_container_that_holds_something_else(
    world: World, statement: str, message: str, proved_without: Control
) -> None:
    """Control: things that are no tables are found by their count alone, the rest by the rows."""
    folder = world.record_level

    def change(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(statement)

    rewrite_container(world, folder, change)
    world.seal(folder)
    assert message in said(world.verify(folder, key="recipient-QAA"), "entitlement")
    check = CONTAINER_FORM if message == "nothing else" else "_record_findings"
    proved_without(folder, check, key="recipient-QAA")


def test_control_container_rewritten_and_sealed_with_nothing_changed_passes(world: World) -> None:
    rewrite_container(world, world.record_level, lambda _: None)
    world.seal(world.record_level)
    assert not world.verify(world.record_level, key="recipient-QAA").failed


# -- copies that differ from the CSV ----------------------------------------------------------


def test_control_pack_sealed_with_nothing_changed_passes(world: World) -> None:
    world.seal(world.aggregate)
    assert not world.verify(world.aggregate).failed


def test_attack_foreign_row_in_the_csv_alone(world: World, proved_without: Control) -> None:
    """Control: found by the look at each row, and by the copies that lack it."""
    path = world.aggregate / CSV
    path.write_text(path.read_text() + FOREIGN)
    world.seal(world.aggregate)
    assert "sub_icb_code 02A is not in scope" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, ROWS, COPIES)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("day_case", '"day_case"', 1),
        lambda text: "\n".join([text.split("\n")[0], *sorted(text.split("\n")[1:-1])[::-1], ""]),
        lambda text: text + text.split("\n")[1] + "\n",
        lambda text: text.replace(",100,", ",+100,", 1),
        lambda text: text.replace(",100,", ",0100,", 1),
        lambda text: text + "\n",
        lambda text: "\ufeff" + text,
    ],
)
def test_attack_csv_in_another_form(
    world: World, change: Callable[[str], str], proved_without: Control
) -> None:
    """Control: what the reader of the CSV takes is found by the comparison of the copies."""
    path = world.aggregate / CSV
    before = path.read_text()
    path.write_bytes(change(before).encode())
    assert path.read_bytes() != before.encode()
    world.seal(world.aggregate)
    said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, AGGREGATE)


def test_attack_foreign_row_hidden_in_the_parquet(world: World, proved_without: Control) -> None:
    """Control: nothing but the comparison of the copies finds it."""
    rewrite_parquet(world.aggregate, foreign_row=True)
    world.seal(world.aggregate)
    found = said(world.verify(world.aggregate), "entitlement")
    assert f"{PARQUET} has other rows than the CSV" in found
    proved_without(world.aggregate, COPIES)


def test_attack_extra_column_in_the_parquet(world: World, proved_without: Control) -> None:
    """Control: nothing but the comparison of the copies finds it."""
    rewrite_parquet(world.aggregate, columns=", 'x' as nhs_number")
    world.seal(world.aggregate)
    found = said(world.verify(world.aggregate), "entitlement")
    assert f"{PARQUET} has other columns than the CSV" in found
    proved_without(world.aggregate, COPIES)


def test_attack_metadata_hidden_in_the_parquet(world: World, proved_without: Control) -> None:
    """Control: nothing but the comparison of the copies finds it."""
    rewrite_parquet(world.aggregate, options=", kv_metadata {note: 'a name'}")
    world.seal(world.aggregate)
    found = said(world.verify(world.aggregate), "entitlement")
    assert "hides something else" in found
    proved_without(world.aggregate, COPIES)


def rewrite_parquet(
    folder: Path, foreign_row: bool = False, columns: str = "", options: str = ""
) -> None:
    """Write the Parquet again with something more in it."""
    values = ", ".join(
        value if value.isdigit() else f"'{value}'" for value in FOREIGN.strip().split(",")
    )
    more = f"union all select {values}" if foreign_row else ""
    path = folder / PARQUET
    with render.worker() as connection:
        rows = connection.execute(
            f"select *{columns} from read_parquet('{path}') {more}"
        ).to_arrow_table()
        connection.register("given", rows)
        connection.execute(f"copy (from given) to '{path}' ({render.PARQUET_OPTIONS}{options})")


def test_attack_foreign_row_in_a_hidden_sheet(world: World, proved_without: Control) -> None:
    """Control: nothing but the comparison of the workbook finds it."""
    path = world.aggregate / pack.WORKBOOK
    book = load_workbook(path)
    sheet = book.create_sheet("hidden")
    sheet.sheet_state = "veryHidden"
    sheet.append(FOREIGN.strip().split(","))
    book.save(path)
    world.seal(world.aggregate)
    found = said(world.verify(world.aggregate), "entitlement")
    assert "workbook.xlsx: the part" in found
    proved_without(world.aggregate, WORKBOOK)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/sharedStrings.xml", b"<t>shown</t>", b"<t>hsown</t>"),
        ("xl/worksheets/sheet4.xml", b"<v>100</v>", b"<v>101</v>"),
        ("docProps/core.xml", b"Safe haven release", b"Safe haven 999000000"),
        ("xl/workbook.xml", b'sheetId="4"', b'sheetId="4" state="hidden"'),
    ],
)
def test_attack_one_part_of_the_workbook_changed(
    world: World, part: str, old: bytes, new: bytes, proved_without: Control
) -> None:
    """Control: nothing but the comparison of the workbook finds it."""
    rezip(world.aggregate / pack.WORKBOOK, lambda name, data: data.replace(old, new, 1), part)
    world.seal(world.aggregate)
    assert f"the part {part} does not say" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, WORKBOOK)


def rezip(path: Path, change: Callable[[str, bytes], bytes], part: str | None) -> None:
    """Write a zip file again with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == part:
                assert change(part, data) != data
                data = change(part, data)
            new.writestr(
                zipfile.ZipInfo(info.filename, info.date_time), data, zipfile.ZIP_DEFLATED, 1
            )
    path.write_bytes(buffer.getvalue())


def test_attack_something_told_by_the_way_the_parts_are_compressed(
    world: World, proved_without: Control
) -> None:
    """Each choice of a compressor can carry a bit. Control: nothing else finds it."""
    path = world.aggregate / pack.WORKBOOK
    before = path.read_bytes()
    rezip(path, lambda _, data: data, None)
    assert parts(path.read_bytes()) == parts(before)
    world.seal(world.aggregate)
    assert "it hides something" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, WORKBOOK)


def parts(content: bytes) -> dict[str, bytes]:
    """What a reader of the workbook sees."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def with_bytes_after(content: bytes, hidden: bytes, in_the_part: bool) -> bytes:
    """Hide bytes behind the first part: in its compressed size, or before the next part's header.

    The directory is put right, so that every part is found where it says.
    """
    start = content.index(b"PK\x01\x02")
    size = struct.unpack_from("<L", content, 18)[0]
    name_length = struct.unpack_from("<H", content, 26)[0]
    end = 30 + name_length + size
    parts, directory = bytearray(content[:start]), bytearray(content[start:])
    if in_the_part:
        struct.pack_into("<L", parts, 18, size + len(hidden))
        struct.pack_into("<L", directory, 20, size + len(hidden))
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02":
        offset = struct.unpack_from("<L", directory, at + 42)[0]
        struct.pack_into("<L", directory, at + 42, offset + (len(hidden) if offset else 0))
        at += 46 + sum(struct.unpack_from("<HHH", directory, at + 28))
    struct.pack_into("<L", directory, at + 16, start + len(hidden))
    return bytes(parts[:end]) + hidden + bytes(parts[end:]) + bytes(directory)


@pytest.mark.parametrize("in_the_part", [True, False])
def test_attack_bytes_hidden_where_every_reader_finds_every_part(
    world: World, in_the_part: bool, proved_without: Control
) -> None:
    """Control: to a reader the workbook is the same, and without this check the pack is proved."""
    path = world.aggregate / pack.WORKBOOK
    before = path.read_bytes()
    path.write_bytes(with_bytes_after(before, b"9990000042", in_the_part))
    assert parts(path.read_bytes()) == parts(before)
    assert b"9990000042" in path.read_bytes()
    world.seal(world.aggregate)
    assert "it hides something" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, WORKBOOK)


@pytest.mark.parametrize("place", ["before", "after", "comment", "between", "time"])
def test_attack_bytes_hidden_between_the_parts_of_the_workbook(
    world: World, place: str, proved_without: Control
) -> None:
    """Control: nothing but the comparison of the workbook finds it."""
    path = world.aggregate / pack.WORKBOOK
    content = path.read_bytes()
    if place == "before":
        content = b"hidden" + content
    elif place == "after":
        content += b"hidden"
    elif place == "comment":
        content = content[:-2] + b"\x06\x00hidden"
    elif place == "time":
        # Date and time of the first part, in its own header and in the directory.
        start = content.index(b"PK\x01\x02")
        content = content[:10] + b"\x39\x40" + content[12:]
        content = content[: start + 12] + b"\x39\x40" + content[start + 14 :]
    else:
        start = content.index(b"PK\x01\x02")
        content = content[:start] + b"hidden" + content[start:]
    path.write_bytes(content)
    world.seal(world.aggregate)
    said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, WORKBOOK)


def edit_json(path: Path, change: Callable[[dict], None]) -> None:
    """Change a canonical document."""
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(files.canonical_json(document))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(note="a name"),
        lambda d: d["safe_haven"]["scope"].update(icb_code=["QBB"]),
        lambda d: d["safe_haven"]["scope"]["national_parts"]["icb_code"].append("QCC"),
        lambda d: d["resources"][0]["safe_haven"]["scope"].pop("national_parts"),
        lambda d: d["resources"][0].update(sources=[{"title": "a name"}]),
        lambda d: d["resources"][0]["safe_haven"]["rule"].update(suppress_hi=0),
        lambda d: d["resources"][0]["safe_haven"].update(required_width=0),
    ],
)
def test_attack_datapackage_that_says_something_else(
    world: World, change: Callable[[dict], None], proved_without: Control
) -> None:
    """Control: found where it is made again from the entitlement, and among the copies."""
    edit_json(world.aggregate / pack.DATAPACKAGE, change)
    world.seal(world.aggregate)
    assert "does not describe" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, AGGREGATE)


def test_attack_json_that_hides_a_doubled_key(world: World, proved_without: Control) -> None:
    """Control: nothing outside the aggregate content finds it."""
    path = world.aggregate / pack.DATAPACKAGE
    path.write_bytes(path.read_bytes().replace(b"{\n", b'{\n  "name": "a name",\n', 1))
    world.seal(world.aggregate)
    assert "not in canonical form" in said(world.verify(world.aggregate), "entitlement")
    proved_without(world.aggregate, AGGREGATE)


def test_attack_extra_column_owed_by_nobody(world: World, proved_without: Control) -> None:
    """The attacker adds the column to every copy, but not to the registered entitlement.

    Control: nothing outside the aggregate content finds it.
    """
    folder = world.aggregate
    path = folder / CSV
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},extra", *(f"{line},x" for line in lines[1:]), ""]))
    edit_json(
        folder / pack.DATAPACKAGE,
        lambda d: d["resources"][0]["schema"]["fields"].append(
            {"name": "extra", "type": "string", "description": ""}
        ),
    )
    world.seal(folder)
    found = said(world.verify(folder), "entitlement")
    assert "the column extra of mart_activity_by_month is not in the entitlement" in found
    proved_without(folder, AGGREGATE)


def test_attack_listed_file_that_does_not_belong(world: World, proved_without: Control) -> None:
    """Control: nothing but the list of files finds it."""
    (world.aggregate / "data/people.csv").write_text("x")
    world.seal(world.aggregate)
    report = world.verify(world.aggregate)
    assert report.proofs["bytes"].outcome == verify.PROVED
    assert "data/people.csv does not belong" in said(report, "entitlement")
    proved_without(world.aggregate, "_file_findings")


@pytest.mark.parametrize(
    ("name", "value", "checks"),
    [
        ("note", "a name", ["_agreement_findings"]),
        ("row_counts", {"mart_activity_by_month": 13}, [COPIES]),
        ("content_sha256", "0" * 64, ["_identity_findings"]),
        ("release_id", "0" * 32, ["_identity_findings", WORKBOOK]),
        ("purpose", "Marketing", ["_agreement_findings", WORKBOOK]),
        ("data_cut", "2030-01-01", ["_agreement_findings", WORKBOOK]),
        ("period_end", "2099-03-31", ["_agreement_findings", WORKBOOK]),
        ("flow", "open", [ENTITLEMENT]),
        ("rules", {}, [COPIES]),
        ("tools", {"duckdb": "0.0.1"}, [COPIES]),
    ],
)
def test_attack_manifest_that_says_something_else(
    world: World, name: str, value: object, checks: list[str], proved_without: Control
) -> None:
    """Control: without the checks that look at it the pack is proved."""
    world.seal(world.aggregate, **{name: value})
    assert world.verify(world.aggregate).failed
    proved_without(world.aggregate, *checks)


def test_attack_manifest_that_lists_no_file(world: World, trusted: Control) -> None:
    """Control: on trust the pack, as it was, is proved, but the register knows another manifest."""
    world.seal(world.aggregate, files={})
    assert "is an extra file" in said(world.verify(world.aggregate), "bytes")
    trusted(world.aggregate, "prove_chain", "_registered_findings")


def test_attack_entitlement_widened_after_registration(
    world: World, proved_without: Control
) -> None:
    """A wider entitlement.json, signed, but not the one in the register.

    Control: with the register written anew, only what was made of the entitlement finds it.
    """
    edit_json(
        world.aggregate / pack.ENTITLEMENT,
        lambda d: d["scope"][0]["codes"].update(icb_code=["QAA", "QBB"]),
    )
    evidence = world.evidence()
    world.seal(world.aggregate)
    report = verify.verify_packs(
        [world.aggregate], dataclasses.replace(evidence, register=evidence.register)
    )[0]
    assert "not the one in the signed register" in said(report, "entitlement")
    assert "does not know this release" in said(report, "chain")
    proved_without(world.aggregate, AGGREGATE)


# -- changes.csv ------------------------------------------------------------------------------


def second_release(world: World) -> Path:
    """Cut a second release of AGG-A and give its folder."""
    world.sql(
        "update restricted.releases.rel_activity_by_month set records = 40 "
        "where agreement_id = 'AGG-A' and sub_icb_code = '01A' and month = '2024-04'"
    )
    world.release()
    return world.aggregate


@pytest.mark.parametrize("previous_at_hand", [True, False])
@pytest.mark.parametrize(
    "row",
    [
        (
            "icb_code=QBB; sub_icb_code=02A; point_of_delivery=day_case; "
            "quarter=2024-25 Q1; month=2024-04",
            "removed",
            "records",
            "30",
            "",
        ),
        (
            "icb_code=QAA; sub_icb_code=01A; point_of_delivery=day_case; "
            "quarter=2024-25 Q1; month=2024-04",
            "changed",
            "nhs_number",
            "1",
            "2",
        ),
        (
            "icb_code=QAA; sub_icb_code=01B; point_of_delivery=day_case; "
            "quarter=2024-25 Q1; month=2024-05",
            "changed",
            "records",
            "5",
            "3",
        ),
        ("a name", "changed", "records", "5", "3"),
    ],
)
def test_attack_changes_that_say_too_much(
    world: World, row: tuple[str, ...], previous_at_hand: bool, proved_without: Control
) -> None:
    """Control: nothing but the check of the changes finds it."""
    folder = second_release(world)
    if not previous_at_hand:
        shutil.rmtree(previous_folder(world, folder))
    path = folder / pack.CHANGES
    rows = [tuple(line.split(",")) for line in path.read_text().splitlines()[1:]]
    path.write_bytes(changes.to_csv(sorted([*rows, ("mart_activity_by_month", *row)])))
    world.seal(folder)
    assert "changes.csv" in said(world.verify(folder), "entitlement")
    proved_without(folder, "_changes_findings")


@pytest.mark.parametrize("previous_at_hand", [True, False])
def test_control_true_changes_pass(world: World, previous_at_hand: bool) -> None:
    folder = second_release(world)
    if not previous_at_hand:
        shutil.rmtree(previous_folder(world, folder))
    assert b"01A" in (folder / pack.CHANGES).read_bytes()
    assert not world.verify(folder).failed


def previous_folder(world: World, folder: Path) -> Path:
    """The folder of the release before the current one."""
    entries = world.evidence().register.of("QAA", "AGG-A")
    return folder.parent / entries[-2].release_id


# -- disclosure -------------------------------------------------------------------------------


def test_disclosure_reads_all_aggregate_packs_together(world: World) -> None:
    seen: list[list[Path]] = []

    def audit(folders: list[Path]) -> list[str]:
        seen.append(list(folders))
        return []

    packs = [world.aggregate, world.record_level, world.folder("QBB", "AGG-B")]
    verify.verify_packs(packs, world.evidence(audit=audit))
    assert seen == [sorted([packs[0], packs[2]])]


def test_attack_disclosure_found_fails_every_pack_of_the_cut(world: World) -> None:
    """Control: where the audit finds nothing both packs are proved."""
    packs = [world.aggregate, world.folder("QBB", "AGG-B")]
    evidence = world.evidence(audit=lambda _: ["a cell can be worked out"])
    for report in verify.verify_packs(packs, evidence):
        assert "worked out" in said(report, "disclosure")
    assert not any(report.failed for report in verify.verify_packs(packs, world.evidence()))


# -- the chain --------------------------------------------------------------------------------


def raw_register(world: World) -> Path:
    """The register's file itself."""
    return (world.state.register / register.FILE).resolve()


def tamper(world: World, change: Callable[[list[dict]], list[dict]], rehash: bool) -> None:
    """Change the entries and sign again; `rehash` also repairs every entry's hash."""
    path = raw_register(world)
    document = json.loads(path.read_bytes())
    entries = change(document["entries"])
    if rehash:
        before = register.START
        for entry in entries:
            before = register.Entry(**entry).chained(before).entry_sha256
            entry["entry_sha256"] = before
    document |= {"entries": entries, "head": entries[-1]["entry_sha256"]}
    content = files.canonical_json(document)
    path.write_bytes(content)
    path.with_name(register.SIGNATURE).write_bytes(
        signing.sign(signing.private_key(world.keyring), content)
    )


def edited(entries: list[dict]) -> list[dict]:
    """One entry's hash replaced."""
    entries[0]["manifest_sha256"] = "f" * 64
    return entries


def with_other_status(entry: dict) -> dict:
    """The entry, said to be in force when it is not, or the reverse."""
    other = {register.CURRENT: register.SUPERSEDED, register.SUPERSEDED: register.CURRENT}
    return entry | {"status": other[entry["status"]]}


TAMPERS = {
    "edit": edited,
    "delete": lambda entries: entries[1:],
    "delete in the middle": lambda entries: [entries[0], *entries[2:]],
    "reorder": lambda entries: [entries[1], entries[0], *entries[2:]],
    "double": lambda entries: [*entries, entries[-1]],
    "status": lambda entries: [with_other_status(entries[0]), *entries[1:]],
}


@pytest.mark.parametrize("name", TAMPERS)
def test_attack_register_changed_and_signed_again_breaks_the_chain(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without a look at the chain the register is taken."""
    tamper(world, TAMPERS[name], rehash=False)
    with pytest.raises(Exception, match=r"register\.json"):
        world.evidence()
    monkeypatch.setattr(register, "_check_chain", off)
    assert world.evidence().register.entries


@pytest.mark.parametrize("name", ["delete in the middle", "reorder", "double", "status"])
def test_attack_register_rehashed_is_still_refused(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without a look at what can follow what, the register is taken."""
    second_release(world)
    tamper(world, TAMPERS[name], rehash=True)
    with pytest.raises(Exception, match=r"register\.json"):
        world.evidence()
    monkeypatch.setattr(register, "_check_chain", off)
    assert world.evidence().register.entries


def test_attack_register_without_the_pack_does_not_prove_it(
    world: World, proved_without: Control
) -> None:
    """Control: nothing but the chain and the registered entitlement finds it."""
    second = second_release(world)
    path = raw_register(world)
    document = json.loads(path.read_bytes())
    kept = document["entries"][:-1]
    kept[0]["status"] = "current"
    tamper(world, lambda _: kept, rehash=True)
    assert "does not know this release" in said(world.verify(second), "chain")
    proved_without(second, "prove_chain", "_registered_findings")


def test_attack_register_unsigned_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without a look at the signature a register cut short with its chain is taken."""
    known = world.evidence().register
    raw_register(world).write_bytes(known.as_of(1).content())
    with pytest.raises(Exception, match="not what was signed"):
        world.evidence()
    with monkeypatch.context() as patch:
        patch.setattr(signing, "is_signed", lambda *_: True)
        assert len(world.evidence().register.entries) == 1 < len(known.entries)
    flip(raw_register(world))
    with pytest.raises(Exception, match="not what was signed"):
        world.evidence()


def test_attack_previous_release_replaced(world: World, proved_without: Control) -> None:
    """Control: found by the chain, and where the changes are made again."""
    folder = second_release(world)
    flip(previous_folder(world, folder) / pack.MANIFEST)
    assert "not the registered one" in said(world.verify(folder), "chain")
    proved_without(folder, "prove_chain", "_changes_findings")


def test_old_release_is_genuine_and_said_to_be_superseded(world: World) -> None:
    old = world.aggregate
    new = second_release(world)
    assert world.verify(old).proofs["chain"] == verify.Proof(
        verify.PROVED, (f"superseded: the latest release is {new.name}",)
    )
    assert world.verify(new).proofs["chain"] == verify.Proof(verify.PROVED)


def test_attack_pack_of_one_agreement_passed_off_as_another(
    world: World, proved_without: Control
) -> None:
    """Control: found by its place in the register, by its entitlement and in its workbook."""
    world.seal(world.aggregate, agreement_id="AGG-B")
    assert "another recipient, agreement" in said(world.verify(world.aggregate), "chain")
    proved_without(world.aggregate, "prove_chain", "_agreement_findings", WORKBOOK)


def test_nothing_is_written_by_verify(world: World) -> None:
    before = files_of(world.state.var)
    world.verify(world.aggregate, world.record_level, key="recipient-QAA")
    assert files_of(world.state.var) == before
    assert records.CONTAINER in files_of(world.record_level)
