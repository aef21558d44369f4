"""Every box of the Commissioner Assignment Method, from a simulated record to who may see it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from safe_haven.paths import State
from safe_haven.simulate.commissioner_cases import CASES, KEY_FILE

VERSIONS = ("2024/25", "2025/26")
NOT_SIMULATED = {
    # Appendix C (services of before 1991) could not be had: cam_code has no row for it.
    ("C-1", "yes"),
    # No item of the record says that a referral went through an assessment service.
    ("C-3", "yes"),
    # Every provider of a simulated world has a board, and so a hub.
    ("C-2", "no"),
}
"""Ends that no record can come to today; the unit test every_end_of_the_flow_chart walks them."""


@pytest.fixture(scope="module")
def followed(
    warehouse: duckdb.DuckDBPyConnection, state: State
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Table `followed`: the answer key, each record followed to its activity.

    In a connection of its own, with the results beside it: `assigned` and `eligibility`.
    """
    key = duckdb.read_parquet(str(state.landing / KEY_FILE)).to_arrow_table()
    record = warehouse.execute(
        """
        with sent as (
            select 'apc_episode' as feed, submission_id, source_row, cds_unique_identifier
            from identifiable.staging.stg_apc_episode
            union all
            select 'outpatient_appointment', submission_id, source_row, cds_unique_identifier
            from identifiable.staging.stg_outpatient_appointment
            union all
            select 'emergency_attendance', submission_id, source_row, cds_unique_identifier
            from identifiable.staging.stg_emergency_attendance
        )
        select
            sent.feed, sent.submission_id, sent.cds_unique_identifier,
            coalesce(episode.spell_key, record.record_key) as activity_key
        from sent
        inner join identifiable.identity.idn_record as record
            using (feed, submission_id, source_row)
        left join pseudonymised.core.fct_apc_episode as episode
            on record.record_key = episode.record_key
        """
    ).to_arrow_table()
    assigned = warehouse.execute(
        "select * from pseudonymised.governance.gov_responsible_commissioner"
    ).to_arrow_table()
    eligibility = warehouse.execute(
        "select * from restricted.governance.gov_release_eligibility"
    ).to_arrow_table()
    with duckdb.connect(":memory:") as connection:
        for name, table in (
            ("key", key),
            ("record", record),
            ("assigned_rows", assigned),
            ("eligibility_rows", eligibility),
        ):
            connection.register(name, table)
        connection.execute("create table assigned as from assigned_rows")
        connection.execute("create table eligibility as from eligibility_rows")
        connection.execute(
            """
            create table followed as
            select key.*, record.activity_key
            from key left join record using (feed, submission_id, cds_unique_identifier)
            """
        )
        yield connection


@pytest.mark.parametrize("version", VERSIONS)
def test_every_case_of_a_version_is_in_the_world(
    followed: duckdb.DuckDBPyConnection, version: str
) -> None:
    with CASES.open(encoding="utf-8") as file:
        wanted = {row["case_id"] for row in csv.DictReader(file) if row["cam_version"] == version}
    planted = {
        case
        for (case,) in followed.execute(
            "select case_id from followed inner join assigned using (activity_key) "
            "where assigned.cam_version = ?",
            [version],
        ).fetchall()
    }
    assert wanted == planted
    assert wanted


def test_every_planted_record_reached_the_core(followed: duckdb.DuckDBPyConnection) -> None:
    lost = followed.execute(
        "select case_id from followed where activity_key is null order by case_id"
    ).fetchall()
    assert lost == []


def test_every_case_is_decided_as_the_answer_key_says(
    followed: duckdb.DuckDBPyConnection,
) -> None:
    wrong = followed.execute(
        """
        select
            followed.case_id, followed.box, assigned.box, followed.basis, assigned.basis,
            followed.commissioner_code, assigned.responsible_commissioner_code,
            followed.cam_version, assigned.cam_version
        from followed
        inner join assigned using (activity_key)
        where
            followed.box <> assigned.box
            or followed.basis <> assigned.basis
            or followed.cam_version <> assigned.cam_version
            or followed.commissioner_code
            is distinct from assigned.responsible_commissioner_code
        order by followed.case_id
        """
    ).fetchall()
    assert wrong == []


def test_every_box_is_visited_and_every_end_is_reached(
    followed: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection
) -> None:
    boxes = {
        box
        for (box,) in warehouse.execute(
            "select box from pseudonymised.seeds.cam_step where cam_version = '2024/25'"
        ).fetchall()
    }
    visited = {
        box
        for (path,) in followed.execute(
            "select assigned.boxes_visited from followed inner join assigned using (activity_key) "
            "where followed.cam_version = '2024/25'"
        ).fetchall()
        for box in path.split(" > ")
    }
    assert boxes - visited == set()
    ends = set(
        warehouse.execute("select box, answer from pseudonymised.seeds.cam_outcome").fetchall()
    )
    reached = set(followed.execute("select distinct box, answer from followed").fetchall())
    assert ends - reached == NOT_SIMULATED


def test_who_may_see_a_case_follows_from_its_commissioner(
    followed: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection
) -> None:
    related = set(
        warehouse.execute(
            "select recipient_code, linked_code from pseudonymised.governance.gov_recipient_scope "
            "where linked_by = 'responsible_commissioner_code'"
        ).fetchall()
    )
    boards = {
        recipient
        for (recipient,) in warehouse.execute(
            "select recipient_code from pseudonymised.governance.gov_agreement "
            "where flow = 'record_level' and recipient_code in "
            "(select icb_code from pseudonymised.core.dim_commissioner)"
        ).fetchall()
    }
    cases = followed.execute(
        "select case_id, activity_key, commissioner_code from followed "
        "where feed <> 'outpatient_appointment' order by all"
    ).fetchall()
    judged = followed.execute(
        "select activity_key, recipient_code, responsible_commissioner_code, is_allowed "
        "from eligibility"
    ).fetchall()
    assert {code for key, _, code, _ in judged if key in {key for _, key, _ in cases}} <= {
        code for _, _, code in cases
    }
    allowed = set()
    for case, activity, code in cases:
        mine = {
            recipient: is_allowed
            for key, recipient, _, is_allowed in judged
            if key == activity and recipient in boards
        }
        assert set(mine) == {board for board in boards if (board, code) in related}, case
        allowed |= {case for is_allowed in mine.values() if is_allowed}
    assert allowed, "some case is released to the board that pays"
    # Whoever pays for these is no board: they are released to none.
    assert allowed.isdisjoint({"07", "09", "12", "15", "19", "20", "25", "31", "34", "36", "53"})


@pytest.mark.reference_data
def test_reasons_are_those_of_the_reference_table(
    warehouse: duckdb.DuckDBPyConnection, reference_file: Callable[[str], Path]
) -> None:
    path = reference_file("cam_2526/ref_commissioner_assignment_reason.csv")
    with path.open(encoding="utf-8-sig") as file:
        reference = {
            (
                row["CAM_Code"],
                row["Comm"],
                row["Commissioner Assignment Reason"],
                row["Service Category"],
            )
            for row in csv.DictReader(file)
        }
    given = set(
        warehouse.execute(
            """
            select
                coalesce(assigned.reason_code, ''),
                coalesce(assigned.responsible_commissioner_code, ''),
                assigned.reason,
                coalesce(assigned.service_category, '')
            from pseudonymised.governance.gov_responsible_commissioner as assigned
            inner join pseudonymised.seeds.cam_reason as reason
                on assigned.box = reason.box and assigned.reason = reason.reason
            where reason.is_in_reference_table
            """
        ).fetchall()
    )
    boxes = {reason.split(" - ")[0] for _, _, reason, _ in given}
    assert {"C-0b", "C-2", "C-5", "C-6", "D", "E", "F", "J"} <= boxes
    assert given - reference == set()
