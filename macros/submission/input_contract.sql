{#- Written from models/staging/*/_*_source.yml: do not edit, run
    `python -m safe_haven.load.contract` -#}
{%- macro input_contracts() -%}
    {%- set contracts = {
        'ambulance_incident': {
            'record_key': ['incident_record_identifier'],
            'columns': {
                'incident_record_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'ambulance_incident_number': {'required': true},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'commissioner_code': {},
                'response_category': {'code_list': 'ambulance_response_category'},
                'outcome': {'code_list': 'ambulance_outcome'},
                'destination_provider_code': {},
                'call_date': {'data_type': 'date', 'required': true},
                'call_time': {'data_type': 'time'},
                'arrived_at_scene_at': {'data_type': 'timestamp'},
                'left_scene_at': {'data_type': 'timestamp'},
                'arrived_at_hospital_at': {'data_type': 'timestamp'},
                'handed_over_at': {'data_type': 'timestamp'},
                'cleared_at': {'data_type': 'timestamp'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['AMB', 'call_date']],
            'event_date': 'call_date'
        },
        'apc_episode': {
            'record_key': ['cds_unique_identifier'],
            'columns': {
                'cds_unique_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'source_person_id': {},
                'local_patient_id': {},
                'hospital_spell_number': {},
                'date_of_birth': {'data_type': 'date'},
                'recorded_age': {'data_type': 'integer'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'lsoa_code': {'format': 'lsoa_code'},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'site_code': {},
                'commissioner_code': {},
                'administrative_category': {'code_list': 'administrative_category'},
                'patient_classification': {'code_list': 'patient_classification'},
                'admission_method': {'code_list': 'admission_method'},
                'source_of_admission': {'code_list': 'source_of_admission'},
                'admission_date': {'data_type': 'date', 'required': true},
                'episode_number': {'required': true, 'format': 'whole_number'},
                'episode_status': {'code_list': 'episode_status'},
                'episode_start_date': {'data_type': 'date', 'required': true},
                'episode_end_date': {'data_type': 'date'},
                'discharge_date': {'data_type': 'date'},
                'discharge_method': {'code_list': 'discharge_method'},
                'discharge_destination': {'code_list': 'discharge_destination'},
                'treatment_function_code': {},
                'main_specialty_code': {},
                'primary_diagnosis': {},
                'primary_procedure': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {}
            },
            'date_order': [
                ['admission_date', 'episode_start_date'],
                ['episode_start_date', 'episode_end_date'],
                ['admission_date', 'discharge_date']
            ],
            'submission_protocol': [['010', 'episode_end_date'], ['020', 'episode_start_date']],
            'event_date': 'admission_date'
        },
        'emergency_attendance': {
            'record_key': ['cds_unique_identifier'],
            'columns': {
                'cds_unique_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'source_person_id': {},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'recorded_age': {'data_type': 'integer'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'lsoa_code': {'format': 'lsoa_code'},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'site_code': {},
                'commissioner_code': {},
                'department_type': {'code_list': 'department_type'},
                'attendance_category': {'code_list': 'attendance_category'},
                'arrival_mode': {'format': 'snomed_code'},
                'ambulance_trust_code': {},
                'ambulance_incident_number': {},
                'acuity': {'format': 'snomed_code'},
                'chief_complaint': {'format': 'snomed_code'},
                'arrival_date': {'data_type': 'date', 'required': true},
                'arrival_time': {'data_type': 'time'},
                'initial_assessment_date': {'data_type': 'date'},
                'initial_assessment_time': {'data_type': 'time'},
                'seen_for_treatment_date': {'data_type': 'date'},
                'seen_for_treatment_time': {'data_type': 'time'},
                'decision_to_admit_date': {'data_type': 'date'},
                'decision_to_admit_time': {'data_type': 'time'},
                'conclusion_date': {'data_type': 'date'},
                'conclusion_time': {'data_type': 'time'},
                'departure_date': {'data_type': 'date'},
                'departure_time': {'data_type': 'time'},
                'attendance_disposal': {'code_list': 'attendance_disposal'},
                'discharge_status': {'format': 'snomed_code'},
                'discharge_destination': {'format': 'snomed_code'},
                'diagnoses': {'format': 'code_sequence'},
                'investigations': {'format': 'code_sequence'},
                'treatments': {'format': 'code_sequence'},
                'clinical_note': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['arrival_date', 'initial_assessment_date'],
                ['arrival_date', 'seen_for_treatment_date'],
                ['arrival_date', 'decision_to_admit_date'],
                ['arrival_date', 'conclusion_date'],
                ['arrival_date', 'departure_date'],
                ['decision_to_admit_date', 'departure_date']
            ],
            'submission_protocol': [['140', 'arrival_date']],
            'event_date': 'arrival_date'
        },
        'gp_registration': {
            'record_key': ['nhs_number', 'registered_from'],
            'columns': {
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'practice_code': {'required': true},
                'registered_from': {'data_type': 'date', 'required': true},
                'registered_to': {'data_type': 'date', 'future_allowed': true}
            },
            'date_order': [
                ['registered_from', 'registered_to']
            ]
        },
        'nhs_111_call': {
            'record_key': ['call_identifier'],
            'columns': {
                'call_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'commissioner_code': {},
                'symptom_group': {'format': 'whole_number'},
                'final_disposition': {},
                'direct_booking': {'code_list': 'yes_no'},
                'ambulance_trust_code': {},
                'ambulance_incident_number': {},
                'call_date': {'data_type': 'date', 'required': true},
                'call_time': {'data_type': 'time'},
                'call_end_date': {'data_type': 'date'},
                'call_end_time': {'data_type': 'time'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['call_date', 'call_end_date']
            ],
            'submission_protocol': [['N11', 'call_date']],
            'event_date': 'call_date'
        },
        'objection': {
            'record_key': ['nhs_number', 'kind', 'valid_from'],
            'columns': {
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'kind': {'required': true, 'code_list': 'objection_kind'},
                'valid_from': {'data_type': 'date', 'required': true},
                'valid_to': {'data_type': 'date', 'future_allowed': true}
            },
            'date_order': [
                ['valid_from', 'valid_to']
            ]
        },
        'outpatient_appointment': {
            'record_key': ['cds_unique_identifier'],
            'columns': {
                'cds_unique_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'site_code': {},
                'commissioner_code': {},
                'administrative_category': {'code_list': 'administrative_category'},
                'appointment_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'first_attendance': {'code_list': 'first_attendance'},
                'outcome_of_attendance': {'code_list': 'outcome_of_attendance'},
                'priority_type': {'code_list': 'priority_type'},
                'treatment_function_code': {},
                'main_specialty_code': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {}
            },
            'date_order': [],
            'submission_protocol': [['060', 'appointment_date']],
            'event_date': 'appointment_date'
        },
        'person': {
            'record_key': ['nhs_number'],
            'columns': {
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'superseded_by_nhs_number': {'format': 'nhs_number'},
                'family_name': {},
                'given_name': {},
                'date_of_birth': {'data_type': 'date', 'required': true},
                'sex': {'code_list': 'sex'},
                'address_line': {},
                'postcode': {},
                'date_of_death': {'data_type': 'date'},
                'sensitivity_flag': {'code_list': 'sensitivity_flag'}
            },
            'date_order': [
                ['date_of_birth', 'date_of_death']
            ]
        },
        'postcode_directory': {
            'record_key': ['postcode', 'valid_from'],
            'columns': {
                'postcode': {'required': true, 'format': 'postcode'},
                'lsoa_code': {'format': 'lsoa_code'},
                'country_code': {'required': true, 'code_list': 'country_code'},
                'valid_from': {'data_type': 'date', 'required': true},
                'valid_to': {'data_type': 'date', 'future_allowed': true}
            },
            'date_order': [
                ['valid_from', 'valid_to']
            ]
        },
        'published_emergency_activity': {
            'record_key': ['activity_month', 'organisation_code'],
            'columns': {
                'activity_month': {'data_type': 'date', 'required': true},
                'organisation_code': {'required': true},
                'organisation_name': {},
                'attendances_type_1': {'data_type': 'integer', 'required': true},
                'attendances_type_2': {'data_type': 'integer', 'required': true},
                'attendances_other': {'data_type': 'integer', 'required': true},
                'booked_attendances_type_1': {'data_type': 'integer', 'required': true},
                'booked_attendances_type_2': {'data_type': 'integer', 'required': true},
                'booked_attendances_other': {'data_type': 'integer', 'required': true},
                'over_four_hours_type_1': {'data_type': 'integer', 'required': true},
                'over_four_hours_type_2': {'data_type': 'integer', 'required': true},
                'over_four_hours_other': {'data_type': 'integer', 'required': true},
                'booked_over_four_hours_type_1': {'data_type': 'integer', 'required': true},
                'booked_over_four_hours_type_2': {'data_type': 'integer', 'required': true},
                'booked_over_four_hours_other': {'data_type': 'integer', 'required': true},
                'waited_4_to_12_hours': {'data_type': 'integer', 'required': true},
                'waited_12_hours': {'data_type': 'integer', 'required': true},
                'emergency_admissions_type_1': {'data_type': 'integer', 'required': true},
                'emergency_admissions_type_2': {'data_type': 'integer', 'required': true},
                'emergency_admissions_other': {'data_type': 'integer', 'required': true},
                'other_emergency_admissions': {'data_type': 'integer', 'required': true}
            },
            'date_order': []
        },
        'referral_to_treatment_pathway': {
            'record_key': ['pathway_record_identifier'],
            'columns': {
                'pathway_record_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'commissioner_code': {},
                'record_kind': {'required': true, 'code_list': 'pathway_record_kind'},
                'patient_pathway_identifier': {'required': true},
                'treatment_function_code': {},
                'referral_request_received_date': {'data_type': 'date'},
                'clock_start_date': {'data_type': 'date', 'required': true},
                'decision_to_admit_date': {'data_type': 'date'},
                'clock_stop_date': {'data_type': 'date'},
                'period_status': {'code_list': 'rtt_period_status'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'clock_start_date'],
                ['clock_start_date', 'decision_to_admit_date'],
                ['clock_start_date', 'clock_stop_date']
            ],
            'submission_protocol': [['RTT', 'clock_start_date']],
            'event_date': 'clock_start_date'
        },
    } -%}
    {{ return(contracts) }}
{%- endmacro -%}


{%- macro input_contract(feed) -%}
    {%- set contracts = input_contracts() -%}
    {%- if feed not in contracts -%}
        {{ exceptions.raise_compiler_error('No input contract for feed ' ~ feed) }}
    {%- endif -%}
    {{ return(contracts[feed]) }}
{%- endmacro -%}
