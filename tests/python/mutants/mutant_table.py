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
TRACE = "models/identity/idn_trace.sql"
PLACE = "models/governance/gov_commissioner_place.sql"
RECORD_GATES = "every_gate_of_a_record"

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
        "models/staging/apc_episode/stg_apc_episode_version.sql",
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
        "models/core/admitted_care/fct_apc_spell.sql",
        "date_diff('day', admission_date, discharge_date)",
        "date_diff('day', admission_date, discharge_date) + 1",
        "episodes_become_spells",
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
        TRACE,
        "when recorded.withheld_identity_reason is not null then 'withheld'",
        "when false then 'withheld'",
        "a_number_counts_with_its_birth_date",
    ),
    Mutant(
        "a number counts only with the birth date held for it",
        TRACE,
        "when recorded.date_of_birth = held.date_of_birth then 'agrees'",
        "when recorded.date_of_birth is not null then 'agrees'",
        "a_number_counts_with_its_birth_date",
    ),
    Mutant(
        "a default birth date confirms no number",
        "macros/submission/traced_person.sql",
        "or {{ value }} = date '1900-01-01'",
        "",
        "a_number_counts_with_its_birth_date",
    ),
    Mutant(
        "a superseded number leads to the number that stands",
        TRACE,
        "when match_step = 'superseded_number' then standing_nhs_number",
        "when match_step = 'superseded_number' then nhs_number",
        "a_number_counts_with_its_birth_date",
    ),
    Mutant(
        "the record that names a sensitive person is known even where it leads to nobody",
        TRACE,
        "coalesce(held.is_sensitive, false)",
        "coalesce(held.is_sensitive and held.date_of_birth = recorded.date_of_birth, false)",
        "a_number_counts_with_its_birth_date",
    ),
    Mutant(
        "the mother's number on a baby does not lead to the mother",
        TRACE,
        "then 'of_the_mother'",
        "then 'agrees'",
        "without_a_number_demographics_of_one_person_count",
    ),
    Mutant(
        "someone else's number speaks against a match by birth date, sex and postcode",
        TRACE,
        "number_status in ('absent', 'of_the_mother')",
        "number_status <> 'agrees'",
        "without_a_number_demographics_of_one_person_count",
    ),
    Mutant(
        "an objection under a superseded number is one of the person that stands",
        TRACE,
        "coalesce(standing_nhs_number, nhs_number)",
        "nhs_number",
        "registers_are_taken_by_their_number",
    ),
    Mutant(
        "twins are not told apart by birth date, sex and postcode",
        "models/staging/tracing/stg_demographic.sql",
        "having count(*) = 1",
        "having count(*) >= 1",
        "demographics_of_one_person_only",
    ),
    Mutant(
        "merges that go in a circle lead nowhere",
        "models/staging/tracing/stg_standing_number.sql",
        "    where person.superseded_by_nhs_number is null\n),\n\nfinal",
        "),\n\nfinal",
        "superseded_numbers_are_followed_to_the_end",
    ),
    Mutant(
        "a key of one record that now leads to a person is linked to it",
        "models/identity/idn_person_key_link.sql",
        "where identity_type = 'one_time'",
        "where identity_type <> 'one_time'",
        "a_key_of_one_record_is_not_dropped_in_silence",
    ),
    Mutant(
        "a record that may be a sensitive person's is kept back",
        ELIGIBILITY,
        "select person_key\n    from {{ ref('hnd_sensitive_record_person') }}",
        "select person_key\n    from {{ ref('hnd_sensitive_record_person') }}\n    where false",
        RECORD_GATES,
    ),
    Mutant(
        "a record whose person is not known is kept out of flows that honour opt-outs",
        ELIGIBILITY,
        "and not activity.is_person_established",
        "and false",
        RECORD_GATES,
    ),
    Mutant(
        "what is keyed says where each part ends",
        "macros/pseudonymisation/length_prefixed.sql",
        "length({{ part }})::varchar || ':' || {{ part }}",
        "{{ part }}",
        "person_key_is_the_known_answer",
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
