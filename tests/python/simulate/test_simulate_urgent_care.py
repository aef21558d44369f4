"""Chains of urgent care: a call, an ambulance and an attendance of one person, in order."""

from __future__ import annotations

import duckdb

LINKED = """
    with visit as (
        select distinct on (cds_unique_identifier)
            ambulance_trust_code,
            ambulance_incident_number,
            date_of_birth,
            sex,
            arrival_date::date + arrival_time::time as arrived_at
        from emergency_attendance
        where ambulance_incident_number <> '' and arrival_date < '2099-01-01'
    ),

    run as (
        select distinct on (incident_record_identifier)
            *,
            call_date::date + call_time::time as called_at
        from ambulance_incident
    )
"""


def one_row(feeds: duckdb.DuckDBPyConnection, select: str) -> tuple[int, ...]:
    row = feeds.execute(LINKED + select).fetchone()
    assert row is not None
    return row


def test_every_conveyance_ends_in_an_attendance(feeds: duckdb.DuckDBPyConnection) -> None:
    """Each has the number of one attendance of the same person, at the hospital's door."""
    conveyed, arrived, of_another = one_row(
        feeds,
        "select count(*), count(visit.arrived_at), count(*) filter ("
        "  where run.sex <> visit.sex or (run.date_of_birth <> visit.date_of_birth"
        "  and '' not in (run.date_of_birth, visit.date_of_birth))) "
        "from run left join visit on run.ambulance_incident_number ="
        " visit.ambulance_incident_number and run.provider_code = visit.ambulance_trust_code "
        "and run.arrived_at_hospital_at::timestamp = visit.arrived_at "
        "where run.arrived_at_hospital_at <> ''",
    )
    assert conveyed > 100
    # an attendance that was planted in the future, or two, is no longer where it was
    assert conveyed - arrived <= 2
    assert of_another == 0


def test_an_ambulance_is_called_before_it_comes_and_hands_over_after(
    feeds: duckdb.DuckDBPyConnection,
) -> None:
    out_of_order = one_row(
        feeds,
        "select count(*) from run where arrived_at_hospital_at <> '' and handed_over_at <> '' "
        "and not (called_at < arrived_at_scene_at::timestamp"
        " and arrived_at_scene_at < left_scene_at and left_scene_at < arrived_at_hospital_at"
        " and arrived_at_hospital_at <= handed_over_at and handed_over_at < cleared_at)",
    )
    assert out_of_order == (0,)


def test_a_call_passed_on_ends_as_the_ambulance_is_called(
    feeds: duckdb.DuckDBPyConnection,
) -> None:
    """The incident exists and was opened at the end of the call."""
    calls, followed = one_row(
        feeds,
        "select count(distinct call_identifier), count(distinct call_identifier) filter ("
        " where run.called_at = call_end_date::date + call_end_time::time) "
        "from nhs_111_call as call left join run using (ambulance_incident_number) "
        "where call.ambulance_incident_number <> '' and call_end_date >= call.call_date",
    )
    assert calls > 20
    assert followed == calls
