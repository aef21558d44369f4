"""The simulated world: who is in it, and what happens to them."""

from __future__ import annotations

import nhs_number
import pyarrow.parquet as pq
import pytest
from simulated_world import WORLD

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import ENVELOPE, contracts
from safe_haven.load.landing import file_sha256, landing_schema, read_submissions
from safe_haven.paths import PROJECT_ROOT, State
from safe_haven.simulate.canaries import canary_values, canary_values_in
from safe_haven.simulate.feeds import EVENT_FEEDS, ONCE_FEEDS
from safe_haven.simulate.world import (
    CANARIES,
    FIRST_BOARDS,
    MOST_IN_999,
    World,
    connect,
    make_numbers,
    open_world,
    set_variable,
)

CODE_LISTS = PROJECT_ROOT / "seeds" / "codes" / "code_list.csv"
UNKNOWN_SEX, EARLY_DISCHARGES, FUTURE_DAY = 2, 3, "2099-01-01"


def test_every_feed_has_the_columns_of_its_contract(landed: State) -> None:
    for submission in read_submissions(landed):
        path = landed.landing / submission.feed / f"{submission.submission_id}.parquet"
        assert pq.read_schema(path).equals(landing_schema(submission.feed)), path.name
        assert pq.read_metadata(path).num_rows == int(submission.rows_received) > 0


def test_every_file_has_an_envelope_with_its_hash(landed: State) -> None:
    submissions = read_submissions(landed)
    files = [p for feed in contracts() if feed != ENVELOPE for p in _files(landed, feed)]
    assert sorted(p.stem for p in files) == sorted(s.submission_id for s in submissions)
    hashes = {p.stem: file_sha256(p) for p in files}
    assert all(hashes[s.submission_id] == s.landed_sha256 for s in submissions)
    assert all(p.stat().st_mode & 0o077 == 0 for p in files)
    assert not list(landed.landing.glob(".*")), "the folder of parts is gone"


def _files(landed: State, feed: str) -> list:
    return [p for p in (landed.landing / feed).glob("*.parquet") if p.name[0] != "_"]


def test_every_code_is_in_its_code_list_but_the_planted_ones(feeds) -> None:
    known: dict[str, set[str]] = {}
    for code_list, code in (
        feeds.read_csv(str(CODE_LISTS), all_varchar=True).project("code_list, code").fetchall()
    ):
        known.setdefault(code_list, {""}).add(code)
    unknown = {
        (feed, column.name, code)
        for feed in (*ONCE_FEEDS, *EVENT_FEEDS)
        for column in contracts()[feed].columns
        if column.code_list
        for (code,) in feeds.table(feed).project(column.name).distinct().fetchall()
        if code not in known[column.code_list]
    }
    assert unknown == {("apc_episode", "sex", "7"), ("ambulance_incident", "outcome", "conveyed")}


def test_what_a_contract_requires_is_there_but_the_planted_one(feeds) -> None:
    missing = {
        (feed, column.name)
        for feed in (*ONCE_FEEDS, *EVENT_FEEDS)
        for column in contracts()[feed].columns
        if column.required
        and feeds.table(feed).filter(f"coalesce({column.name}, '') = ''").limit(1).fetchall()
    }
    assert missing == {("gp_extract_observation", "nhs_number")}, "the planted one"


def test_source_row_counts_the_lines_of_a_file_with_a_header(feeds) -> None:
    for feed in (*ONCE_FEEDS, *EVENT_FEEDS):
        numbers = (
            feeds.table(feed)
            .aggregate("submission_id, min(source_row), max(source_row) - count(*)")
            .fetchall()
        )
        assert all(low == 2 and rest == 1 for _, low, rest in numbers)


def test_numbers_are_valid_synthetic_and_unique(feeds) -> None:
    numbers = [n for (n,) in feeds.execute("select nhs_number from person").fetchall()]
    assert len(set(numbers)) == len(numbers) > WORLD.persons
    assert all(nhs_number.is_valid(n) and n.startswith("999") for n in numbers)


def test_the_999_block_has_a_number_for_the_largest_ordinary_world() -> None:
    conn = connect(World(persons=MOST_IN_999))
    (needed, tried), (usable,) = (
        conn.execute(query).fetchone() or ()
        for query in (
            "select getvariable('numbers_needed'), getvariable('numbers_tried')",
            "select count(*) from range(999000000, 1000000000) as stem (n) "
            "where check_digit(n) <> 10",
        )
    )
    conn.close()
    assert MOST_IN_999 * 1.0035 < needed <= usable
    assert tried == 1_000_000


@pytest.mark.parametrize(("persons", "in_999"), [(20_000, True), (MOST_IN_999 + 1, False)])
def test_numbers_are_distinct_and_only_scale_runs_leave_999(persons: int, in_999: bool) -> None:
    conn = connect(World(persons=persons))
    # The first 20,000 numbers of a scale run are enough.
    set_variable(conn, "numbers_needed", 20_000)
    set_variable(conn, "numbers_tried", 24_000)
    make_numbers(conn)
    numbers = {number for _, number in conn.table("nhs_number").fetchall()}
    conn.close()
    assert len(numbers) == 20_000
    assert all(number.startswith("999") == in_999 for number in numbers)
    assert all(number[0] == "9" and nhs_number.is_valid(number) for number in numbers)


def test_a_number_says_nothing_about_the_order_of_persons(feeds) -> None:
    conn = open_world(World(persons=1_000, months=1))
    (correlation,) = conn.execute(
        "select corr(person_id, nhs_number::bigint) from person"
    ).fetchone() or (1,)
    conn.close()
    assert abs(correlation) < 0.1


def test_superseded_numbers_point_to_a_number_that_stands(feeds) -> None:
    wrong = feeds.execute(
        """
        select count(*) from person as old
        left join person as current on old.superseded_by_nhs_number = current.nhs_number
        where old.superseded_by_nhs_number <> ''
            and coalesce(current.superseded_by_nhs_number <> '', true)
        """
    ).fetchone()
    some = feeds.execute(
        "select count(*) from person where superseded_by_nhs_number <> ''"
    ).fetchone()
    assert wrong == (0,)
    assert some is not None and 1 <= some[0] <= WORLD.persons * 0.01


def test_every_address_and_practice_is_one_of_this_world(feeds) -> None:
    assert feeds.execute(
        "select count(*) from person where postcode not in (select postcode from "
        "postcode_directory) and postcode <> 'ZZ99 3VZ'"
    ).fetchone() == (0,)
    assert feeds.execute(
        "select count(*) = count(distinct postcode), bool_and(regexp_full_match(postcode, "
        "'[A-Z]{2}[0-9]{1,2} [0-9][A-Z]{2}')) from postcode_directory"
    ).fetchone() == (True, True)


def test_registrations_of_a_person_do_not_overlap(feeds) -> None:
    assert feeds.execute(
        """
        with stay as (
            select
                registered_from::date as starts,
                coalesce(nullif(registered_to, '')::date, date '9999-12-31') as ends,
                lead(registered_from::date) over (
                    partition by nhs_number order by registered_from
                ) as next_starts,
            from gp_registration
        )
        select count(*) from stay where ends < starts or next_starts <> ends + 1
        """
    ).fetchone() == (0,)


def test_nothing_happens_before_birth_or_after_death(feeds) -> None:
    assert feeds.execute(
        """
        with activity as (
            select cds_unique_identifier, nhs_number, admission_date as first_day, greatest(
                admission_date, episode_start_date, episode_end_date, discharge_date
            ) as last_day from apc_episode
            union all
            select cds_unique_identifier, nhs_number, appointment_date, appointment_date
            from outpatient_appointment
            union all
            select cds_unique_identifier, nhs_number, arrival_date, departure_date
            from emergency_attendance
        )
        select count(*) from activity
        inner join person on activity.nhs_number = person.nhs_number
        where (
            last_day > coalesce(nullif(date_of_death, ''), '9999-12-31')
            or first_day < person.date_of_birth
        ) and last_day <> $future
        and cds_unique_identifier not in (select record_identifier from fault_key)
        """,
        {"future": FUTURE_DAY},
    ).fetchone() == (0,)
    (dead,) = feeds.execute("select count(*) from person where date_of_death <> ''").fetchone() or (
        0,
    )
    assert 0.002 < dead / WORLD.persons < 0.01


def test_everything_happens_within_the_period(feeds) -> None:
    for feed, first, last in (
        ("apc_episode", "admission_date", "greatest(discharge_date, episode_end_date)"),
        ("outpatient_appointment", "appointment_date", "appointment_date"),
        ("emergency_attendance", "arrival_date", "departure_date"),
    ):
        bounds = (
            feeds.table(feed)
            .filter(f"{last} <> '{FUTURE_DAY}'")
            .aggregate(f"min({first}), max({last})")
            .fetchone()
        )
        assert bounds[0] >= WORLD.first_day.isoformat()
        assert bounds[1] <= WORLD.last_day.isoformat()


def test_episodes_make_whole_spells(feeds) -> None:
    broken = feeds.execute(
        """
        with ordered as (
            select
                *,
                lag(episode_end_date) over spell as previous_end,
                row_number() over spell as position,
                lead(episode_number) over spell is null as is_last,
                count(distinct (admission_date, nhs_number)) over (
                    partition by hospital_spell_number, provider_code
                ) as admissions,
            from final_episode
            where hospital_spell_number <> ''
                and coalesce(nullif(discharge_date, '') >= admission_date, true)
                and hospital_spell_number not in (
                    select hospital_spell_number from final_episode
                    inner join fault_key on cds_unique_identifier = record_identifier
                )
            window spell as (
                partition by hospital_spell_number, provider_code order by episode_number
            )
        )
        select count(*) from ordered where
            position <> episode_number::integer
            or (position = 1 and episode_start_date <> admission_date)
            or (position > 1 and episode_start_date <> previous_end)
            or (episode_status = '1') <> (episode_end_date = '')
            or (not is_last and (discharge_date <> '' or episode_end_date = ''))
            or (discharge_date <> '' and discharge_date <> episode_end_date)
            or (discharge_method = '4') <> (discharge_destination = '79')
        """
    ).fetchone()
    spells = feeds.execute(
        "select count(distinct hospital_spell_number), max(episode_number), "
        "count(*) filter (episode_status = '1') from final_episode"
    ).fetchone()
    assert broken == (0,)
    assert spells is not None and spells[0] > 800 and spells[1] in ("3", "4") and spells[2] > 0


def test_a_person_is_in_one_hospital_at_a_time(feeds) -> None:
    assert feeds.execute(
        """
        with spell as (
            select
                nhs_number,
                hospital_spell_number,
                min(admission_date) as admitted,
                coalesce(max(nullif(discharge_date, '')), '9999-12-31') as discharged,
            from final_episode
            -- one stay is planted twice, the second time under the ids of another system
            where nhs_number <> '' and not starts_with(hospital_spell_number, 'COPY')
            group by nhs_number, hospital_spell_number
            having discharged >= admitted
        )
        select count(*) from (
            select admitted <= lag(discharged) over (
                partition by nhs_number order by admitted
            ) as is_overlap from spell
        ) where is_overlap
        """
    ).fetchone() == (0,)


def test_counts_are_those_of_a_real_population(feeds) -> None:
    years = WORLD.persons * WORLD.months / 12
    (episodes,) = feeds.execute("select count(*) from final_episode").fetchone() or (0,)
    assert 0.24 < episodes / years < 0.36
    for feed, low, high in (
        ("outpatient_appointment", 1.9, 2.5),
        ("emergency_attendance", 0.35, 0.50),
    ):
        (records,) = feeds.table(feed).unique("cds_unique_identifier").count("*").fetchone()
        assert low < records / years < high, feed
    (opted_out,) = feeds.execute(
        "select count(*) from objection where kind = 'national_data_opt_out'"
    ).fetchone() or (0,)
    assert 0.035 < opted_out / WORLD.persons < 0.065
    # Five practices in each of the five areas of this world.
    practices = feeds.execute("select count(distinct practice_code) from gp_registration")
    assert practices.fetchone() == (25,)


def test_a_record_sent_again_comes_in_a_later_file_under_the_same_id(feeds) -> None:
    """One in a hundred: a feed of fewer than 300 rows may have none."""
    for feed in EVENT_FEEDS:
        (key,) = contracts()[feed].record_key
        twice = (
            feeds.table(feed)
            .filter(f"not regexp_matches({key}, '^(TEST|ERROR)')")
            .filter("not ends_with(submission_id, '-early')")
            .aggregate(
                f"{key}, count(*) as sendings, "
                "count(distinct submission_id) as files, count(distinct provider_code) as senders"
            )
            .filter("sendings > 1")
            .aggregate("count(*), bool_and(sendings = 2 and files = 2 and senders = 1)")
            .fetchone()
        )
        is_small = feeds.table(feed).count("*").fetchone() < (300,)
        assert twice[1] or (is_small and twice[0] == 0), feed


def test_outpatients_come_in_bulk_and_their_corrections_as_net_files(feeds) -> None:
    assert feeds.execute(
        """
        select bool_and(
            case when protocol = 'bulk'
                then bulk_replacement_group = '060'
                    and appointment_date between period_start and period_end
                    or appointment_date = $future
                else appointment_date < period_start or ends_with(submission_id, '-net-early')
            end
        ), count(distinct protocol)
        from outpatient_appointment
        inner join submission using (submission_id)
        """,
        {"future": FUTURE_DAY},
    ).fetchone() == (True, 2)


def test_one_file_is_late_and_one_arrives_after_the_file_that_replaces_it(feeds) -> None:
    late = feeds.execute(
        "select submission_id from submission where received_on::date - extract_at::date > 30"
    ).fetchall()
    assert late == [("simulated-emergency_attendance-2024-05",)]
    out_of_order = feeds.execute(
        """
        select older.submission_id from submission as older
        inner join submission as newer
            on older.feed = newer.feed and older.protocol = 'bulk' and newer.protocol = 'bulk'
            and older.period_start = newer.period_start
            and older.extract_at < newer.extract_at and older.received_on > newer.received_on
        """
    ).fetchall()
    assert out_of_order == [("simulated-outpatient_appointment-2024-05-early",)]


def test_what_was_sent_in_error_is_deleted_in_the_next_file(feeds) -> None:
    assert feeds.execute(
        """
        select submission_id, update_type, count(*) from emergency_attendance
        where starts_with(cds_unique_identifier, 'ERROR') group by all order by all
        """
    ).fetchall() == [
        ("simulated-emergency_attendance-2024-04", "", 3),
        # a deletion that comes before its record
        ("simulated-emergency_attendance-2024-04", "1", 1),
        ("simulated-emergency_attendance-2024-05", "", 1),
        ("simulated-emergency_attendance-2024-05", "1", 3),
    ]


def test_faults_are_planted_where_they_are_expected(feeds) -> None:
    assert feeds.execute(
        "select count(*), count(distinct submission_id) from apc_episode where sex = '7'"
    ).fetchone() == (UNKNOWN_SEX, 1)
    assert feeds.execute(
        "select count(*) from apc_episode where discharge_date < admission_date "
        "and discharge_date not in ('', '1800-01-01')"
    ).fetchone() == (EARLY_DISCHARGES,)
    assert feeds.execute(
        "select (select count(*) from outpatient_appointment where appointment_date = $future), "
        "(select count(*) from emergency_attendance where arrival_date = $future)",
        {"future": FUTURE_DAY},
    ).fetchone() == (1, 1)
    numbers = feeds.execute(
        "select nhs_number from final_episode where nhs_number <> ''"
    ).fetchall()
    failing = sum(not nhs_number.is_valid(n) for (n,) in numbers)
    assert 0 < failing < 0.01 * len(numbers)
    assert feeds.execute(
        "select count(*), min(feed), min(rows_received) from submission where test_indicator = '1'"
    ).fetchone() == (1, "apc_episode", "25")


def test_canaries_are_in_every_feed(feeds) -> None:
    for feed in ("gp_registration", "objection", *EVENT_FEEDS):
        numbers = {n for (n,) in feeds.table(feed).project("nhs_number").fetchall()}
        found = {name for name, number in _canaries(feeds) if number in numbers}
        assert len(found) == CANARIES, feed


def test_canaries_hide_in_ids_and_free_text(feeds) -> None:
    hidden = feeds.execute(
        """
        select
            bool_and(contains(hospital_spell_number, replace(person.date_of_birth, '-', ''))),
            bool_and(
                contains(local_patient_id, person.nhs_number)
                or contains(local_patient_id, person.superseded_by_nhs_number)
            ),
            bool_and(
                contains(cds_unique_identifier, person.nhs_number)
                or contains(cds_unique_identifier, person.superseded_by_nhs_number)
            ),
        from final_episode
        inner join person on final_episode.nhs_number = person.nhs_number
        where starts_with(person.family_name, 'CANARYBIRD')
        """
    ).fetchone()
    notes = feeds.execute(
        "select count(distinct regexp_extract(clinical_note, 'CANARYBIRD[0-9]+')) "
        "from emergency_attendance where contains(clinical_note, 'CANARYBIRD')"
    ).fetchone()
    assert hidden == (True, True, True)
    assert notes == (CANARIES,)


def test_only_the_last_two_canaries_object(feeds) -> None:
    withdrawn = {
        n
        for (n,) in feeds.table("objection")
        .filter("valid_to <> ''")
        .project("nhs_number")
        .fetchall()
    }
    objecting = {name for name, number in _canaries(feeds) if number not in withdrawn}
    assert objecting == {"CANARYBIRD11", "CANARYBIRD12"}


def _canaries(feeds) -> list[tuple[str, str]]:
    """Family name and NHS number of every canary; one has two numbers."""
    return (
        feeds.table("person")
        .filter("starts_with(family_name, 'CANARYBIRD')")
        .project("family_name, nhs_number")
        .fetchall()
    )


def test_withheld_identities_are_blank(feeds) -> None:
    assert feeds.execute(
        """
        select
            count(*) > 0,
            bool_and(concat(nhs_number, local_patient_id, hospital_spell_number, date_of_birth,
                postcode) = ''),
        from apc_episode where withheld_identity_reason <> ''
        """
    ).fetchone() == (True, True)
    kinds = feeds.execute(
        "select distinct withheld_identity_reason from final_episode "
        "where starts_with(primary_diagnosis, 'N97')"
    ).fetchall()
    assert sorted(kinds) == [("",), ("01",)]


def test_canary_values_can_be_known_without_the_files(landed: State) -> None:
    values = canary_values(WORLD.seed, WORLD.persons)
    assert values == canary_values_in(landed)
    assert len([v for v in values if v.startswith("999") and v.isdigit()]) == CANARIES + 1
    assert {"CANARYBIRD01", "CANARYBIRD12", "ZX7 9ZZ", "ZX79ZZ", "1959-07-23"} <= set(values)


def test_a_small_world_has_the_first_four_boards() -> None:
    conn = open_world(World(persons=100, months=1))
    boards = conn.execute("select icb_code from world_icb order by icb_index").fetchall()
    conn.close()
    assert tuple(code for (code,) in boards) == FIRST_BOARDS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"persons": 99}, "--persons 99"),
        ({"persons": 60_000_001}, "--persons 60000001"),
        ({"months": 0}, "--months 0"),
        ({"first_month": "2024-13"}, "--first-month 2024-13"),
        ({"first_month": "April 2024"}, "YYYY-MM"),
    ],
)
def test_a_world_that_cannot_be_made_is_refused(arguments: dict, said: str) -> None:
    with pytest.raises(SafeHavenError, match=said):
        World(**arguments)


def test_more_than_a_million_people_have_numbers() -> None:
    """DuckDB refuses a search for the first n above a million, which a filter may turn into."""
    world = World(persons=1_000_000, months=1)
    conn = connect(world)
    make_numbers(conn)
    found = conn.table("nhs_number").aggregate(
        "count(*), min(ordinal), max(ordinal), count(distinct nhs_number), "
        "max(nhs_number) < '9990000000'"
    )
    numbers = world.persons + world.persons // 250 + 100
    assert found.fetchone() == (numbers, 1, numbers, numbers, True)
    conn.close()
