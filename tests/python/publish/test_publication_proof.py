"""What is published is proved from its files alone; who changes it and signs again is found."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from safe_haven.keyring import Keyring
from safe_haven.paths import State
from safe_haven.publish import command, lookups, proof
from safe_haven.release import files, pack, register, signing, verify
from safe_haven.release.command import NOT_ALL_MADE, verify_command
from safe_haven.release.verify import FAILED, NOT_PROVED, PROVED, Evidence, Proof

OPEN_TABLE = f"{proof.OPEN_DATA}/data/mart_quality_by_provider.csv"
Change = Callable[[Path], None]


@dataclass(frozen=True)
class Publication:
    """A copy of what the built world published, and what it is proved with."""

    folder: Path
    keyring: Keyring
    evidence: Evidence

    def sign_again(self) -> None:
        """As who holds the signing key would."""
        manifest = json.loads((self.folder / pack.MANIFEST).read_bytes())
        (self.folder / pack.MANIFEST).unlink()
        (self.folder / pack.SIGNATURE).unlink()
        entries = manifest["register_entries"]
        proof.sign(self.folder, self.keyring, manifest["build_id"], entries)

    def outcomes(self) -> dict[str, str]:
        """What each proof says."""
        report = proof.verify_publication(self.folder, self.evidence)
        return {name: found.outcome for name, found in report.proofs.items()}


@pytest.fixture(scope="module")
def current(built_state: State) -> Path:
    """What the built world published."""
    return command.publish(built_state).resolve()


@pytest.fixture
def publication(current: Path, built_state: State, tmp_path: Path) -> Publication:
    """A copy to change."""
    folder = tmp_path / "publication"
    shutil.copytree(current, folder)
    keyring = Keyring(built_state.keys)
    key = signing.private_key(keyring).public_key()
    return Publication(folder, keyring, Evidence(key, register.load(built_state.register, key)))


def leave_out_a_release(folder: Path) -> None:
    path = folder / "release_register.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    make_workbook_again(folder)


def add_a_table(folder: Path) -> None:
    (folder / "people.csv").write_text("name\nsomebody\n")


def show_a_withheld_count(folder: Path) -> None:
    """As a count too many: the parts of a total then tell what is withheld."""
    path = folder / OPEN_TABLE
    columns, *rows = csv.reader(io.StringIO(path.read_text(), newline=""))
    at = columns.index("records")
    withheld = next(row for row in rows if row[-1] == "withheld")
    withheld[at], withheld[-1] = "5", "shown"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    path.write_text(text.getvalue())


def reorder_rows(folder: Path) -> None:
    path = folder / OPEN_TABLE
    heading, *rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([heading, *reversed(rows)]))


def hide_a_sheet(folder: Path) -> None:
    book = load_workbook(folder / proof.WORKBOOK)
    book.create_sheet("more").sheet_state = "hidden"
    book.save(folder / proof.WORKBOOK)


def break_a_table(folder: Path) -> None:
    with (folder / "agreement_field.csv").open("ab") as file:
        file.write(b'"a"b\n')


def describe_another_rule(folder: Path) -> None:
    path = folder / proof.OPEN_DATA / pack.DATAPACKAGE
    described = json.loads(path.read_bytes())
    described["resources"][0]["safe_haven"]["required_width"] = 1
    path.write_bytes(files.canonical_json(described))


def make_workbook_again(folder: Path) -> None:
    found = [proof._read(folder, name) for name in lookups.NAMES]
    (folder / proof.WORKBOOK).write_bytes(lookups.to_workbook(found))


ATTACKS: dict[str, tuple[Change, str]] = {
    "a release left out": (leave_out_a_release, "chain"),
    "a table added": (add_a_table, "entitlement"),
    "a withheld count shown": (show_a_withheld_count, "disclosure"),
    "an order that says something": (reorder_rows, "entitlement"),
    "a hidden sheet": (hide_a_sheet, "entitlement"),
    "a table that cannot be read": (break_a_table, "entitlement"),
    "a weaker rule described": (describe_another_rule, "entitlement"),
}


def test_what_is_published_is_proved(publication: Publication) -> None:
    assert publication.outcomes() == dict.fromkeys(verify.PROOFS, PROVED)
    before = (publication.folder / pack.MANIFEST).read_bytes()
    publication.sign_again()
    assert (publication.folder / pack.MANIFEST).read_bytes() == before
    assert publication.outcomes() == dict.fromkeys(verify.PROOFS, PROVED)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_changed_and_not_signed(publication: Publication, attack: str) -> None:
    """Its control is the next: signed again, the bytes are proved."""
    ATTACKS[attack][0](publication.folder)
    unproved = dict.fromkeys(verify.PROOFS, NOT_PROVED)
    assert publication.outcomes() == unproved | {"bytes": FAILED}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_changed_and_signed_again(
    publication: Publication, attack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control makes all proofs but the one that finds it: nothing is found."""
    change, finds = ATTACKS[attack]
    change(publication.folder)
    publication.sign_again()
    outcomes = publication.outcomes()
    assert (outcomes["bytes"], outcomes[finds]) == (PROVED, FAILED)
    part = {"chain": "_chain_findings", "entitlement": "_open_findings"}.get(finds)
    if part:
        monkeypatch.setattr(proof, part, lambda *_: iter(()))
    without = Evidence(publication.evidence.public_key, publication.evidence.register)
    if finds == "disclosure":
        without = Evidence(without.public_key, without.register, audit=lambda folders: [])
    report = proof.verify_publication(publication.folder, without)
    assert {found.outcome for found in report.proofs.values()} == {PROVED}


def test_attack_a_pack_passed_off_as_a_publication(publication: Publication) -> None:
    """Its control: the same manifest is proved where it says what it is."""
    path = publication.folder / pack.MANIFEST
    manifest = json.loads(path.read_bytes())
    path.write_bytes(files.canonical_json(manifest | {"format": pack.FORMAT}))
    key = signing.private_key(publication.keyring)
    (publication.folder / pack.SIGNATURE).write_bytes(signing.sign(key, path.read_bytes()))
    assert not proof.is_publication(publication.folder)
    assert publication.outcomes()["bytes"] == FAILED
    path.write_bytes(files.canonical_json(manifest))
    (publication.folder / pack.SIGNATURE).write_bytes(signing.sign(key, path.read_bytes()))
    assert proof.is_publication(publication.folder)
    assert publication.outcomes()["bytes"] == PROVED


def test_a_register_that_went_on_is_told(publication: Publication) -> None:
    """A register of fewer events than were published is another one, or cut short."""
    known = publication.evidence.register
    assert isinstance(known, register.Register)
    before = known.current()[0]
    later = known.with_releases(
        [
            {
                "recipient": before.recipient,
                "agreement": before.agreement,
                "release_id": "0" * 32,
                "previous": before.manifest_sha256,
                **dict.fromkeys(("manifest_sha256", "entitlement_sha256"), "0" * 64),
            }
        ]
    )
    evidence = Evidence(publication.evidence.public_key, later)
    report = proof.verify_publication(publication.folder, evidence)
    assert report.proofs["chain"] == Proof(PROVED, ("the register has 1 later events",))
    evidence = Evidence(publication.evidence.public_key, known.as_of(len(known.entries) - 1))
    assert proof.verify_publication(publication.folder, evidence).proofs["chain"].outcome == FAILED


def test_the_command_proves_packs_and_publications(current: Path, built_state: State) -> None:
    packs = sorted(built_state.releases.glob("QNX/*/current"))
    done = CliRunner().invoke(verify_command, [str(current), *map(str, packs)])
    assert done.exit_code == NOT_ALL_MADE, done.output
    assert done.output.count(str(current)) == len(verify.PROOFS)
    assert "FAILED" not in done.output
    alone = CliRunner().invoke(verify_command, [str(current)])
    assert alone.exit_code == 0, alone.output
