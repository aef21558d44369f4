{#- Written from models/staging/*/_*_source.yml: do not edit, run
    `python -m safe_haven.load.contract` -#}
{%- macro input_contracts() -%}
    {%- set contracts = {
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
        'care_home_vaccination': {
            'record_key': ['care_home_code'],
            'columns': {
                'care_home_code': {'required': true},
                'local_authority_code': {'required': true},
                'survey_date': {'data_type': 'date', 'required': true},
                'residents': {'data_type': 'integer', 'required': true},
                'residents_vaccinated': {'data_type': 'integer', 'required': true},
                'staff': {'data_type': 'integer', 'required': true},
                'staff_vaccinated': {'data_type': 'integer', 'required': true}
            },
            'date_order': [],
            'collected_until': '2024-05-31'
        },
        'civil_registration_death': {
            'record_key': ['registration_id'],
            'columns': {
                'registration_id': {'required': true},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {},
                'death_date': {'data_type': 'date', 'required': true},
                'registration_date': {'data_type': 'date', 'required': true},
                'underlying_cause_code': {'format': 'code_sequence'},
                'contributory_cause_codes': {'format': 'code_sequence'},
                'place_of_death': {'code_list': 'place_of_death'}
            },
            'date_order': [
                ['death_date', 'registration_date']
            ],
            'event_date': 'death_date',
            'core_model': 'fct_death'
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
                'arrival_date': {'data_type': 'date', 'required': true},
                'arrival_time': {'data_type': 'time'},
                'departure_date': {'data_type': 'date'},
                'departure_time': {'data_type': 'time'},
                'attendance_disposal': {'code_list': 'attendance_disposal'},
                'clinical_note': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['arrival_date', 'departure_date']
            ],
            'submission_protocol': [['140', 'arrival_date']],
            'event_date': 'arrival_date'
        },
        'gp_extract_observation': {
            'record_key': ['observation_id'],
            'columns': {
                'observation_id': {'required': true},
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'observation_date': {'data_type': 'date', 'required': true},
                'snomed_code': {'required': true, 'format': 'snomed_code'},
                'observation_value': {'data_type': 'decimal'},
                'observation_unit': {'code_list': 'observation_unit'}
            },
            'date_order': [],
            'event_date': 'observation_date',
            'objection_kind': 'type_1'
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
        'social_care_event': {
            'record_key': ['event_reference'],
            'columns': {
                'event_reference': {'required': true},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'client_type': {'required': true, 'code_list': 'social_care_client_type'},
                'primary_support_reason': {'code_list': 'primary_support_reason'},
                'event_type': {'required': true, 'code_list': 'social_care_event_type'},
                'event_start_date': {'data_type': 'date', 'required': true},
                'event_end_date': {'data_type': 'date'},
                'event_outcome': {'code_list': 'social_care_event_outcome'},
                'service_type': {'code_list': 'social_care_service_type'},
                'delivery_mechanism': {'code_list': 'social_care_delivery_mechanism'},
                'unit_cost': {'data_type': 'decimal'}
            },
            'date_order': [
                ['event_start_date', 'event_end_date']
            ],
            'event_date': 'event_start_date',
            'issued_person_id': ['provider_code', 'local_patient_id']
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
