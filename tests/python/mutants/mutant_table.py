"""Rules broken on purpose, one a mutant, with the test that must turn red.

`old` stands exactly once in `file`; replacing it by `new` breaks the rule. `test` is the name of a
dbt unit test, or the id of a pytest test (file::name).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One broken rule. `rule` says, in words, what no longer holds."""

    rule: str
    file: str
    old: str
    new: str
    test: str

    @property
    def is_dbt(self) -> bool:
        """Whether the test is a dbt unit test (else pytest)."""
        return "::" not in self.test


AGREEMENT = "models/governance/gov_agreement.sql"
RELATIONSHIP = "models/governance/gov_relationship.sql"
ELIGIBILITY = "models/governance/reasons/gov_release_eligibility.sql"
OPT_OUT_COUNT = "models/releases/rel_opt_out_count.sql"
PLACE = "models/governance/gov_commissioner_place.sql"
REFERENCE_FILE = "models/staging/reference/stg_reference_file.sql"
SUCCESSOR = "models/core/place/dim_organisation_successor.sql"
RECORD_GATES = "every_gate_of_a_record"
COLLECT = "tests/python/collect"

MUTANTS = [
    # Who may receive anything.
    Mutant(
        "an agreement whose contract nobody signed gives nothing",
        AGREEMENT,
        "'contract.signed_on is null or contract.signed_on > ' ~ release_date(),",
        "'false',",
        "every_gate_of_an_agreement",
    ),
    Mutant(
        "an agreement out of date gives nothing",
        AGREEMENT,
        "'not ' ~ in_force('agreement.starts_on', 'agreement.ends_on', release_date()),",
        "'false',",
        "every_gate_of_an_agreement",
    ),
    Mutant(
        "a recipient must meet the security standards, not approach them",
        "macros/access/is_assured.sql",
        "status = 'standards_met'",
        "status <> 'not_met'",
        "every_gate_of_an_agreement",
    ),
    Mutant(
        "a relationship that is not published gives nothing",
        RELATIONSHIP,
        "'published_on is null or published_on > ' ~ release_date(),",
        "'false',",
        "every_gate_of_a_relationship",
    ),
    Mutant(
        "both sides must have consented to a relationship",
        RELATIONSHIP,
        "commissioner_consented_on is null or recipient_consented_on is null",
        "commissioner_consented_on is null and recipient_consented_on is null",
        "every_gate_of_a_relationship",
    ),
    Mutant(
        "the last day of a period belongs to it",
        "macros/access/in_force.sql",
        "{{ valid_to }} >= {{ on_date }}",
        "{{ valid_to }} > {{ on_date }}",
        "every_gate_of_a_relationship",
    ),
    # Which records and rows.
    Mutant(
        "a record outside the recipient's commissioners is refused",
        ELIGIBILITY,
        "'commissioner_not_in_scope': 'relationship.commissioner_code is null',",
        "'commissioner_not_in_scope': 'false',",
        RECORD_GATES,
    ),
    Mutant(
        "an opt-out is honoured where the agreement applies opt-outs",
        ELIGIBILITY,
        "agreement.opt_out_regime = 'applied' and objection.person_key is not null",
        "agreement.opt_out_regime = 'not_applied' and objection.person_key is not null",
        RECORD_GATES,
    ),
    Mutant(
        "an opt-out follows the person through a merge of NHS numbers",
        "models/governance/gov_objection_in_force.sql",
        "coalesce(person.surviving_person_key, objection.person_key)",
        "objection.person_key",
        "objections_follow_the_surviving_person",
    ),
    Mutant(
        "a record that names the law's restricted codes by prefix is found",
        "models/governance/reasons/gov_legal_gate.sql",
        "starts_with(",
        "ends_with(",
        "restricted_codes_by_classification",
    ),
    Mutant(
        "an ICB total is owed only to whom all its parts are owed",
        "models/governance/gov_aggregate_scope.sql",
        "having count(distinct entitled_sub_icb.sub_icb_code) = sub_icb_count.sub_icbs",
        "having count(distinct entitled_sub_icb.sub_icb_code) <= sub_icb_count.sub_icbs",
        "a_total_is_owed_with_all_its_parts",
    ),
    # Who is responsible for paying.
    Mutant(
        "the practice decides the responsible commissioner before the residence",
        PLACE,
        "coalesce(practice_sub_icb_code, residence_sub_icb_code, host_sub_icb_code)",
        "coalesce(residence_sub_icb_code, practice_sub_icb_code, host_sub_icb_code)",
        "practice_residence_or_provider",
    ),
    Mutant(
        "a practice that is closed on the assignment date does not count",
        PLACE,
        "                'practice.valid_from', 'practice.valid_to', 'assigned.assignment_date'",
        "                'practice.valid_from', 'null', 'assigned.assignment_date'",
        "practice_residence_or_provider",
    ),
    Mutant(
        "who has no fixed abode is not placed by an address held elsewhere",
        PLACE,
        "case when activity.residence_class = 'england'",
        "case when activity.residence_class <> 'scotland'",
        "practice_residence_or_provider",
    ),
    Mutant(
        "the version of the method is that of the assignment date",
        PLACE,
        "'cam_version.valid_from', 'cam_version.valid_to', 'activity.assignment_date'",
        "'cam_version.valid_from', 'cam_version.valid_to', \"date '2024-04-01'\"",
        "practice_residence_or_provider",
    ),
    Mutant(
        "in 2025/26 no service waits to be ready for delegation",
        "seeds/rules/cam_step.csv",
        "2025/26,C-0a,retained_service,C-2,E,",
        "2025/26,C-0a,retained_service,C-2,D,",
        "every_end_of_the_flow_chart",
    ),
    Mutant(
        "a retained service is asked for before a delegated one",
        "seeds/rules/cam_step.csv",
        "2024/25,C-0,specialised_service,C-0a,D,",
        "2024/25,C-0,specialised_service,C-0b,D,",
        "every_end_of_the_flow_chart",
    ),
    Mutant(
        "what a service code means is that of the assignment date",
        "models/governance/gov_commissioner_answer.sql",
        "                'commissioned_service.valid_to',\n",
        "                'null',\n",
        "every_question_of_the_flow_chart",
    ),
    Mutant(
        "a prisoner is the responsibility of the prison's hub, not of the hub of a practice",
        "models/governance/gov_responsible_commissioner.sql",
        "coalesce(place.prison_hub_code, by_patient.justice_hub_code)",
        "coalesce(by_patient.justice_hub_code, place.prison_hub_code)",
        "who_pays_by_box_and_basis",
    ),
    Mutant(
        "one specialised episode makes its spell specialised",
        "models/core/admitted_care/fct_apc_spell.sql",
        "list(distinct service_code) filter (where service_code is not null)",
        "list(service_code) filter (where service_code is not null and order_in_spell = 1)",
        "a_spell_is_placed_at_admission_and_specialised_as_a_whole",
    ),
    Mutant(
        "an address in a prison is known by its postcode",
        "models/identity/idn_record.sql",
        "on recorded.postcode = prison.place_postcode",
        "on recorded.lsoa_code = prison.place_postcode",
        "residence_is_classified_without_the_postcode",
    ),
    # What is shown.
    Mutant(
        "a withheld cell carries no number",
        "macros/disclosure/protected_measure.sql",
        "when {{ status }} = 'shown'",
        "when {{ status }} is not null",
        "hes_rounding_table",
    ),
    Mutant(
        "values are rounded to the nearest 5, not down",
        "macros/disclosure/protected_measure.sql",
        "{{ exact_value }} + {{ round_to }} // 2",
        "{{ exact_value }} + 0",
        "hes_rounding_table",
    ),
    Mutant(
        "people are counted once, not once a record",
        "models/disclosure/activity/cube_activity_by_provider.sql",
        "count(distinct person_key) as people",
        "count(person_key) as people",
        "totals_of_every_kind",
    ),
    Mutant(
        "people do not add up over boards",
        "models/disclosure/activity/sdc_relation.sql",
        "'cube_activity_by_age_sex', by_age_sex, 'icb', 'icb', false",
        "'cube_activity_by_age_sex', by_age_sex, 'icb', 'icb', true",
        "a_total_knows_its_parts",
    ),
    # How records are read.
    Mutant(
        "an NHS number passes modulus 11",
        "macros/submission/valid_nhs_number.sql",
        ") % 11 = 0",
        ") % 11 >= 0",
        "person_contract",
    ),
    Mutant(
        "the last accepted version of a record wins",
        "macros/submission/latest_record.sql",
        "order by extract_at desc",
        "order by extract_at asc",
        "person_last_accepted_version_wins",
    ),
    Mutant(
        "of two net changes the one that applied later wins",
        "macros/submission/record_version.sql",
        "order by version_at desc",
        "order by version_at asc",
        "net_change_latest_applicable_time_wins",
    ),
    Mutant(
        "a row says itself when its change applied",
        "macros/submission/record_version.sql",
        "checked.applicable_at, submission.applicable_at, submission.extract_at",
        "submission.applicable_at, submission.extract_at",
        "net_change_latest_applicable_time_wins",
    ),
    Mutant(
        "a sender replaces its own records only",
        "macros/submission/record_version.sql",
        "partition by sender_organisation_code, ",
        "partition by ",
        "apc_episode_last_accepted_version_wins",
    ),
    Mutant(
        "a deletion removes the record",
        "macros/submission/record_version.sql",
        "when is_delete then 'delete_request'",
        "when is_delete then 'accepted'",
        "net_change_deletion_removes_the_record",
    ),
    Mutant(
        "a bulk file replaces nothing that was extracted after it",
        "macros/submission/record_version.sql",
        "bulk_file.extract_at > versioned.version_at",
        "bulk_file.extract_at is not null",
        "bulk_order_is_of_extracts_not_of_arrival",
    ),
    Mutant(
        "of two bulk files of one extract the last submission id wins",
        "macros/submission/record_version.sql",
        "bulk_file.submission_id > versioned.submission_id",
        "false",
        "bulk_order_is_of_extracts_not_of_arrival",
    ),
    Mutant(
        "a bulk file of one prime recipient leaves the others alone",
        "macros/submission/record_version.sql",
        "bulk_file.prime_recipient_code is null",
        "true",
        "bulk_of_a_prime_recipient_replaces_its_own",
    ),
    Mutant(
        "a day outside the window of a bulk file stays",
        "models/staging/submission/stg_bulk_day.sql",
        "generate_series(period_start, period_end,",
        "generate_series(period_start, period_end + 1,",
        "bulk_windows_become_days",
    ),
    Mutant(
        "a bulk file replaces the records of its own group only",
        "macros/submission/record_versions.sql",
        "versioned.bulk_replacement_group = bulk_day.bulk_replacement_group",
        "true",
        "bulk_replaces_its_window",
    ),
    Mutant(
        "a row outside the window of its bulk file is refused",
        "macros/submission/protocol_errors.sql",
        " between submission.period_start and submission.period_end",
        " >= submission.period_start",
        "rows_follow_the_submission_protocol",
    ),
    Mutant(
        "a bulk file without its window replaces nothing",
        "macros/submission/protocol_errors.sql",
        "' and (period_start is null or period_end is null)'",
        "' and period_start is null'",
        "submission_envelope_follows_the_protocol",
    ),
    Mutant(
        "a record counts at a cut until the day on which its replacement was received",
        "macros/submission/known_at.sql",
        "known_until > {{ on_date }}",
        "known_until >= {{ on_date }}",
        "flex_and_freeze_count_what_was_known",
    ),
    Mutant(
        "a file received after the cut is not used",
        "macros/submission/known_at.sql",
        "date '{{ var('known_at') }}'",
        "date '9999-12-31'",
        "submission_after_the_cut_is_not_known",
    ),
    Mutant(
        "a file that may be a test is not used",
        "models/staging/submission/stg_submission.sql",
        "coalesce(test_indicator, '') <> '0' as is_test",
        "coalesce(test_indicator, '') = '1' as is_test",
        "submission_in_doubt_is_a_test",
    ),
    Mutant(
        "a spell starts with its first episode",
        "models/core/admitted_care/fct_apc_spell.sql",
        "episode_start_date nulls last,",
        "episode_start_date desc nulls last,",
        "episodes_become_spells",
    ),
    Mutant(
        "a spell number that a provider gave to two people is two spells",
        "models/core/admitted_care/fct_apc_episode.sql",
        "when people_of_spell.people > 1 then resolved.person_key",
        "when false then resolved.person_key",
        "a_spell_number_given_to_two_people_is_two_spells",
    ),
    Mutant(
        "length of stay is counted in nights",
        "models/core/admitted_care/fct_apc_spell_stay.sql",
        "date_diff('day', dated.admission_date, dated.discharge_date)",
        "date_diff('day', dated.admission_date, dated.discharge_date) + 1",
        "days_that_are_paid_for_apart_do_not_count_twice",
    ),
    Mutant(
        "nights in critical care are paid for apart",
        "models/core/admitted_care/fct_apc_spell_stay.sql",
        "['critical_care_days', 'rehabilitation_days',",
        "['rehabilitation_days',",
        "days_that_are_paid_for_apart_do_not_count_twice",
    ),
    Mutant(
        "a spell ends as its last episode says",
        "models/core/admitted_care/fct_apc_spell.sql",
        "arg_max_null(discharge_method, order_in_spell)",
        "max(discharge_method)",
        "a_spell_ends_as_its_last_episode_says",
    ),
    Mutant(
        "critical care never joins the spell of another person",
        "models/core/admitted_care/fct_critical_care.sql",
        "(numbered_spell.spells_of_number = 1 and not resolved.is_person_established)",
        "(numbered_spell.spells_of_number = 1)",
        "critical_care_belongs_to_the_spell_of_its_person",
    ),
    Mutant(
        "a transfer goes on with the stay for three days",
        "macros/commissioning/continuous_stay.sql",
        "{{ admission_date }}) <= 3",
        "{{ admission_date }}) <= 2",
        "a_transfer_goes_on_with_the_stay",
    ),
    Mutant(
        "a readmission comes within 29 days",
        "macros/commissioning/continuous_stay.sql",
        "between 0 and 29",
        "between 0 and 30",
        "emergency_readmissions_within_30_days",
    ),
    Mutant(
        "cancer among the later codes is seen",
        "macros/commissioning/continuous_stay.sql",
        "'^(C[0-9]|D3[7-9]|D4[0-8]|Z511)'",
        "'^(D3[7-9]|D4[0-8]|Z511)'",
        "what_a_readmission_may_follow",
    ),
    Mutant(
        "of two related conditions the graver one counts alone",
        "models/core/admitted_care/fct_apc_spell_risk.sql",
        "where graver.spell_key is null",
        "where true",
        "scores_of_known_code_sets",
    ),
    Mutant(
        "risk scores look back two years",
        "macros/commissioning/risk_score.sql",
        "interval 2 year",
        "interval 3 year",
        "scores_look_back_two_years",
    ),
    Mutant(
        "a procedure can exclude a condition that care outside hospital avoids",
        "models/core/admitted_care/brg_ambulatory_care_sensitive.sql",
        "where is_included and not is_excluded",
        "where is_included",
        "conditions_that_care_outside_hospital_avoids",
    ),
    Mutant(
        "days up to the trim point cost nothing more",
        "macros/commissioning/price.sql",
        "greatest({{ adjusted_length_of_stay }} - {{ trim_point }}, 0)",
        "greatest({{ adjusted_length_of_stay }}, 0)",
        "a_price_and_every_reason_for_none",
    ),
    Mutant(
        "an appointment by telephone is not face to face",
        "macros/commissioning/point_of_delivery.sql",
        "{{ first_attendance }} in ('3', '4') or {{ consultation_medium }}",
        "{{ consultation_medium }}",
        "point_of_delivery_of_an_appointment",
    ),
    Mutant(
        "a late arrival who was not seen did not attend",
        "macros/commissioning/point_of_delivery.sql",
        "in ('3', '7') then 'did_not_attend'",
        "in ('3') then 'did_not_attend'",
        "point_of_delivery_of_an_appointment",
    ),
    Mutant(
        "the law's codes are found after the main code too",
        "models/core/coding/brg_diagnosis.sql",
        "codes_in_order('primary_diagnosis', 'secondary_diagnoses')",
        "codes_in_order('primary_diagnosis', 'null')",
        "diagnoses_in_order_and_as_lists_write_them",
    ),
    Mutant(
        "age is taken on 1 April, not at the event",
        "macros/commissioning/age.sql",
        "make_date({{ financial_year_start(event_date) }}, 4, 1)",
        "{{ event_date }}",
        "age_is_taken_on_1_april",
    ),
    Mutant(
        "a record whose identity is withheld gets a person of its own",
        "models/identity/idn_identity.sql",
        "when recorded.withheld_identity_reason is not null then 'one_time'",
        "when false then 'one_time'",
        "identity_falls_back_step_by_step",
    ),
    Mutant(
        "what is keyed says where each part ends",
        "macros/pseudonymisation/length_prefixed.sql",
        "length({{ part }})::varchar || ':' || {{ part }}",
        "{{ part }}",
        "person_key_is_the_known_answer",
    ),
    # What is collected, and when it is let go of.
    Mutant(
        "a delivery is let go of when it is stored, not when it is seen",
        "safe_haven/collect/collector.py",
        "        delivery = self.transport.look(key)\n",
        "        delivery = self.transport.look(key)\n"
        "        self.transport.finish(delivery, LANDED)\n",
        f"{COLLECT}/test_collect_mesh.py::test_acknowledged_only_when_stored_hashed_and_registered",
    ),
    Mutant(
        "content that ends early is no file",
        "safe_haven/collect/mesh.py",
        "if started and not member.eof:",
        "if False:",
        f"{COLLECT}/test_collect_mesh.py::test_content_that_ends_early_is_refused",
    ),
    Mutant(
        "only a listed sender may send",
        "safe_haven/collect/config.py",
        'known.senders.get(sender, "")',
        "known.senders.get(sender, sender)",
        f"{COLLECT}/test_collect_folder.py::test_workflows_and_senders_can_be_listed",
    ),
    Mutant(
        "what another delivery landed is a duplicate, not this one's own",
        "safe_haven/collect/collector.py",
        "if unclaimed and earlier.sender",
        "if earlier.sender",
        f"{COLLECT}/test_collect_folder.py::test_the_same_file_twice_lands_once",
    ),
    Mutant(
        "an unverified service is one on this machine",
        "safe_haven/collect/config.py",
        "if not loopback:",
        "if False:",
        f"{COLLECT}/test_collect_config.py::test_a_wrong_mailbox_connects_to_nothing",
    ),
    # Practices and money.
    Mutant(
        "drugs and devices are charged beside the contract",
        "models/core/contract/fct_contract_reconciliation.sql",
        "where not is_drug_or_device",
        "where true",
        "charges_agree_or_the_provider_and_month_are_named",
    ),
    Mutant(
        "an invoice that differs from its activity is named",
        "models/core/contract/fct_contract_reconciliation.sql",
        "coalesce(invoice_total = aggregate_total, false)",
        "coalesce(invoice_total = aggregate_total, true)",
        "charges_agree_or_the_provider_and_month_are_named",
    ),
    Mutant(
        "a device is told by its point of delivery",
        "models/core/contract/fct_patient_contract_line.sql",
        "in ('DRUG', 'DEVICE')",
        "in ('DRUG')",
        "drugs_and_devices_are_charged_beside_the_contract",
    ),
    Mutant(
        "an unidentified prescriber is no practice",
        "models/core/medicines/fct_prescribing_month.sql",
        "case when unidentified = 'N' then practice_code end as practice_code",
        "practice_code",
        "an_unidentified_prescriber_is_no_practice",
    ),
    Mutant(
        "totals of a list are no patients",
        "models/core/practice/fct_gp_list_size.sql",
        "where sex <> 'ALL' and age_group <> 'ALL'",
        "where sex <> 'ALL'",
        "totals_of_a_list_are_left_out",
    ),
    Mutant(
        "a total of payments is compared with its components",
        "models/core/practice/fct_gp_payment_total.sql",
        "payment.total_payments - component.component_sum",
        "payment.total_payments - payment.total_payments",
        "a_total_is_compared_with_its_components",
    ),
    Mutant(
        "records of no person are counted across the wall",
        "models/handover/hnd_reconciliation.sql",
        "care_feeds() + whole_feeds()",
        "care_feeds()",
        "a_record_lost_at_the_wall_is_seen",
    ),
    Mutant(
        "what crosses the wall as it is holds no identifier",
        "safe_haven/load/contract.py",
        "if not contract.handed_over_whole:",
        "if True:",
        "tests/python/load/test_load_contract.py::test_an_identifier_is_not_handed_over_whole",
    ),
    Mutant(
        "a rate rests on ten events",
        "macros/rates/directly_standardised_rate.sql",
        "sum({{ events }}) >= 10",
        "sum({{ events }}) >= 9",
        "tests/python/rates/test_rate_is_given.py::test_nine_events_give_none",
    ),
    # Keys, the wall, the count of tests.
    Mutant(
        "a key that others can read stops the run",
        "safe_haven/keyring.py",
        "if mode & 0o077:",
        "if mode & 0o002:",
        "tests/python/foundation/test_keyring.py::test_a_key_open_to_others_is_refused",
    ),
    Mutant(
        "a short key stops the query",
        "safe_haven/pseudonymise.py",
        "if len(found) < KEY_BYTES:",
        "if not found:",
        "tests/python/foundation/test_pseudonymise.py::test_a_short_key_stops_the_query",
    ),
    Mutant(
        "SQL cannot read files once the connection is locked",
        "safe_haven/plugin.py",
        "set enable_external_access = false",
        "set enable_external_access = true",
        "tests/python/foundation/test_zones.py::test_attack_a_model_cannot_read_the_keyring",
    ),
    Mutant(
        "an identifier may not leave in a hand-over column",
        "safe_haven/wall/gate.py",
        "return folder(node) not in policy.IDENTIFIABLE_FOLDERS",
        "return False",
        "tests/python/wall/test_gate.py::test_attack_an_identifier_declared_in_handover",
    ),
    Mutant(
        "a star may not stand over an identifiable relation",
        "safe_haven/wall/lineage.py",
        "if source.is_base:",
        "if False:",
        "tests/python/wall/test_gate.py::test_attack_what_hides_its_columns_is_refused",
    ),
    Mutant(
        "what shares its origin with a column equal to an identifier counts as one",
        "safe_haven/wall/lineage.py",
        "if origins(known) & shared and not values(known):",
        "if False:",
        "tests/python/wall/test_gate.py::test_attack_a_leak_in_a_handover_model_is_refused",
    ),
    Mutant(
        "the scan knows a number written backwards",
        "safe_haven/wall/needles.py",
        "yield from self._contiguous(data, start + 3 - DIGITS, forward=False)",
        "pass",
        "tests/python/wall/test_canary_scan.py::test_attack_every_encoding_of_a_number_is_found",
    ),
    Mutant(
        "the scan opens containers",
        "safe_haven/wall/canary.py",
        "if not is_kind(data):",
        "if True:",
        "tests/python/wall/test_canary_scan.py::test_attack_every_container_is_opened",
    ),
    Mutant(
        "a test that only warned did not pass",
        "safe_haven/wall/executed.py",
        'if status == "pass":',
        'if status in ("pass", "warn"):',
        "tests/python/wall/test_tests_ran.py"
        "::test_attack_a_test_that_did_not_run_and_pass_is_named",
    ),
    # What recipients are told about what is kept back.
    Mutant(
        "a person who opted out is counted once",
        OPT_OUT_COUNT,
        "count(distinct activity.person_key) as people",
        "count(activity.person_key) as people",
        "opt_outs_are_counted_like_any_count",
    ),
    Mutant(
        "only records that nothing but the opt-out refuses count as kept back for it",
        OPT_OUT_COUNT,
        "where reasons = ['opted_out']",
        "where list_contains(reasons, 'opted_out')",
        "opt_outs_are_counted_like_any_count",
    ),
    Mutant(
        "tables count everybody, so no agreement may say that they honour opt-outs",
        AGREEMENT,
        "\"agreement.flow = 'aggregate' and agreement.opt_out_regime = 'applied'\",",
        "'false',",
        "every_gate_of_an_agreement",
    ),
    # Reference data and organisations.
    Mutant(
        "a file of reference data with a refused row is not used at all",
        REFERENCE_FILE,
        "when counted.refused_row_count > 0 then 'rows_refused'",
        "when counted.refused_row_count > 9 then 'rows_refused'",
        "one_file_of_a_list_is_in_use",
    ),
    Mutant(
        "of two files of a list the one with the later vintage is in use",
        REFERENCE_FILE,
        "order by extract_at desc, submission_id desc",
        "order by received_on desc, submission_id desc",
        "one_file_of_a_list_is_in_use",
    ),
    Mutant(
        "a register of before July 2022 lists no sub-ICB locations",
        REFERENCE_FILE,
        "counted.reference_list in ('eccg', 'eauth')",
        "counted.reference_list in ('eauth')",
        "one_file_of_a_list_is_in_use",
    ),
    Mutant(
        "a postcode is placed by the directory in use alone",
        "models/identity/idn_postcode.sql",
        "        and is_in_use\n",
        "\n",
        "one_directory_places_a_postcode",
    ),
    Mutant(
        "loaded practices replace the embedded ones, never join them",
        "models/core/place/dim_gp_practice.sql",
        "where not exists (select 1 from practice)",
        "where true",
        "a_loaded_register_replaces_the_practices",
    ),
    Mutant(
        "a practice ends on the day it closed",
        "models/core/place/dim_gp_practice.sql",
        "least(belonging.member_to, practice.closed_on)",
        "belonging.member_to",
        "memberships_give_the_history_of_a_practice",
    ),
    Mutant(
        "a register replaces the roles it lists and no others",
        "models/core/place/dim_organisation.sql",
        "organisation_role not in (select loaded.organisation_role from loaded)",
        "not exists (select 1 from loaded)",
        "an_organisation_has_one_row_per_period",
    ),
    Mutant(
        "mergers of mergers are followed to the code of today",
        SUCCESSOR,
        "where successor.predecessor_code is null",
        "where true",
        "successors_are_followed_to_today",
    ),
    Mutant(
        "an organisation that was split is no single organisation today",
        SUCCESSOR,
        "case when bool_and(is_whole) then min(successor_code) end",
        "min(successor_code)",
        "successors_are_followed_to_today",
    ),
    Mutant(
        "a site that went elsewhere than its trust is counted where it went",
        "macros/commissioning/organisation_as_now.sql",
        "when site_successor.organisation_code is not null then site_successor.current_code",
        "when false then site_successor.current_code",
        "a_provider_has_a_code_then_and_now",
    ),
    Mutant(
        "a decile is a tenth of all areas of its own edition",
        "models/core/place/dim_deprivation.sql",
        "ceil(ranked.imd_rank * 10 / edition.area_count)",
        "ceil(ranked.imd_rank * 10 / 32844)",
        "a_decile_is_a_tenth_of_the_areas",
    ),
    Mutant(
        "a file without a header begins with its first row",
        "safe_haven/load/mapping.py",
        "return 0 if self.file_columns else 1",
        "return 1",
        "tests/python/load/test_load_reference.py::test_a_file_without_a_header_loses_no_row",
    ),
    Mutant(
        "reference data says as of when it speaks",
        "safe_haven/load/loader.py",
        "if mapping.contract.reference_data and not given.extract_at:",
        "if False:",
        "tests/python/load/test_load_reference.py::test_reference_data_needs_a_vintage",
    ),
    Mutant(
        "freshness asks when a feed was received and nothing else",
        "safe_haven/wall/gate.py",
        'config(source, "loaded_at_field") or asked not in',
        "asked not in",
        "tests/python/wall/test_gate.py::test_attack_around_the_sql_is_refused",
    ),
    # What the protection knows of its readers.
    Mutant(
        "the boards of the nation go to different readers",
        "macros/disclosure/total_relation.sql",
        "level == 'icb'",
        "level == 'sub_icb'",
        "a_total_knows_its_parts",
    ),
    Mutant(
        "seven is a small number for the protector too",
        "safe_haven/disclosure/system.py",
        "(counts <= self.suppress_hi)",
        "(counts < self.suppress_hi)",
        "tests/python/disclosure/test_disclosure_system.py::test_hes_rounding_known_answers",
    ),
    Mutant(
        "an encrypted container given to the scan is opened",
        "safe_haven/wall/command.py",
        "if not canary.is_encrypted_database(path):",
        "if True:",
        "tests/python/wall/test_wall_command.py"
        "::test_attack_an_identifier_in_a_pack_is_found_by_hand",
    ),
]
