"""The contracts say what a contract must say, and the models check what they say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from safe_haven.errors import SafeHavenError
from safe_haven.load.contract import (
    ENVELOPE,
    STAGING,
    WARN_AFTER_DAYS,
    contracts,
    read_contract,
)
from safe_haven.load.staging import written_files
from safe_haven.paths import PROJECT_ROOT

FEEDS = sorted(set(contracts()) - {ENVELOPE})
PERIODICAL = [
    feed
    for feed in FEEDS
    if contracts()[feed].schedule in WARN_AFTER_DAYS and not contracts()[feed].collected_until
]
WRITTEN = written_files()
IDENTIFIERS = {
    "nhs_number",
    "superseded_by_nhs_number",
    "source_person_id",
    "local_patient_id",
    "hospital_spell_number",
    "cds_unique_identifier",
    "critical_care_identifier",
    "contract_line_identifier",
    "event_reference",
    "observation_id",
    "registration_id",
    "invoice_number",
    "ambulance_incident_number",
    "incident_record_identifier",
    "call_identifier",
    "pathway_record_identifier",
    "patient_pathway_identifier",
    "family_name",
    "given_name",
    "date_of_birth",
    "date_of_death",
    "address_line",
    "clinical_note",
    "unique_service_request_identifier",
    "unique_care_contact_identifier",
    "unique_hospital_provider_spell_identifier",
    "unique_ward_stay_identifier",
    "unique_pregnancy_identifier",
    "unique_labour_delivery_identifier",
    "unique_birth_identifier",
    "mother_nhs_number",
}


@pytest.mark.parametrize("path", sorted(WRITTEN), ids=lambda path: path.name)
def test_files_are_written_from_the_contracts(path: Path) -> None:
    """A contract changed without `./run contracts` would check the old rules."""
    assert path.read_text(encoding="utf-8") == WRITTEN[path]


def test_unit_tests_below_a_written_model_are_kept() -> None:
    """What a person added to the YAML of a written model survives the next writing."""
    path = STAGING / "apc_episode" / "stg_apc_episode_checked.yml"
    assert "\nunit_tests:\n" in WRITTEN[path]


@pytest.mark.parametrize("feed", PERIODICAL)
def test_a_feed_is_late_when_its_schedule_says_so(feed: str) -> None:
    """`dbt source freshness` warns of every feed that comes by a period and does not end."""
    days = WARN_AFTER_DAYS[contracts()[feed].schedule]
    text = (STAGING / feed / f"_{feed}_source.yml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)["sources"][0]["tables"][0]["config"]
    assert config["loaded_at_query"] == f"{{{{ last_received('{feed}') }}}}"
    assert config["freshness"] == {"warn_after": {"count": days, "period": "day"}}


def test_every_code_list_of_a_contract_is_in_the_seed() -> None:
    """A list without codes would refuse nothing: list_contains of NULL is no answer."""
    with (PROJECT_ROOT / "seeds" / "codes" / "code_list.csv").open(encoding="utf-8") as handle:
        known = {row["code_list"] for row in csv.DictReader(handle)}
    wanted = {c.code_list for contract in contracts().values() for c in contract.columns}
    assert wanted - {None} == known


@pytest.mark.parametrize("feed", FEEDS)
def test_identifiers_are_called_identifiers(feed: str) -> None:
    """HES restricts these fields; a postcode is one too, except in the postcode directory."""
    expected = IDENTIFIERS | ({"postcode"} if feed != "postcode_directory" else set())
    found = {c.name for c in contracts()[feed].columns if c.sensitivity == "identifier"}
    assert found == expected & set(contracts()[feed].column_names)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("sensitivity: identifier", "sensitivity: secret", "secret is not one of"),
        ("data_type: date", "data_type: day", "day is not one of"),
        ("format: nhs_number", "format: number", "number is not one of"),
        ("required: true", "needed: true", "column nhs_number: unknown meta needed"),
        ("reference: ", "# reference: ", "column nhs_number: lacks meta reference"),
        ("subject: people", "ends: 2026-03-31", "table person: unknown meta ends"),
        ("schedule: ", "# schedule: ", "table person: lacks meta schedule"),
        ("subject: ", "# subject: ", "table person: lacks meta subject"),
        ("record_key: [nhs_number]", "record_key: [id]", "names no column: id"),
        ("name: landing_person", "name: landing_people", "must be named landing_person"),
        ("schedule: as_needed", "schedule: daily", "schedule daily is not one of"),
        ("senders: ", "# senders: ", "table person: lacks meta senders"),
        ("senders: [X26]", "senders: []", "nobody may send it"),
        ("senders: [X26]", "senders: [010]", "senders are organisation codes"),
        ("senders: [X26]", "senders: [X26]\n            sender_column: sex", "absence is refused"),
    ],
)
def test_a_wrong_contract_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """A slip in a contract stops with the file, the column and the reason."""
    good = (STAGING / "person" / "_person_source.yml").read_text(encoding="utf-8")
    path = tmp_path / "_person_source.yml"
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_contract(path)


def test_an_identifier_is_not_handed_over_whole(tmp_path: Path) -> None:
    """A feed whose rows cross the wall as they are names no person; its own id is keyed there."""
    good = (STAGING / "contract_plan" / "_contract_plan_source.yml").read_text(encoding="utf-8")
    path = tmp_path / "_contract_plan_source.yml"
    path.write_text(good, encoding="utf-8")
    assert read_contract(path).handed_over_whole
    before, name, after = good.partition("- name: planned_cost")
    path.write_text(before + name + after.replace("plain", "identifier", 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match="planned_cost may not cross"):
        read_contract(path)


@pytest.mark.parametrize(
    ("feed", "old", "new", "reason"),
    [
        ("apc_episode", "format: icd10_code\n", "future_allowed: true\n", "primary_diagnosis need"),
        ("social_care_event", "maximum: 1000000\n", "on_error: blank\n", "unit_cost need"),
        ("social_care_event", "maximum: 1000000\n", "maximum: 1000000000\n", "above 999,999,999"),
        ("apc_episode", "format: icd10_code\n", "format: published_text\n", "in records of people"),
    ],
)
def test_a_column_in_which_any_value_passes_is_refused(
    tmp_path: Path, feed: str, old: str, new: str, reason: str
) -> None:
    """Text needs a list or a form, a number a bound; names of lists are for feeds of no person."""
    source = STAGING / feed / f"_{feed}_source.yml"
    good = source.read_text(encoding="utf-8")
    assert old in good
    path = tmp_path / source.name
    path.write_text(good.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_contract(path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("activity_date: appointment_date", "activity_date: sex", "not a date of this feed: sex"),
        ("name: update_type", "name: change_type", "protocol needs update_type"),
        ("event_date: appointment_date", "event_date: sex", "event_date sex is not a date"),
        ("name: nhs_number", "name: number", "a care record needs nhs_number"),
    ],
)
def test_a_wrong_submission_protocol_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    """A feed under the protocol has its columns, and a date to put a row into a bulk window."""
    source = STAGING / "outpatient_appointment" / "_outpatient_appointment_source.yml"
    path = tmp_path / source.name
    path.write_text(source.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_contract(path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "nhs_number: mother_nhs_number}",
            "nhs_number: local_patient_id}",
            "not an NHS number of this feed: local_patient_id",
        ),
        (
            "differs_from: mother_nhs_number",
            "differs_from: postcode",
            "not an NHS number of this feed: postcode",
        ),
    ],
)
def test_a_wrong_second_person_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """The second person is named by an NHS number, and the first must not have the same one."""
    source = STAGING / "maternity_birth" / "_maternity_birth_source.yml"
    path = tmp_path / source.name
    path.write_text(source.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SafeHavenError, match=reason):
        read_contract(path)
