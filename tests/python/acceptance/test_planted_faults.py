"""Every fault that the simulator planted is caught where its answer key says, and only there."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from safe_haven.load.contract import contracts
from safe_haven.paths import State
from safe_haven.simulate.fault_key import KEY_FILE
from safe_haven.simulate.feeds import FEEDS
from safe_haven.zones import open_read_only

REPORTED = (
    """
    select 'stg_error_report' as caught_by, feed, submission_id, source_row,
        column_name || ' ' || rule as caught_as
    from identifiable.staging.stg_error_report
    union all
    select 'idn_trace', feed, submission_id, source_row, number_status || ' ' || match_step
    from identifiable.identity.idn_trace
    union all
    select 'stg_quality_finding', feed, submission_id, source_row, column_name || ' ' || rule
    from identifiable.staging.stg_quality_finding
    union all
    select 'idn_quality_finding', feed, submission_id, source_row, column_name || ' ' || rule
    from identifiable.identity.idn_quality_finding
    union all
    select 'idn_repeated_episode', feed, submission_id, source_row, column_name || ' ' || rule
    from identifiable.identity.idn_repeated_episode
    union all
"""
    + " union all ".join(
        f"""
    select 'stg_{feed}_version', '{feed}', submission_id, source_row, fate
    from identifiable.staging.stg_{feed}_version where fate <> 'accepted'
    """
        for feed in ("emergency_attendance", "outpatient_appointment")
    )
    + """
    union all
    select 'stg_emergency_attendance_version', 'emergency_attendance', version.submission_id,
        version.source_row, 'known from ' || version.known_from
    from identifiable.staging.stg_emergency_attendance_version as version
    inner join identifiable.staging.stg_submission using (submission_id)
    where version.known_from > extract_at::date + 30
"""
)
"""What every relation that catches faults says of a row, in the words of the key."""
COMPARED_APART = {
    "brg_emergency_code": "test_codes_that_are_not_approved_are_kept_and_flagged",
    "hnd_civil_registration_death": "test_a_day_of_death_that_was_changed_is_a_finding",
    "fct_contract_reconciliation": "test_practice_and_money.py",
    "fct_gp_payment_total": "test_practice_and_money.py",
    "fct_apc_spell": "test_a_stay_without_a_point_of_delivery_stays_unknown",
    "stg_quality_item": "test_codes_that_say_nothing_are_kept_and_counted",
    "stg_submission_count": "test_rows_of_test_files_are_dropped_and_counted",
}
"""Relations beyond the wall, which name no line of a file, and the tests that read them."""
NEVER_UNPLANNED = """
    reported.caught_by = 'stg_error_report'
    or split_part(reported.caught_as, ' ', 1)
    in ('not_held', 'of_the_mother', 'other_date_of_birth')
    or split_part(reported.caught_as, ' ', 2) in (
        'delivery_of_no_woman', 'longer_than_24_hours', 'care_after_death',
        'gap_between_episodes', 'organisation_closed', 'organisation_not_open', 'unknown_code',
        'code_not_valid_on_the_day', 'recorded_again', 'postcode_format', 'missing_end'
    )
    or starts_with(reported.caught_as, 'known from')
    or reported.caught_as in ('deleted', 'delete_request')
"""
"""What the simulator does on purpose only. Other faults happen in it by the way: a number or a
birth date left out, local ids built of NHS numbers, the closed practices of the payer cases."""

FAULTS_OF_THE_FIELD = {
    "duplicate record id after a provider system change": [
        "an episode under the ids of another system"
    ],
    "both protocols used by one sender": [
        "a bulk record that a net change replaces",
        "a net change that a bulk file replaces",
    ],
    "overlapping bulk windows": ["a bulk window that overlaps a later one"],
    "delete before original": ["a deletion before its record"],
    "test-indicator rows": ["a row of a test file"],
    "discharge before admission": ["discharge before admission"],
    "death then activity": ["care after death"],
    "overlapping spells at two providers": ["a stay at two providers"],
    "episode gaps": ["a gap between episodes"],
    "NHS number fails modulus 11": ["NHS number that fails modulus 11"],
    "NHS number is 0000000000": ["ten equal digits for a number"],
    "NHS number shared by many people": ["a number shared by several people"],
    "date of birth 1900-01-01": ["birth date 1900-01-01"],
    "sex 9 with delivery": ["a delivery of indeterminate sex"],
    "mother's NHS number on baby": [
        "mother's NHS number on the baby",
        "the number of the mother on a baby",
    ],
    "postcode ZZ99 3VZ": ["a postcode of no fixed abode"],
    "postcode with wrong spacing": ["a postcode without its space"],
    "practice closed at the date": ["a practice that has closed"],
    "provider code of before a merger": ["a trust that had merged into another"],
    "provider code of before a merger, by site": ["a site of a trust that had merged"],
    "ICD-10 invalid for date": [
        "a main diagnosis that was withdrawn",
        "a further diagnosis that was withdrawn",
    ],
    "local id containing the NHS number": ["a local id made of the NHS number"],
    "unknown treatment function": ["a treatment function that there is not"],
    "SNOMED CT code not in the reference set": [
        "a diagnosis that is not approved",
        "an investigation that is not approved",
    ],
    "attendance longer than 24 hours": ["two days in the department"],
    "attendances within an hour": ["an attendance recorded twice"],
    "null dates of HES": ["a date that was not sent"],
    "ethnic category 99 or Z": ["an ethnic category that is not known"],
    "missing ends": ["a finished episode without its end", "an attendance without its end"],
    "late-arriving records": ["a record that arrived late"],
    "point of delivery that maps to none": [
        "a stay with no point of delivery",
        "unknown point of delivery",
    ],
}
"""The usual faults of submissions, one an entry, and what they are called in the key."""


@pytest.fixture(scope="module")
def keyed(state: State) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables `fault` (the key, with the line of each record) and `reported`."""
    with open_read_only(state) as warehouse:
        reported = warehouse.execute(REPORTED).to_arrow_table()
    with duckdb.connect() as connection:
        connection.register("reported", reported)
        landed = " union all ".join(
            f"select '{feed.name}' as feed, submission_id, source_row, "
            f"concat_ws('|', {', '.join(contracts()[feed.name].record_key)}) as record_identifier "
            f"from read_parquet('{state.landing / feed.name}/simulated-*.parquet')"
            for feed in FEEDS
        )
        connection.execute(f"create table landed as {landed}")
        connection.execute(
            "create table fault as select key.*, landed.source_row "
            f"from read_parquet('{state.landing / KEY_FILE}') as key "
            "left join landed using (feed, submission_id, record_identifier)"
        )
        connection.execute(
            "create table landed_death as select submission_id, source_row, nhs_number "
            f"from read_parquet('{state.landing / 'civil_registration_death'}/simulated-*.parquet')"
        )
        yield connection


@pytest.mark.parametrize("fault", FAULTS_OF_THE_FIELD)
def test_every_usual_fault_is_planted(fault: str, keyed: duckdb.DuckDBPyConnection) -> None:
    """A fault that is no longer planted is no longer looked for by any test here."""
    counted = dict(keyed.execute("select fault, count(*) from fault group by all").fetchall())
    missing = [name for name in FAULTS_OF_THE_FIELD[fault] if not counted.get(name)]
    assert missing == []


def test_every_record_of_the_key_was_sent(keyed: duckdb.DuckDBPyConnection) -> None:
    """But for charges, of which the key names provider, commissioner and month."""
    unsent = keyed.execute(
        "select * from fault where source_row is null "
        "and caught_by <> 'fct_contract_reconciliation' order by all"
    ).fetchall()
    assert unsent == []


def test_every_monthly_feed_has_a_planted_fault(keyed: duckdb.DuckDBPyConnection) -> None:
    """A feed without one would have a contract that nobody has seen refuse anything."""
    found = {feed for (feed,) in keyed.execute("select distinct feed from fault").fetchall()}
    assert {feed.name for feed in FEEDS if feed.kind != "once"} | {"objection"} <= found


def test_every_fault_is_caught_as_the_key_says(keyed: duckdb.DuckDBPyConnection) -> None:
    """The relation, the row, and what it says there."""
    missed = keyed.execute(
        "select fault.* from fault anti join reported "
        "using (caught_by, feed, submission_id, source_row, caught_as) "
        f"where caught_by not in {tuple(COMPARED_APART)} order by all"
    ).fetchall()
    assert missed == []


def test_every_relation_that_catches_has_a_planted_fault(keyed: duckdb.DuckDBPyConnection) -> None:
    """Nothing above is true for want of faults, and the key names no relation unknown here."""
    named, reporting = (
        {name for (name,) in keyed.execute(f"select distinct caught_by from {table}").fetchall()}
        for table in ("fault", "reported")
    )
    assert named == reporting | set(COMPARED_APART)


def test_control_another_rule_is_not_reported(keyed: duckdb.DuckDBPyConnection) -> None:
    """With the rules of the key mixed up the comparison fails: it does look at the rule."""
    missed = keyed.execute(
        "select count(*) from (select * replace (caught_as || ' not' as caught_as) from fault) "
        "anti join reported using (caught_by, feed, submission_id, source_row, caught_as)"
    ).fetchone()
    assert missed == keyed.execute("select count(*) from fault").fetchone()
    assert missed > (0,)


def test_rows_without_a_planted_fault_are_not_at_fault(keyed: duckdb.DuckDBPyConnection) -> None:
    """The simulator breaks no rule but those of the key."""
    unplanned = keyed.execute(
        "select distinct reported.feed, reported.caught_as from reported "
        "anti join fault using (caught_by, feed, submission_id, source_row, caught_as) "
        f"where starts_with(reported.submission_id, 'simulated-') and ({NEVER_UNPLANNED}) "
        "order by all"
    ).fetchall()
    assert unplanned == []


def test_a_day_of_death_that_was_changed_is_a_finding(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """A registered death that differs from the person's record is named, and nothing else is."""
    with open_read_only(state) as warehouse:
        compared = warehouse.execute(
            "select submission_id, source_row, recorded_death_agreement "
            "from identifiable.identity.idn_record inner join "
            "pseudonymised.handover.hnd_civil_registration_death using (record_key) "
            "where feed = 'civil_registration_death' and recorded_death_agreement = 'differs'"
        ).to_arrow_table()
    keyed.register("differing", compared)
    planted = "caught_by = 'hnd_civil_registration_death' and caught_as = 'differs'"
    assert keyed.execute(f"select count(*) from fault where {planted}").fetchone() > (0,)
    # a changed row without a number belongs to nobody whose record could differ
    known = "submission_id, source_row"
    assert (
        keyed.execute(
            f"select {known} from differing except select {known} from fault where {planted}"
        ).fetchall()
        == []
    )
    unseen = keyed.execute(
        f"select fault.record_identifier from fault anti join differing using ({known}) "
        f"inner join landed_death using ({known}) where {planted} and nhs_number <> ''"
    ).fetchall()
    assert unseen == []


def test_what_another_sent_does_not_count_for_the_provider_that_it_names(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """The scorecard counts every checked episode but the planted ones of another sender."""
    planted = keyed.execute(
        "select count(*) from fault where caught_as = 'provider_code sender_not_allowed'"
    ).fetchone()
    with open_read_only(state) as warehouse:
        left_out = warehouse.execute(
            "select (select count(*) from identifiable.staging.stg_apc_episode_checked) - "
            "(select sum(record_count) from identifiable.staging.stg_quality_item "
            "where feed = 'apc_episode' and data_item = 'provider_code')"
        ).fetchone()
    assert left_out == planted
    assert planted > (0,), "control: the simulator did plant some"


def test_type_1_objectors_are_refused_by_name(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """Every planted record of an objector is counted as refused, and none is handed over."""
    counted = "refused_type_1", "pseudonymised.handover.hnd_reconciliation"
    assert_counted_by_file(keyed, state, "nhs_number type_1_objection", *counted)


def test_rows_of_test_files_are_dropped_and_counted(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """Every planted row of a test file is counted as dropped, and the file brings no other."""
    counted = "test_dropped", "identifiable.staging.stg_submission_count"
    assert_counted_by_file(keyed, state, "test_dropped", *counted)


def assert_counted_by_file(
    keyed: duckdb.DuckDBPyConnection, state: State, caught_as: str, count: str, relation: str
) -> None:
    """File by file, a column of a relation counts the rows that the key says; there are some."""
    planted = keyed.execute(
        "select submission_id, count(*) from fault where caught_as = ? group by all order by all",
        [caught_as],
    ).fetchall()
    with open_read_only(state) as warehouse:
        counted = warehouse.execute(
            f"select submission_id, {count} from {relation} "
            f"where {count} > 0 and starts_with(submission_id, 'simulated-') order by all"
        ).fetchall()
    assert planted == counted
    assert planted, "control: the simulator did plant some"


def test_codes_that_are_not_approved_are_kept_and_flagged(
    state: State, keyed: duckdb.DuckDBPyConnection
) -> None:
    """The attendance stands, and the bridge says which of its codes is not in the list."""
    planted = keyed.execute(
        "select submission_id, source_row, caught_as from fault "
        "where caught_by = 'brg_emergency_code'"
    ).fetchall()
    with open_read_only(state) as warehouse:
        for submission_id, source_row, coded_item in planted:
            flagged = warehouse.execute(
                "select count(*) from pseudonymised.core.brg_emergency_code "
                "inner join identifiable.identity.idn_record using (record_key) "
                "where feed = 'emergency_attendance' and submission_id = $1 and source_row = $2 "
                "and coded_item = $3 and not is_approved",
                [submission_id, source_row, coded_item],
            ).fetchone()
            assert flagged == (1,)
    assert planted


def test_codes_that_say_nothing_are_kept_and_counted(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """A value that means not sent or not known stays as it is, and the scorecard counts it."""
    planted = keyed.execute(
        "select submission_id, source_row, caught_as from fault "
        "where caught_by = 'stg_quality_item'"
    ).fetchall()
    with open_read_only(state) as warehouse:
        for submission_id, source_row, data_item in planted:
            kept = warehouse.execute(
                f"select count(*) from identifiable.staging.stg_apc_episode as record "
                "inner join pseudonymised.seeds.default_code "
                f"on data_item = $item and code = record.{data_item}::varchar "
                "where submission_id = $submission_id and source_row = $source_row",
                {"item": data_item, "submission_id": submission_id, "source_row": source_row},
            ).fetchone()
            counted = warehouse.execute(
                "select sum(default_count) from identifiable.staging.stg_quality_item "
                "where feed = 'apc_episode' and data_item = ?",
                [data_item],
            ).fetchone()
            assert kept == (1,)
            assert counted is not None and counted[0] >= 2, data_item
    assert {item for _, _, item in planted} == {"discharge_date", "ethnic_category", "postcode"}


def test_a_site_has_the_code_of_its_own_successor(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """Of a site that went elsewhere than its trust, the code as then stays, and the code as now is
    that of the trust that has the site."""
    keys = keyed.execute(
        "select distinct submission_id, source_row from fault "
        "where fault = 'a site of a trust that had merged'"
    ).to_arrow_table()
    with open_read_only(state) as warehouse:
        warehouse.register("planted", keys)
        found = warehouse.execute(
            "select provider_code, site_code, current_provider_code, count(*) from planted "
            "inner join identifiable.identity.idn_record as record "
            "using (submission_id, source_row) "
            "inner join pseudonymised.core.fct_apc_episode as episode using (record_key) "
            "where record.feed = 'apc_episode' group by all"
        ).fetchall()
    assert found == [("RW6", "RW602", "R0A", keys.num_rows)] and keys.num_rows


def test_a_stay_without_a_point_of_delivery_stays_unknown(
    keyed: duckdb.DuckDBPyConnection, state: State
) -> None:
    """An admission method that is not known gives the point of delivery APCUNK, not the nearest."""
    keys = keyed.execute(
        "select submission_id, source_row from fault where caught_by = 'fct_apc_spell'"
    ).to_arrow_table()
    with open_read_only(state) as warehouse:
        warehouse.register("planted", keys)
        found = warehouse.execute(
            "select spell.point_of_delivery, count(*) from planted "
            "inner join identifiable.identity.idn_record as record "
            "using (submission_id, source_row) "
            "inner join pseudonymised.core.fct_apc_episode as episode using (record_key) "
            "inner join pseudonymised.core.fct_apc_spell as spell using (spell_key) "
            "where record.feed = 'apc_episode' group by all"
        ).fetchall()
    assert found == [("APCUNK", keys.num_rows)] and keys.num_rows
