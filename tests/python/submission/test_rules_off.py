"""Controls: what the core and the hand-over tables would hold without a rule."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import World
from haven import PROTOCOL_FEEDS, Haven

from safe_haven.load.landing import read_submissions
from safe_haven.paths import PROJECT_ROOT
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


@pytest.fixture(scope="module")
def rules_off(
    session_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, int]]:
    """Rows of each hand-over table after every file came twice, built with the rules off."""
    project = tmp_path_factory.mktemp("rules_off")
    for path in PROJECT_ROOT.iterdir():
        if path.name in ("models", "seeds", "tests", "analyses") or path.suffix == ".yml":
            (project / path.name).symlink_to(path)
    shutil.copytree(PROJECT_ROOT / "macros", project / "macros")
    for name, rule, instead in RULES:
        _replace(project / "macros" / "submission" / name, rule, instead)
    session_world.haven.send_again(PROTOCOL_FEEDS, 1, random.Random(7))
    haven = Haven(session_world.haven.state, project)
    try:
        tables = [f"hnd_{feed}" for feed in PROTOCOL_FEEDS]
        haven.dbt("run", "--select", *(f"+{table}" for table in tables), "+stg_objection")
        with haven.warehouse() as connection:
            yield {table: _count(connection, f"pseudonymised.handover.{table}") for table in tables}
    finally:
        haven.close()
        session_world.haven.take_back()


def test_control_files_that_come_twice_count_twice(
    session_world: World, rules_off: dict[str, int]
) -> None:
    """Each feed: so the comparison of shuffled and doubled files is one that can fail."""
    for table, count in rules_off.items():
        assert count >= 2 * session_world.core[f"handover.{table}"][0], table


def test_control_a_number_for_a_code_crosses_and_the_scan_finds_it(
    session_world: World, rules_off: dict[str, int]
) -> None:
    """The numbers that the simulator types into fields of codes reach the hand-over tables."""
    assert rules_off
    assert _places(session_world.haven) == NUMBERS_FOR_CODES


def test_control_a_name_for_a_code_crosses(session_world: World, rules_off: dict[str, int]) -> None:
    """What the simulator types for codes of organisations reaches the hand-over tables."""
    assert rules_off
    assert _typed_for_codes(session_world.haven) >= NO_CODES


def test_control_another_sender_ends_objections_and_joins_stays(
    session_world: World, rules_off: dict[str, int]
) -> None:
    """Every row that the simulator sends from a trust that may not send it is taken."""
    assert rules_off
    taken = _of_another_sender(session_world.haven)
    sent = tuple(
        int(envelope.rows_received)
        for feed in ("objection", "apc_episode")
        for envelope in read_submissions(session_world.haven.state)
        if envelope.submission_id.endswith("other-sender") and envelope.feed == feed
    )
    assert taken == sent
    assert all(sent)


def test_another_sender_ends_no_objection_and_joins_no_stay(session_world: World) -> None:
    """With the rules on, files that lie in the landing folder change nothing."""
    haven = session_world.haven
    haven.dbt("run", "--select", "+hnd_apc_episode", "+stg_objection")
    assert _of_another_sender(haven) == (0, 0)


def test_a_number_for_a_code_does_not_cross(session_world: World) -> None:
    """With the rules on, the same records bring no number across."""
    haven = session_world.haven
    haven.dbt("run", "--select", "+hnd_nhs_111_call", "+hnd_emergency_attendance")
    assert _places(haven) & NUMBERS_FOR_CODES == set()


def test_a_name_for_a_code_does_not_cross(session_world: World) -> None:
    """Nor a label of our own, nor a formula: with the rules on, what crosses is codes."""
    session_world.haven.dbt("run", "--select", "+hnd_outpatient_appointment")
    assert _typed_for_codes(session_world.haven) & NO_CODES == set()


def _replace(path: Path, rule: str, instead: str) -> None:
    text = path.read_text()
    assert text.count(rule) == 1, f"{path.name}: the rule does not stand once"
    path.write_text(text.replace(rule, instead))


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


def _count(connection, table: str) -> int:
    (count,) = connection.execute(f"select count(*) from {table}").fetchone()
    return count
