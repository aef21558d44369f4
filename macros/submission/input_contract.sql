{#- Written from models/staging/*/_*_source.yml: do not edit, run
    `./run contracts` -#}
{%- macro input_contracts() -%}
    {%- set contracts = {
        'aggregate_contract_monitoring_line': {
            'record_key': ['contract_month', 'provider_code', 'commissioner_code', 'point_of_delivery', 'treatment_function_code', 'healthcare_resource_group'],
            'columns': {
                'contract_month': {'data_type': 'date', 'required': true},
                'provider_code': {'required': true},
                'commissioner_code': {'required': true},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'treatment_function_code': {},
                'healthcare_resource_group': {},
                'activity': {'data_type': 'decimal', 'required': true},
                'total_cost': {'data_type': 'decimal', 'required': true}
            },
            'date_order': [],
            'handed_over_whole': true
        },
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'response_category': {'code_list': 'ambulance_response_category'},
                'outcome': {'code_list': 'ambulance_outcome'},
                'destination_provider_code': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'site_code': {'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'administrative_category': {'code_list': 'administrative_category'},
                'patient_classification': {'code_list': 'patient_classification'},
                'admission_method': {'code_list': 'admission_method'},
                'source_of_admission': {'code_list': 'source_of_admission'},
                'admission_date': {'data_type': 'date', 'required': true},
                'episode_number': {'data_type': 'integer', 'required': true, 'format': 'up_to_four_digits'},
                'episode_status': {'code_list': 'episode_status'},
                'episode_start_date': {'data_type': 'date', 'required': true},
                'episode_end_date': {'data_type': 'date'},
                'discharge_date': {'data_type': 'date'},
                'discharge_method': {'code_list': 'discharge_method'},
                'discharge_destination': {'code_list': 'discharge_destination'},
                'treatment_function_code': {'unlisted': true},
                'main_specialty_code': {'unlisted': true},
                'primary_diagnosis': {'unlisted': true},
                'primary_procedure': {'unlisted': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {'unlisted': true},
                'secondary_diagnoses': {'format': 'code_sequence', 'unlisted': true},
                'primary_procedure_date': {'data_type': 'date', 'on_error': 'blank'},
                'secondary_procedures': {'format': 'code_sequence', 'unlisted': true},
                'hrg_code': {'unlisted': true},
                'spell_hrg_code': {'unlisted': true},
                'discharge_ready_date': {'data_type': 'date', 'on_error': 'blank'},
                'rehabilitation_days': {'data_type': 'integer', 'on_error': 'blank'},
                'specialist_palliative_care_days': {'data_type': 'integer', 'on_error': 'blank'}
            },
            'date_order': [
                ['admission_date', 'episode_start_date'],
                ['episode_start_date', 'episode_end_date'],
                ['admission_date', 'discharge_date']
            ],
            'submission_protocol': [['010', 'episode_end_date'], ['020', 'episode_start_date']],
            'event_date': 'admission_date'
        },
        'area_lookup': {
            'record_key': ['lsoa_code'],
            'columns': {
                'lsoa_code': {'required': true, 'format': 'lsoa_code'},
                'local_authority_code': {'required': true},
                'local_authority_name': {'required': true},
                'ccg_code': {'required': true, 'format': 'organisation_code'}
            },
            'date_order': [],
            'reference_data': true
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
            'handed_over_whole': true,
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'unlisted': true},
                'death_date': {'data_type': 'date', 'required': true},
                'registration_date': {'data_type': 'date', 'required': true},
                'underlying_cause_code': {'format': 'code_sequence', 'unlisted': true},
                'contributory_cause_codes': {'format': 'code_sequence', 'unlisted': true},
                'place_of_death': {'code_list': 'place_of_death'}
            },
            'date_order': [
                ['death_date', 'registration_date']
            ],
            'event_date': 'death_date',
            'core_model': 'fct_death'
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer'},
                'activity_location_type': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'unlisted': true},
                'priority_type': {'code_list': 'priority_type'},
                'service_type_referred_to': {'unlisted': true},
                'primary_reason_for_referral': {'unlisted': true},
                'service_discharge_date': {'data_type': 'date'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'service_discharge_date']
            ],
            'submission_protocol': [['CSR', 'referral_request_received_date']],
            'event_date': 'referral_request_received_date'
        },
        'contract_plan': {
            'record_key': ['provider_code', 'commissioner_code', 'contract_month', 'point_of_delivery'],
            'columns': {
                'provider_code': {'required': true},
                'commissioner_code': {'required': true},
                'contract_month': {'data_type': 'date', 'required': true, 'future_allowed': true},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'planned_activity': {'data_type': 'decimal', 'required': true},
                'planned_cost': {'data_type': 'decimal', 'required': true}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'critical_care_period': {
            'record_key': ['critical_care_identifier'],
            'columns': {
                'critical_care_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'hospital_spell_number': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'critical_care_type': {'required': true, 'code_list': 'critical_care_type'},
                'unit_function': {'unlisted': true},
                'critical_care_start_date': {'data_type': 'date', 'required': true},
                'critical_care_discharge_date': {'data_type': 'date'},
                'level_2_days': {'data_type': 'integer', 'on_error': 'blank'},
                'level_3_days': {'data_type': 'integer', 'on_error': 'blank'},
                'organ_support_maximum': {'data_type': 'integer', 'on_error': 'blank'},
                'hrg_code': {'unlisted': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['critical_care_start_date', 'critical_care_discharge_date']
            ],
            'submission_protocol': [['CCP', 'critical_care_discharge_date'], ['CCP', 'critical_care_start_date']],
            'event_date': 'critical_care_start_date',
            'core_model': 'fct_critical_care'
        },
        'deprivation': {
            'record_key': ['imd_edition', 'lsoa_code'],
            'columns': {
                'imd_edition': {'required': true, 'code_list': 'imd_edition'},
                'lsoa_code': {'required': true, 'format': 'lsoa_code'},
                'imd_rank': {'data_type': 'integer', 'required': true}
            },
            'date_order': [],
            'reference_data': true
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'site_code': {'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'department_type': {'code_list': 'department_type'},
                'attendance_category': {'code_list': 'attendance_category'},
                'arrival_mode': {'format': 'snomed_code'},
                'ambulance_trust_code': {'unlisted': true},
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
                'diagnoses': {'format': 'snomed_code_sequence'},
                'investigations': {'format': 'snomed_code_sequence'},
                'treatments': {'format': 'snomed_code_sequence'},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'observation_date': {'data_type': 'date', 'required': true},
                'snomed_code': {'required': true, 'format': 'snomed_code'},
                'observation_value': {'data_type': 'decimal'},
                'observation_unit': {'code_list': 'observation_unit'}
            },
            'date_order': [],
            'event_date': 'observation_date',
            'objection_kind': 'type_1'
        },
        'gp_list_size': {
            'record_key': ['extract_date', 'practice_code', 'sex', 'age_group'],
            'columns': {
                'extract_date': {'data_type': 'date', 'required': true},
                'practice_code': {'required': true},
                'sex': {'required': true, 'code_list': 'list_size_sex'},
                'age_group': {'required': true, 'code_list': 'list_size_age_group'},
                'patients': {'data_type': 'integer', 'required': true}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'gp_payment': {
            'record_key': ['financial_year', 'practice_code'],
            'columns': {
                'financial_year': {'required': true},
                'practice_code': {'required': true},
                'commissioner_code': {},
                'primary_care_network_code': {},
                'contract_type': {'code_list': 'gp_contract_type'},
                'registered_patients': {'data_type': 'decimal'},
                'weighted_patients': {'data_type': 'decimal'},
                'global_sum': {'data_type': 'decimal', 'required': true},
                'mpig_correction_factor': {'data_type': 'decimal', 'required': true},
                'balance_of_pms_expenditure': {'data_type': 'decimal', 'required': true},
                'qof_payments': {'data_type': 'decimal', 'required': true},
                'childhood_vaccination': {'data_type': 'decimal', 'required': true},
                'extended_hours_access': {'data_type': 'decimal', 'required': true},
                'influenza_and_pneumococcal_immunisation': {'data_type': 'decimal', 'required': true},
                'learning_disabilities': {'data_type': 'decimal', 'required': true},
                'meningitis': {'data_type': 'decimal', 'required': true},
                'minor_surgery': {'data_type': 'decimal', 'required': true},
                'out_of_area_urgent_care': {'data_type': 'decimal', 'required': true},
                'pertussis': {'data_type': 'decimal', 'required': true},
                'rotavirus_and_shingles_immunisation': {'data_type': 'decimal', 'required': true},
                'services_for_violent_patients': {'data_type': 'decimal', 'required': true},
                'medical_assessment_reviews': {'data_type': 'decimal', 'required': true},
                'weight_management_service': {'data_type': 'decimal', 'required': true},
                'local_incentive_schemes': {'data_type': 'decimal', 'required': true},
                'premises_payments': {'data_type': 'decimal', 'required': true},
                'seniority': {'data_type': 'decimal', 'required': true},
                'doctors_retainer_scheme': {'data_type': 'decimal', 'required': true},
                'locum_allowances': {'data_type': 'decimal', 'required': true},
                'appraisal_costs': {'data_type': 'decimal', 'required': true},
                'prolonged_study_leave': {'data_type': 'decimal', 'required': true},
                'pco_administered_other': {'data_type': 'decimal', 'required': true},
                'information_management_and_technology': {'data_type': 'decimal', 'required': true},
                'pneumococcal_vaccine_main_programme': {'data_type': 'decimal', 'required': true},
                'general_practice_transformation': {'data_type': 'decimal', 'required': true},
                'primary_care_network_participation': {'data_type': 'decimal', 'required': true},
                'prescribing_fees': {'data_type': 'decimal', 'required': true},
                'dispensing_fees': {'data_type': 'decimal', 'required': true},
                'reimbursement_of_drugs': {'data_type': 'decimal', 'required': true},
                'winter_access_fund': {'data_type': 'decimal', 'required': true},
                'other_payments': {'data_type': 'decimal', 'required': true},
                'total_payments': {'data_type': 'decimal', 'required': true},
                'deductions': {'data_type': 'decimal'}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'gp_registration': {
            'record_key': ['nhs_number', 'registered_from'],
            'columns': {
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'practice_code': {'required': true, 'unlisted': true},
                'registered_from': {'data_type': 'date', 'required': true},
                'registered_to': {'data_type': 'date', 'future_allowed': true}
            },
            'date_order': [
                ['registered_from', 'registered_to']
            ]
        },
        'invoice': {
            'record_key': ['provider_code', 'invoice_number'],
            'columns': {
                'provider_code': {'required': true},
                'invoice_number': {'required': true},
                'commissioner_code': {'required': true},
                'contract_month': {'data_type': 'date', 'required': true},
                'invoice_date': {'data_type': 'date', 'required': true},
                'amount': {'data_type': 'decimal', 'required': true}
            },
            'date_order': [],
            'handed_over_whole': true
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'booking_date': {'data_type': 'date', 'required': true},
                'estimated_date_of_delivery': {'data_type': 'date', 'future_allowed': true},
                'previous_live_births': {'data_type': 'integer'},
                'smoking_status': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer'},
                'activity_location_type': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'unlisted': true},
                'clinical_response_priority': {'code_list': 'clinical_response_priority'},
                'primary_reason_for_referral': {'unlisted': true},
                'out_of_area_reason': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'unique_hospital_provider_spell_identifier': {'required': true},
                'ward_stay_start_date': {'data_type': 'date', 'required': true},
                'ward_stay_end_date': {'data_type': 'date'},
                'hospital_bed_type': {'unlisted': true},
                'ward_intended_age_group': {'code_list': 'ward_intended_age_group'},
                'ward_security_level': {'unlisted': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['ward_stay_start_date', 'ward_stay_end_date']
            ],
            'submission_protocol': [['MHW', 'ward_stay_start_date']],
            'event_date': 'ward_stay_start_date'
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'symptom_group': {'format': 'up_to_four_digits'},
                'final_disposition': {'on_error': 'blank', 'unlisted': true},
                'direct_booking': {'code_list': 'yes_no'},
                'ambulance_trust_code': {'unlisted': true},
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
        'ods_membership': {
            'record_key': ['organisation_code', 'parent_code', 'member_from'],
            'columns': {
                'organisation_code': {'required': true, 'format': 'organisation_code'},
                'parent_code': {'required': true, 'format': 'organisation_code'},
                'member_from': {'data_type': 'date', 'required': true, 'future_allowed': true},
                'member_to': {'data_type': 'date', 'future_allowed': true}
            },
            'date_order': [
                ['member_from', 'member_to']
            ],
            'reference_data': true
        },
        'ods_organisation': {
            'record_key': ['organisation_register', 'organisation_code'],
            'columns': {
                'organisation_register': {'required': true, 'code_list': 'ods_register'},
                'organisation_code': {'required': true, 'format': 'organisation_code'},
                'organisation_name': {'required': true},
                'national_grouping_code': {'format': 'organisation_code'},
                'health_geography_code': {'format': 'organisation_code'},
                'opened_on': {'data_type': 'date', 'required': true, 'future_allowed': true},
                'closed_on': {'data_type': 'date', 'future_allowed': true},
                'status_code': {'code_list': 'ods_status'},
                'organisation_sub_type': {},
                'commissioner_code': {'format': 'organisation_code'},
                'commissioner_from': {'data_type': 'date', 'future_allowed': true},
                'commissioner_to': {'data_type': 'date', 'future_allowed': true},
                'prescribing_setting': {}
            },
            'date_order': [
                ['opened_on', 'closed_on']
            ],
            'reference_data': true
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'site_code': {'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'administrative_category': {'code_list': 'administrative_category'},
                'appointment_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'first_attendance': {'code_list': 'first_attendance'},
                'outcome_of_attendance': {'code_list': 'outcome_of_attendance'},
                'priority_type': {'code_list': 'priority_type'},
                'treatment_function_code': {'unlisted': true},
                'main_specialty_code': {'unlisted': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {'unlisted': true},
                'primary_procedure': {'unlisted': true},
                'secondary_procedures': {'format': 'code_sequence', 'unlisted': true},
                'consultation_medium': {'code_list': 'consultation_medium'},
                'hrg_code': {'unlisted': true}
            },
            'date_order': [],
            'submission_protocol': [['060', 'appointment_date']],
            'event_date': 'appointment_date'
        },
        'patient_level_contract_monitoring_line': {
            'record_key': ['contract_line_identifier'],
            'columns': {
                'contract_line_identifier': {'required': true},
                'update_type': {'code_list': 'update_type'},
                'applicable_at': {'data_type': 'timestamp'},
                'nhs_number': {'format': 'nhs_number', 'on_error': 'blank'},
                'local_patient_id': {},
                'hospital_spell_number': {},
                'date_of_birth': {'data_type': 'date'},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'site_code': {'unlisted': true},
                'commissioner_code': {'required': true, 'unlisted': true},
                'contract_month': {'data_type': 'date', 'required': true},
                'activity_date': {'data_type': 'date', 'required': true},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'treatment_function_code': {'unlisted': true},
                'healthcare_resource_group': {'unlisted': true},
                'activity': {'data_type': 'decimal', 'required': true},
                'unit_price': {'data_type': 'decimal'},
                'market_forces_factor': {'data_type': 'decimal'},
                'total_cost': {'data_type': 'decimal', 'required': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [],
            'submission_protocol': [['PLC', 'activity_date']],
            'event_date': 'activity_date',
            'core_model': 'fct_patient_contract_line'
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
        'population': {
            'record_key': ['area_code', 'sex', 'age'],
            'columns': {
                'area_code': {'required': true},
                'area_name': {},
                'sex': {'required': true, 'code_list': 'sex'},
                'age': {'data_type': 'integer', 'required': true},
                'people': {'data_type': 'integer', 'required': true}
            },
            'date_order': [],
            'reference_data': true
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
            ],
            'reference_data': true
        },
        'prescribing_month': {
            'record_key': ['prescribing_month', 'commissioner_code', 'practice_code', 'bnf_code', 'quantity'],
            'columns': {
                'prescribing_month': {'data_type': 'date', 'required': true},
                'regional_office_code': {},
                'area_team_code': {},
                'commissioner_code': {},
                'practice_code': {},
                'bnf_chemical_substance': {},
                'bnf_code': {'required': true},
                'bnf_description': {},
                'quantity': {'data_type': 'decimal', 'required': true},
                'items': {'data_type': 'integer', 'required': true},
                'total_quantity': {'data_type': 'decimal', 'required': true},
                'average_daily_quantity_usage': {'data_type': 'decimal'},
                'net_ingredient_cost': {'data_type': 'decimal', 'required': true},
                'actual_cost': {'data_type': 'decimal', 'required': true},
                'unidentified': {'required': true, 'code_list': 'yes_no'}
            },
            'date_order': [],
            'handed_over_whole': true
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
            'date_order': [],
            'handed_over_whole': true
        },
        'quality_outcomes_indicator': {
            'record_key': ['financial_year', 'practice_code', 'indicator_code', 'indicator_description'],
            'columns': {
                'financial_year': {'required': true},
                'practice_code': {'required': true},
                'indicator_code': {'required': true},
                'indicator_description': {},
                'numerator': {'data_type': 'integer'},
                'denominator': {'data_type': 'integer'},
                'personalised_care_adjustments': {'data_type': 'integer'},
                'achievement_percent': {'data_type': 'decimal'},
                'register_size': {'data_type': 'integer'},
                'list_size': {'data_type': 'integer'}
            },
            'date_order': [],
            'handed_over_whole': true
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'record_kind': {'required': true, 'code_list': 'pathway_record_kind'},
                'patient_pathway_identifier': {'required': true},
                'treatment_function_code': {'unlisted': true},
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
            'event_date': 'clock_start_date',
            'core_model': 'fct_rtt_pathway'
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
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
                'gp_practice_code': {'unlisted': true},
                'provider_code': {'required': true, 'unlisted': true},
                'commissioner_code': {'unlisted': true},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'unlisted': true},
                'provisional_diagnosis': {'unlisted': true},
                'service_discharge_date': {'data_type': 'date'},
                'discharge_reason': {'unlisted': true},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'}
            },
            'date_order': [
                ['referral_request_received_date', 'service_discharge_date']
            ],
            'submission_protocol': [['TTR', 'referral_request_received_date']],
            'event_date': 'referral_request_received_date',
            'core_model': 'fct_talking_therapies_course'
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
