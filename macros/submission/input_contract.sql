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
        'community_contact': {
            'record_key': ['unique_care_contact_identifier'],
            'columns': {
                'unique_care_contact_identifier': {'required': true},
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
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer'},
                'activity_location_type': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['CSC', 'care_contact_date']],
            'event_date': 'care_contact_date'
        },
        'community_referral': {
            'record_key': ['unique_service_request_identifier'],
            'columns': {
                'unique_service_request_identifier': {'required': true},
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
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {},
                'priority_type': {'code_list': 'priority_type'},
                'service_type_referred_to': {},
                'primary_reason_for_referral': {},
                'service_discharge_date': {'data_type': 'date'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'service_discharge_date']
            ],
            'submission_protocol': [['CSR', 'referral_request_received_date']],
            'event_date': 'referral_request_received_date'
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
        'maternity_birth': {
            'record_key': ['unique_birth_identifier'],
            'columns': {
                'unique_birth_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank', 'differs_from': 'mother_nhs_number'},
                'mother_nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {},
                'provider_code': {'required': true},
                'commissioner_code': {},
                'unique_pregnancy_identifier': {'required': true},
                'delivery_date': {'data_type': 'date', 'required': true},
                'birth_status': {'code_list': 'birth_status'},
                'delivery_method': {'code_list': 'delivery_method'},
                'birth_order': {'data_type': 'integer'},
                'birth_weight': {'data_type': 'integer'},
                'gestation_length': {'data_type': 'integer'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['MSX', 'delivery_date']],
            'event_date': 'delivery_date',
            'second_person': {'role': 'mother', 'nhs_number': 'mother_nhs_number'}
        },
        'maternity_booking': {
            'record_key': ['unique_pregnancy_identifier'],
            'columns': {
                'unique_pregnancy_identifier': {'required': true},
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
                'booking_date': {'data_type': 'date', 'required': true},
                'estimated_date_of_delivery': {'data_type': 'date', 'future_allowed': true},
                'previous_live_births': {'data_type': 'integer'},
                'smoking_status': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['MSB', 'booking_date']],
            'event_date': 'booking_date'
        },
        'maternity_labour': {
            'record_key': ['unique_labour_delivery_identifier'],
            'columns': {
                'unique_labour_delivery_identifier': {'required': true},
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
                'unique_pregnancy_identifier': {'required': true},
                'delivery_onset_method': {'code_list': 'delivery_onset_method'},
                'labour_onset_date': {'data_type': 'date'},
                'delivery_date': {'data_type': 'date', 'required': true},
                'discharge_date': {'data_type': 'date'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['labour_onset_date', 'delivery_date'],
                ['delivery_date', 'discharge_date']
            ],
            'submission_protocol': [['MSL', 'delivery_date']],
            'event_date': 'delivery_date'
        },
        'mental_health_contact': {
            'record_key': ['unique_care_contact_identifier'],
            'columns': {
                'unique_care_contact_identifier': {'required': true},
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
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer'},
                'activity_location_type': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['MHC', 'care_contact_date']],
            'event_date': 'care_contact_date'
        },
        'mental_health_referral': {
            'record_key': ['unique_service_request_identifier'],
            'columns': {
                'unique_service_request_identifier': {'required': true},
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
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {},
                'clinical_response_priority': {'code_list': 'clinical_response_priority'},
                'primary_reason_for_referral': {},
                'out_of_area_reason': {},
                'service_discharge_date': {'data_type': 'date'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'service_discharge_date']
            ],
            'submission_protocol': [['MHR', 'referral_request_received_date']],
            'event_date': 'referral_request_received_date'
        },
        'mental_health_spell': {
            'record_key': ['unique_hospital_provider_spell_identifier'],
            'columns': {
                'unique_hospital_provider_spell_identifier': {'required': true},
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
                'unique_service_request_identifier': {'required': true},
                'spell_start_date': {'data_type': 'date', 'required': true},
                'source_of_admission': {'code_list': 'source_of_admission'},
                'admission_method': {'code_list': 'admission_method'},
                'planned_discharge_date': {'data_type': 'date', 'future_allowed': true},
                'discharge_date': {'data_type': 'date'},
                'discharge_method': {'code_list': 'discharge_method'},
                'discharge_destination': {'code_list': 'discharge_destination'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['spell_start_date', 'discharge_date']
            ],
            'submission_protocol': [['MHS', 'spell_start_date']],
            'event_date': 'spell_start_date'
        },
        'mental_health_ward_stay': {
            'record_key': ['unique_ward_stay_identifier'],
            'columns': {
                'unique_ward_stay_identifier': {'required': true},
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
                'unique_hospital_provider_spell_identifier': {'required': true},
                'ward_stay_start_date': {'data_type': 'date', 'required': true},
                'ward_stay_end_date': {'data_type': 'date'},
                'hospital_bed_type': {},
                'ward_intended_age_group': {'code_list': 'ward_intended_age_group'},
                'ward_security_level': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['ward_stay_start_date', 'ward_stay_end_date']
            ],
            'submission_protocol': [['MHW', 'ward_stay_start_date']],
            'event_date': 'ward_stay_start_date'
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
        'talking_therapies_appointment': {
            'record_key': ['unique_care_contact_identifier'],
            'columns': {
                'unique_care_contact_identifier': {'required': true},
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
                'unique_service_request_identifier': {'required': true},
                'appointment_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'appointment_type': {'required': true, 'code_list': 'talking_therapies_appointment_type'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'phq9_score': {'data_type': 'integer', 'code_list': 'phq9_score'},
                'gad7_score': {'data_type': 'integer', 'code_list': 'gad7_score'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['TTA', 'appointment_date']],
            'event_date': 'appointment_date'
        },
        'talking_therapies_referral': {
            'record_key': ['unique_service_request_identifier'],
            'columns': {
                'unique_service_request_identifier': {'required': true},
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
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {},
                'provisional_diagnosis': {},
                'service_discharge_date': {'data_type': 'date'},
                'discharge_reason': {},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'service_discharge_date']
            ],
            'submission_protocol': [['TTR', 'referral_request_received_date']],
            'event_date': 'referral_request_received_date'
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
