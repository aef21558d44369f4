"""The simulator plants every case of the responsible commissioner, and says so in its key."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
from simulated_world import WORLD, make_state

from safe_haven.paths import State
from safe_haven.simulate.command import simulate
from safe_haven.simulate.commissioner_cases import CASES, KEY_FILE
from safe_haven.simulate.world import World

SENT = (
    "practice_code",
    "postcode",
    "administrative_category",
    "overseas_charging_category",
    "overseas_visitor_status",
    "service_code",
    "treatment_function_code",
    "source_of_admission",
    "primary_diagnosis",
)


def cases(version: str) -> dict[str, dict[str, str]]:
    with CASES.open(encoding="utf-8") as file:
        return {
            row["case_id"]: row for row in csv.DictReader(file) if row["cam_version"] == version
        }


def key_of(state: State) -> duckdb.DuckDBPyRelation:
    return duckdb.read_parquet(str(state.landing / KEY_FILE))


def test_every_case_is_planted_once(landed: State) -> None:
    planted = key_of(landed).project("case_id").fetchall()
    assert sorted(case for (case,) in planted) == sorted(cases("2024/25"))
    records = key_of(landed).project("feed, cds_unique_identifier").fetchall()
    assert len(set(records)) == len(records)


def test_a_planted_record_holds_what_its_case_says(
    landed: State, feeds: duckdb.DuckDBPyConnection
) -> None:
    wanted = cases("2024/25")
    seen = set()
    for feed in ("apc_episode", "outpatient_appointment", "emergency_attendance"):
        columns = [row[0] for row in feeds.execute(f"describe {feed}").fetchall()]
        found = feeds.execute(
            f"select key.case_id, sent.* from read_parquet(?) as key inner join {feed} as sent "
            "using (submission_id, cds_unique_identifier)",
            [str(landed.landing / KEY_FILE)],
        ).fetchall()
        for case_id, *values in found:
            case = wanted[case_id]
            sent = dict(zip(columns, values, strict=False))
            sent["practice_code"] = sent["gp_practice_code"]
            seen.add(case_id)
            if case["changed"] == "later_episode":
                continue
            wrong = [name for name in SENT if case[name] and sent[name] != case[name]]
            assert wrong == [], f"case {case_id}"
    assert seen == set(wanted)


def test_a_practice_changes_in_mid_spell(landed: State, feeds: duckdb.DuckDBPyConnection) -> None:
    practices = feeds.execute(
        """
        with first_episode as (
            select episode.provider_code, episode.hospital_spell_number
            from read_parquet(?) as key
            inner join final_episode as episode using (submission_id, cds_unique_identifier)
            where key.case_id = '06'
        )
        select episode.episode_number, episode.gp_practice_code
        from first_episode
        inner join final_episode as episode using (provider_code, hospital_spell_number)
        order by all
        """,
        [str(landed.landing / KEY_FILE)],
    ).fetchall()
    assert [number for number, _ in practices] == ["1", "2"]
    assert practices[0][1] != practices[1][1] == "P81020"


def test_the_next_version_has_cases_in_its_months(tmp_path: Path) -> None:
    state = make_state(tmp_path / "var")
    simulate(state, World(persons=2_500, months=5, seed=WORLD.seed, first_month="2025-02"))
    planted = dict(key_of(state).project("case_id, cam_version").fetchall())
    assert {case for case, version in planted.items() if version == "2025/26"} == set(
        cases("2025/26")
    )
    months = key_of(state).project("cam_version, submission_id").fetchall()
    assert all(
        (version == "2025/26") == (submission[-7:] >= "2025-04") for version, submission in months
    )


def test_a_world_of_one_month_has_an_empty_key(tmp_path: Path) -> None:
    state = make_state(tmp_path / "var")
    simulate(state, World(persons=100, months=1))
    assert key_of(state).fetchall() == []
