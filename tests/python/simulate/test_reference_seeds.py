"""The reference seeds fit together: every area, practice and provider has its place."""

from __future__ import annotations

import duckdb
import pytest

from safe_haven.simulate.world import MOST_PERSONS, World, connect, run_sql


@pytest.fixture(scope="module")
def england() -> duckdb.DuckDBPyConnection:
    """The seeds, and the places of a world with all 42 boards."""
    conn = connect(World(persons=MOST_PERSONS))
    run_sql(conn, "areas")
    return conn


def test_38_groups_of_2020_became_9(england: duckdb.DuckDBPyConnection) -> None:
    assert england.execute(
        "select count(distinct ccg_2020_code), count(distinct sub_icb_code), "
        "count(*) filter (ccg_2020_code in (select sub_icb_code from seed_sub_icb)) "
        "from seed_ccg_2021_merger"
    ).fetchone() == (38, 9, 0)


def test_lsoas_reach_all_106_sub_icbs_and_42_boards(england: duckdb.DuckDBPyConnection) -> None:
    assert england.execute(
        """
        select count(distinct sub_icb.sub_icb_code), count(distinct sub_icb.icb_code)
        from seed_lsoa_2011 as lsoa
        left join seed_ccg_2021_merger as merger on lsoa.ccg_2020_code = merger.ccg_2020_code
        inner join seed_sub_icb as sub_icb
            on coalesce(merger.sub_icb_code, lsoa.ccg_2020_code) = sub_icb.sub_icb_code
        """
    ).fetchone() == (106, 42)
    assert england.execute("select count(distinct area_index) from postcode").fetchone() == (106,)


def test_sub_icbs_and_boards_agree_with_the_organisations(
    england: duckdb.DuckDBPyConnection,
) -> None:
    assert england.execute(
        """
        select count(*) from seed_sub_icb as sub_icb
        full join (select * from seed_organisation where organisation_role = 'sub_icb') as org
            on sub_icb.sub_icb_code = org.organisation_code and sub_icb.icb_code = org.parent_code
        where sub_icb.sub_icb_code is null or org.organisation_code is null
        """
    ).fetchone() == (0,)


def test_every_area_has_five_practices_and_every_board_a_trust(
    england: duckdb.DuckDBPyConnection,
) -> None:
    assert england.execute(
        "select count(*), min(n), max(n) from (select count(*) as n from practice "
        "group by area_index)"
    ).fetchone() == (106, 5, 5)
    assert england.execute("select count(distinct icb_code) from trust").fetchone() == (42,)
    assert england.execute("select count(*) from area_provider").fetchone() == (106,)


def test_invented_organisations_say_so(england: duckdb.DuckDBPyConnection) -> None:
    assert england.execute(
        "select bool_and(starts_with(organisation_name, 'Invented') and starts_with(source, "
        "'Invented') and starts_with(organisation_code, 'ZI')) from seed_organisation "
        "where organisation_role = 'independent_provider'"
    ).fetchone() == (True,)
