"""Controls: what the core and the hand-over tables would hold without a rule."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from conftest import World
from haven import PROTOCOL_FEEDS, Haven
from rebuild import Models

from safe_haven.load.landing import read_submissions
from safe_haven.wall import canary

RULES = (
    (
        "records.sql",
        "where fate = 'accepted'",
        "where fate in ('accepted', 'superseded', 'replaced_by_bulk')",
    ),
    (
        "contract_errors.sql",
        "            'not ' ~ has_code_form(value, code_format),",
        "            'false',",
    ),
    (
        "contract_errors.sql",
        "            contains_known_number('landed.' ~ name, is_sequence), name",
        "            'false', name",
    ),
    (
        "contract_errors.sql",
        "            'not ' ~ valid_snomed_code(value),",
        "            'false',",
    ),
    ("contract_errors.sql", "            ~ valid_snomed_code('code') ~", "            ~ 'true' ~"),
    ("sender_errors.sql", "~ is_sent_for(organisation) ~", "~ 'true' ~"),
    ("sender_errors.sql", "'not coalesce(' ~ is_named ~ ', false)',", "'false',"),
)
"""Macro file, the rule, and what stands in its place: which version of a record counts, that a code
has the form of one, that it is no NHS number, and who may send what."""
OF_ANOTHER_SENDER = """
    with sent as (
        select distinct
            record_key, submission_id like '%other-sender' as is_of_another, hospital_spell_key
        from pseudonymised.handover.hnd_apc_episode
        inner join identifiable.identity.idn_record using (record_key)
        where feed = 'apc_episode' and starts_with(submission_id, 'simulated-')
    )
    select
        (
            select count(*) from identifiable.staging.stg_objection
            where submission_id like '%other-sender'
        ),
        (
            select count(*) from sent
            where is_of_another
            and hospital_spell_key in (
                select hospital_spell_key from sent where not is_of_another
            )
        )
"""
"""Of what the simulator sends from a trust that may not: objections that it ends, and episodes that
join the stays of other trusts."""
NUMBERS_FOR_CODES = {
    "hnd_nhs_111_call.final_disposition",
    "hnd_emergency_attendance.chief_complaint",
    "hnd_emergency_attendance.diagnoses",
}
"""Where the simulator types a number for a code."""
NO_CODES = {"SURNAME", "ALL", "=1+2"}
"""What it types for the code of a provider or a commissioner."""


TABLES = tuple(f"hnd_{feed}" for feed in PROTOCOL_FEEDS)


@dataclass(frozen=True)
class Crossed:
    """What is in the hand-over tables."""

    rows: dict[str, int]
    """Of each feed under the submission protocol."""
    columns_with_a_number: set[str]
    typed_for_codes: set[str]
    of_another_sender: tuple[int, int]


@pytest.fixture(scope="module")
def rules_on(session_world: World) -> Crossed:
    """The world with its rules, each file once."""
    return _crossed(session_world.haven, {})


@pytest.fixture(scope="module")
def rules_off(session_world: World) -> Crossed:
    """The same records without the rules; every file came twice."""
    haven = session_world.haven
    rules = [(f"macros/submission/{name}", rule, instead) for name, rule, instead in RULES]
    changed = haven.compile("path:models/staging", broken=rules)
    haven.send_again(PROTOCOL_FEEDS, 1, random.Random(7))
    try:
        return _crossed(haven, changed)
    finally:
        haven.take_back()


def test_control_files_that_come_twice_count_twice(
    session_world: World, rules_off: Crossed
) -> None:
    """Each feed: so the comparison of shuffled and doubled files is one that can fail."""
    for table, count in rules_off.rows.items():
        assert count >= 2 * session_world.core[f"handover.{table}"][0], table


def test_control_a_number_for_a_code_crosses_and_the_scan_finds_it(rules_off: Crossed) -> None:
    """The numbers that the simulator types into fields of codes reach the hand-over tables."""
    assert rules_off.columns_with_a_number == NUMBERS_FOR_CODES


def test_control_a_name_for_a_code_crosses(rules_off: Crossed) -> None:
    """What the simulator types for codes of organisations reaches the hand-over tables."""
    assert rules_off.typed_for_codes >= NO_CODES


def test_control_another_sender_ends_objections_and_joins_stays(
    session_world: World, rules_off: Crossed
) -> None:
    """Every row that the simulator sends from a trust that may not send it is taken."""
    sent = tuple(
        int(envelope.rows_received)
        for feed in ("objection", "apc_episode")
        for envelope in read_submissions(session_world.haven.state)
        if envelope.submission_id.endswith("other-sender") and envelope.feed == feed
    )
    assert rules_off.of_another_sender == sent
    assert all(sent)


def test_another_sender_ends_no_objection_and_joins_no_stay(rules_on: Crossed) -> None:
    """With the rules on, files that lie in the landing folder change nothing."""
    assert rules_on.of_another_sender == (0, 0)


def test_a_number_for_a_code_does_not_cross(rules_on: Crossed) -> None:
    """With the rules on, the same records bring no number across."""
    assert rules_on.columns_with_a_number & NUMBERS_FOR_CODES == set()


def test_a_name_for_a_code_does_not_cross(rules_on: Crossed) -> None:
    """Nor a label of our own, nor a formula: with the rules on, what crosses is codes."""
    assert rules_on.typed_for_codes & NO_CODES == set()


def _crossed(haven: Haven, changed: Models) -> Crossed:
    """Build the hand-over tables, with some models changed, and look at them."""
    of_numbers = {place.partition(".")[0] for place in NUMBERS_FOR_CODES}
    haven.rebuild(*TABLES, *of_numbers, "stg_objection", changed=changed)
    return Crossed(
        rows=_rows(haven),
        columns_with_a_number=_places(haven),
        typed_for_codes=_typed_for_codes(haven),
        of_another_sender=_of_another_sender(haven),
    )


def _places(haven: Haven) -> set[str]:
    """The columns of hand-over tables in which the canary scan finds an identifier."""
    with haven.warehouse() as connection:
        found = canary.scan_connection(connection, ["pseudonymised"], canary.needles(connection))
    return {
        finding.node.removeprefix("pseudonymised.handover.")
        for finding in found
        if finding.node.startswith("pseudonymised.handover.")
    }


def _typed_for_codes(haven: Haven) -> set[str]:
    """The codes of providers and commissioners of outpatient appointments."""
    with haven.warehouse() as connection:
        rows = connection.execute(
            "select distinct unnest([provider_code, commissioner_code]) "
            "from pseudonymised.handover.hnd_outpatient_appointment"
        ).fetchall()
    return {code for (code,) in rows}


def _of_another_sender(haven: Haven) -> tuple[int, int]:
    with haven.warehouse() as connection:
        return connection.execute(OF_ANOTHER_SENDER).fetchone()


def _rows(haven: Haven) -> dict[str, int]:
    with haven.warehouse() as connection:
        return {
            table: connection.table(f"pseudonymised.handover.{table}").shape[0] for table in TABLES
        }
