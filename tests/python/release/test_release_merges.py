"""Merged persons: the recipient is told of both pseudonyms that it was given, and of no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from release_world import World

from safe_haven.release import lifecycle, merges, records, verify

PSEUDONYM = "00000000-0000-4000-8000-00000000000"
ONE, TWO, THREE, NEVER = (f"{PSEUDONYM}{n}" for n in "1237")
SINCE = "2026-04-02"
SUPERSEDED = "restricted.releases.rel_superseded_pseudonym"


def merge(world: World, superseded: str, survivor: str, since: str = SINCE) -> None:
    """The safe haven learns that two are one."""
    world.sql(
        *(
            f"update restricted.releases.{table} set person_pseudonym = '{survivor}' "
            f"where person_pseudonym = '{superseded}'"
            for table in ("rel_apc_spell", "rel_emergency_attendance")
        ),
        f"insert into {SUPERSEDED} values ('REC-A', '{superseded}', '{survivor}', '{since}')",
    )


def listed(world: World, folder: Path | None = None) -> list[tuple[str, str, str]]:
    """What the current pack tells, as the recipient reads it."""
    path = (folder or world.record_level) / records.CONTAINER
    content = records.read_container(path, world.keyring.key("recipient-QAA"))
    return [
        (row["superseded_pseudonym"], row["person_pseudonym"], str(row["superseded_on"]))
        for table in content
        if table.name == merges.TABLE
        for row in table.rows.to_pylist()
    ]


def proved(world: World) -> bool:
    """Whether all proofs of the pack hold."""
    report = world.verify(world.record_level, key="recipient-QAA")
    return all(proof.outcome == verify.PROVED for proof in report.proofs.values())


def test_a_merge_of_two_that_were_given_is_listed_and_proved(world: World) -> None:
    assert listed(world) == []
    merge(world, TWO, ONE)
    assert world.release()["REC-A"] == "released"
    assert listed(world) == [(TWO, ONE, SINCE)]
    assert proved(world)
    content = (world.record_level / records.CONTAINER).read_bytes()
    assert TWO.encode() not in content
    # It is told of in every later pack, and cuts no release of its own.
    assert world.release()["REC-A"] == "unchanged"


def test_a_chain_leads_to_its_end_from_whatever_pack(world: World) -> None:
    """TWO was in the first pack only, THREE in two of them."""
    merge(world, TWO, THREE)
    world.release()
    world.sql(f"update {SUPERSEDED} set person_pseudonym = '{ONE}'")
    merge(world, THREE, ONE)
    assert world.release()["REC-A"] == "released"
    assert listed(world) == [(TWO, ONE, SINCE), (THREE, ONE, SINCE)]
    assert proved(world)


def test_nothing_is_told_of_who_left_the_pack(world: World) -> None:
    merge(world, TWO, ONE)
    world.sql(
        *(
            f"delete from restricted.releases.{table} where person_pseudonym = '{ONE}'"
            for table in ("rel_apc_spell", "rel_emergency_attendance")
        )
    )
    world.release()
    assert listed(world) == []


def test_nothing_is_told_of_a_recalled_release(world: World) -> None:
    """TWO is in the first release only, which is recalled after the second."""
    first = world.record_level
    world.sql(f"delete from restricted.releases.rel_apc_spell where person_pseudonym = '{TWO}'")
    world.release()
    lifecycle.recall(world.state, "QAA", "REC-A", first.name, "wrong people")
    world.sql(f"insert into {SUPERSEDED} values ('REC-A', '{TWO}', '{ONE}', '{SINCE}')")
    world.release()
    assert listed(world) == []


def test_merges_of_another_agreement_are_not_told(world: World) -> None:
    merge(world, TWO, ONE)
    world.sql(f"update {SUPERSEDED} set agreement_id = 'REC-B'")
    world.release()
    assert listed(world) == []


def never_given(world: World) -> None:
    """Somebody in the pack had another number, which the recipient never had records of."""
    world.sql(f"insert into {SUPERSEDED} values ('REC-A', '{NEVER}', '{ONE}', '{SINCE}')")


def of_an_earlier_key(world: World) -> None:
    """The agreement has a new key; what was given before was given under the old one."""
    merge(world, TWO, ONE)
    world.keyring.ensure(["agreement-REC-A-not_applied-v2"])
    world.sql(
        "update restricted.releases.rel_pack set key_version = 2 where agreement_id = 'REC-A'"
    )


@pytest.mark.parametrize("attack", [never_given, of_an_earlier_key])
def test_attack_nobody_learns_of_a_merge_that_is_not_theirs(
    world: World, attack: Callable[[World], None]
) -> None:
    """Control: `test_control_without_the_earlier_packs_it_would_be_told_and_verify_fails`."""
    attack(world)
    world.release()
    assert listed(world) == []
    assert proved(world)


@pytest.mark.parametrize("attack", [never_given, of_an_earlier_key])
def test_control_without_the_earlier_packs_it_would_be_told_and_verify_fails(
    world: World, attack: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    attack(world)
    with monkeypatch.context() as patch:
        patch.setattr(merges, "given", lambda *_: ({NEVER, TWO}, True))
        folder = world.publish_without_proof("REC-A")
    assert listed(world, folder) != []
    entitlement = world.verify(folder, key="recipient-QAA").proofs["entitlement"]
    assert entitlement.outcome == verify.FAILED
    assert "no earlier release gave this pseudonym under this key" in entitlement.details[0]


def test_what_an_earlier_release_gave_cannot_be_judged_without_it(
    world: World, tmp_path: Path
) -> None:
    """A recipient who kept the last pack alone is told that the rest holds."""
    merge(world, TWO, ONE)
    world.release()
    alone = tmp_path / "alone" / world.record_level.name
    alone.parent.mkdir()
    world.record_level.rename(alone)
    report = world.verify(alone, key="recipient-QAA")
    assert report.proofs["entitlement"].outcome == verify.PROVED


FORGED = {
    "stands for somebody in the pack": (THREE, ONE, SINCE),
    "leads to nobody in the pack": (TWO, NEVER, SINCE),
    "later than the data cut": (TWO, ONE, "2026-05-01"),
}


@pytest.mark.parametrize("reason", FORGED)
def test_attack_a_forged_list_fails_though_it_is_signed(
    world: World, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the check of the list the pack is proved."""
    merge(world, TWO, ONE)
    superseded, survivor, since = FORGED[reason]
    world.sql(
        f"update {SUPERSEDED} set superseded_pseudonym = '{superseded}', "
        f"person_pseudonym = '{survivor}', superseded_on = '{since}'"
    )
    with monkeypatch.context() as patch:
        patch.setattr(merges, "people", lambda content: {ONE, TWO, THREE, NEVER})
        folder = world.publish_without_proof("REC-A")
    entitlement = world.verify(folder, key="recipient-QAA").proofs["entitlement"]
    assert entitlement.outcome == verify.FAILED
    assert any(reason in detail for detail in entitlement.details)
    monkeypatch.setattr(merges, "findings", lambda *_: iter(()))
    assert not world.verify(folder, key="recipient-QAA").failed


def test_attack_a_column_beside_the_list_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the check of the list the pack is proved."""
    merge(world, TWO, ONE)
    with monkeypatch.context() as patch:
        twice = merges.Field("superseded_by", "string", "")
        patch.setattr(merges, "FIELDS", (*merges.FIELDS, twice))
        world.sql(f"alter table {SUPERSEDED} add column superseded_by varchar default 'x'")
        folder = world.publish_without_proof("REC-A")
    entitlement = world.verify(folder, key="recipient-QAA").proofs["entitlement"]
    assert entitlement.details == (f"{merges.TABLE} has other columns than it may have",)
    monkeypatch.setattr(merges, "findings", lambda *_: iter(()))
    assert not world.verify(folder, key="recipient-QAA").failed
