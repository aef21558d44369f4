{#- Written from models/staging/*/_*_source.yml: do not edit, run
    `./run contracts` -#}
{%- macro input_contracts() -%}
    {%- set contracts = {
        'aggregate_contract_monitoring_line': {
            'record_key': ['contract_month', 'provider_code', 'commissioner_code', 'point_of_delivery', 'treatment_function_code', 'healthcare_resource_group'],
            'columns': {
                'contract_month': {'data_type': 'date', 'required': true},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'required': true, 'format': 'organisation_code'},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'treatment_function_code': {'format': 'treatment_function_code'},
                'healthcare_resource_group': {'format': 'healthcare_resource_group'},
                'activity': {'data_type': 'decimal', 'required': true, 'maximum': 1000000},
                'total_cost': {'data_type': 'decimal', 'required': true, 'maximum': 100000000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'response_category': {'code_list': 'ambulance_response_category'},
                'outcome': {'code_list': 'ambulance_outcome'},
                'destination_provider_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'recorded_age': {'data_type': 'integer', 'maximum': 7007},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'lsoa_code': {'format': 'lsoa_code'},
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'site_code': {'format': 'site_code', 'on_error': 'blank'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'treatment_function_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
                'main_specialty_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
                'primary_diagnosis': {'format': 'icd10_code'},
                'primary_procedure': {'format': 'opcs4_code'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {'format': 'specialised_service_code', 'on_error': 'blank'},
                'secondary_diagnoses': {'format': 'icd10_sequence'},
                'primary_procedure_date': {'data_type': 'date', 'on_error': 'blank'},
                'secondary_procedures': {'format': 'opcs4_sequence'},
                'hrg_code': {'format': 'healthcare_resource_group', 'on_error': 'blank'},
                'spell_hrg_code': {'format': 'healthcare_resource_group', 'on_error': 'blank'},
                'discharge_ready_date': {'data_type': 'date', 'on_error': 'blank'},
                'rehabilitation_days': {'data_type': 'integer', 'maximum': 9999, 'on_error': 'blank'},
                'specialist_palliative_care_days': {'data_type': 'integer', 'maximum': 9999, 'on_error': 'blank'}
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
                'local_authority_code': {'required': true, 'format': 'area_code'},
                'local_authority_name': {'required': true, 'format': 'published_text'},
                'ccg_code': {'required': true, 'format': 'organisation_code'}
            },
            'date_order': [],
            'reference_data': true
        },
        'care_home_vaccination': {
            'record_key': ['care_home_code'],
            'columns': {
                'care_home_code': {'required': true, 'format': 'care_home_code'},
                'local_authority_code': {'required': true, 'format': 'area_code'},
                'survey_date': {'data_type': 'date', 'required': true},
                'residents': {'data_type': 'integer', 'required': true, 'maximum': 1000},
                'residents_vaccinated': {'data_type': 'integer', 'required': true, 'maximum': 1000},
                'staff': {'data_type': 'integer', 'required': true, 'maximum': 2000},
                'staff_vaccinated': {'data_type': 'integer', 'required': true, 'maximum': 2000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'death_date': {'data_type': 'date', 'required': true},
                'registration_date': {'data_type': 'date', 'required': true},
                'underlying_cause_code': {'format': 'icd10_code'},
                'contributory_cause_codes': {'format': 'icd10_sequence'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer', 'maximum': 1440},
                'activity_location_type': {'format': 'national_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'format': 'national_code', 'on_error': 'blank'},
                'priority_type': {'code_list': 'priority_type'},
                'service_type_referred_to': {'format': 'national_code', 'on_error': 'blank'},
                'primary_reason_for_referral': {'format': 'national_code', 'on_error': 'blank'},
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
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'required': true, 'format': 'organisation_code'},
                'contract_month': {'data_type': 'date', 'required': true, 'future_allowed': true},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'planned_activity': {'data_type': 'decimal', 'required': true, 'maximum': 10000000},
                'planned_cost': {'data_type': 'decimal', 'required': true, 'maximum': 500000000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'critical_care_type': {'required': true, 'code_list': 'critical_care_type'},
                'unit_function': {'format': 'national_code', 'on_error': 'blank'},
                'critical_care_start_date': {'data_type': 'date', 'required': true},
                'critical_care_discharge_date': {'data_type': 'date'},
                'level_2_days': {'data_type': 'integer', 'maximum': 9999, 'on_error': 'blank'},
                'level_3_days': {'data_type': 'integer', 'maximum': 9999, 'on_error': 'blank'},
                'organ_support_maximum': {'data_type': 'integer', 'maximum': 7, 'on_error': 'blank'},
                'hrg_code': {'format': 'healthcare_resource_group', 'on_error': 'blank'},
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
                'imd_rank': {'data_type': 'integer', 'required': true, 'maximum': 50000}
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
                'recorded_age': {'data_type': 'integer', 'maximum': 7007},
                'sex': {'code_list': 'sex'},
                'ethnic_category': {'code_list': 'ethnic_category'},
                'postcode': {},
                'lsoa_code': {'format': 'lsoa_code'},
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'site_code': {'format': 'site_code', 'on_error': 'blank'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'department_type': {'code_list': 'department_type'},
                'attendance_category': {'code_list': 'attendance_category'},
                'arrival_mode': {'format': 'snomed_code'},
                'ambulance_trust_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'observation_date': {'data_type': 'date', 'required': true},
                'snomed_code': {'required': true, 'format': 'snomed_code'},
                'observation_value': {'data_type': 'decimal', 'maximum': 100000},
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
                'practice_code': {'required': true, 'format': 'organisation_code'},
                'sex': {'required': true, 'code_list': 'list_size_sex'},
                'age_group': {'required': true, 'code_list': 'list_size_age_group'},
                'patients': {'data_type': 'integer', 'required': true, 'maximum': 200000}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'gp_payment': {
            'record_key': ['financial_year', 'practice_code'],
            'columns': {
                'financial_year': {'required': true, 'format': 'financial_year'},
                'practice_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'primary_care_network_code': {'format': 'primary_care_network_code', 'on_error': 'blank'},
                'contract_type': {'code_list': 'gp_contract_type'},
                'registered_patients': {'data_type': 'decimal', 'maximum': 200000},
                'weighted_patients': {'data_type': 'decimal', 'maximum': 200000},
                'global_sum': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'mpig_correction_factor': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'balance_of_pms_expenditure': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'qof_payments': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'childhood_vaccination': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'extended_hours_access': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'influenza_and_pneumococcal_immunisation': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'learning_disabilities': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'meningitis': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'minor_surgery': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'out_of_area_urgent_care': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'pertussis': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'rotavirus_and_shingles_immunisation': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'services_for_violent_patients': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'medical_assessment_reviews': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'weight_management_service': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'local_incentive_schemes': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'premises_payments': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'seniority': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'doctors_retainer_scheme': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'locum_allowances': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'appraisal_costs': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'prolonged_study_leave': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'pco_administered_other': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'information_management_and_technology': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'pneumococcal_vaccine_main_programme': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'general_practice_transformation': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'primary_care_network_participation': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'prescribing_fees': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'dispensing_fees': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'reimbursement_of_drugs': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'winter_access_fund': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'other_payments': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'total_payments': {'data_type': 'decimal', 'required': true, 'maximum': 200000000},
                'deductions': {'data_type': 'decimal', 'maximum': 200000000}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'gp_registration': {
            'record_key': ['nhs_number', 'registered_from'],
            'columns': {
                'nhs_number': {'required': true, 'format': 'nhs_number'},
                'practice_code': {'required': true, 'format': 'organisation_code'},
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
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'invoice_number': {'required': true},
                'commissioner_code': {'required': true, 'format': 'organisation_code'},
                'contract_month': {'data_type': 'date', 'required': true},
                'invoice_date': {'data_type': 'date', 'required': true},
                'amount': {'data_type': 'decimal', 'required': true, 'maximum': 500000000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'unique_pregnancy_identifier': {'required': true},
                'delivery_date': {'data_type': 'date', 'required': true},
                'birth_status': {'code_list': 'birth_status'},
                'delivery_method': {'code_list': 'delivery_method'},
                'birth_order': {'data_type': 'integer', 'maximum': 9},
                'birth_weight': {'data_type': 'integer', 'maximum': 9999},
                'gestation_length': {'data_type': 'integer', 'maximum': 99},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'booking_date': {'data_type': 'date', 'required': true},
                'estimated_date_of_delivery': {'data_type': 'date', 'future_allowed': true},
                'previous_live_births': {'data_type': 'integer', 'maximum': 30},
                'smoking_status': {'format': 'national_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'unique_service_request_identifier': {'required': true},
                'care_contact_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'consultation_mechanism': {'code_list': 'consultation_mechanism'},
                'clinical_contact_duration': {'data_type': 'integer', 'maximum': 1440},
                'activity_location_type': {'format': 'national_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'format': 'national_code', 'on_error': 'blank'},
                'clinical_response_priority': {'code_list': 'clinical_response_priority'},
                'primary_reason_for_referral': {'format': 'national_code', 'on_error': 'blank'},
                'out_of_area_reason': {'format': 'national_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'unique_hospital_provider_spell_identifier': {'required': true},
                'ward_stay_start_date': {'data_type': 'date', 'required': true},
                'ward_stay_end_date': {'data_type': 'date'},
                'hospital_bed_type': {'format': 'national_code', 'on_error': 'blank'},
                'ward_intended_age_group': {'code_list': 'ward_intended_age_group'},
                'ward_security_level': {'format': 'national_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'symptom_group': {'format': 'up_to_four_digits'},
                'final_disposition': {'format': 'disposition_code', 'on_error': 'blank'},
                'direct_booking': {'code_list': 'yes_no'},
                'ambulance_trust_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'organisation_name': {'required': true, 'format': 'published_text'},
                'national_grouping_code': {'format': 'organisation_code'},
                'health_geography_code': {'format': 'organisation_code'},
                'opened_on': {'data_type': 'date', 'required': true, 'future_allowed': true},
                'closed_on': {'data_type': 'date', 'future_allowed': true},
                'status_code': {'code_list': 'ods_status'},
                'organisation_sub_type': {'format': 'register_code'},
                'commissioner_code': {'format': 'organisation_code'},
                'commissioner_from': {'data_type': 'date', 'future_allowed': true},
                'commissioner_to': {'data_type': 'date', 'future_allowed': true},
                'prescribing_setting': {'format': 'register_code'}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'site_code': {'format': 'site_code', 'on_error': 'blank'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'administrative_category': {'code_list': 'administrative_category'},
                'appointment_date': {'data_type': 'date', 'required': true},
                'attendance_status': {'required': true, 'code_list': 'attendance_status'},
                'first_attendance': {'code_list': 'first_attendance'},
                'outcome_of_attendance': {'code_list': 'outcome_of_attendance'},
                'priority_type': {'code_list': 'priority_type'},
                'treatment_function_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
                'main_specialty_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
                'withheld_identity_reason': {'code_list': 'withheld_identity_reason'},
                'overseas_visitor_status': {'code_list': 'overseas_visitor_status'},
                'overseas_charging_category': {'code_list': 'overseas_charging_category'},
                'service_code': {'format': 'specialised_service_code', 'on_error': 'blank'},
                'primary_procedure': {'format': 'opcs4_code'},
                'secondary_procedures': {'format': 'opcs4_sequence'},
                'consultation_medium': {'code_list': 'consultation_medium'},
                'hrg_code': {'format': 'healthcare_resource_group', 'on_error': 'blank'}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'site_code': {'format': 'site_code', 'on_error': 'blank'},
                'commissioner_code': {'required': true, 'format': 'organisation_code'},
                'contract_month': {'data_type': 'date', 'required': true},
                'activity_date': {'data_type': 'date', 'required': true},
                'point_of_delivery': {'required': true, 'code_list': 'contract_point_of_delivery'},
                'treatment_function_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
                'healthcare_resource_group': {'format': 'healthcare_resource_group', 'on_error': 'blank'},
                'activity': {'data_type': 'decimal', 'required': true, 'maximum': 1000000},
                'unit_price': {'data_type': 'decimal', 'maximum': 1000000},
                'market_forces_factor': {'data_type': 'decimal', 'maximum': 3},
                'total_cost': {'data_type': 'decimal', 'required': true, 'maximum': 100000000},
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
                'area_code': {'required': true, 'format': 'area_code'},
                'area_name': {'format': 'published_text'},
                'sex': {'required': true, 'code_list': 'sex'},
                'age': {'data_type': 'integer', 'required': true, 'maximum': 120},
                'people': {'data_type': 'integer', 'required': true, 'maximum': 100000000}
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
                'regional_office_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'area_team_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'commissioner_code': {'format': 'organisation_code'},
                'practice_code': {'format': 'organisation_code'},
                'bnf_chemical_substance': {'format': 'bnf_chemical_substance', 'on_error': 'blank'},
                'bnf_code': {'required': true, 'format': 'bnf_code'},
                'bnf_description': {'format': 'published_text', 'on_error': 'blank'},
                'quantity': {'data_type': 'decimal', 'required': true, 'maximum': 10000000},
                'items': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'total_quantity': {'data_type': 'decimal', 'required': true, 'maximum': 100000000},
                'average_daily_quantity_usage': {'data_type': 'decimal', 'maximum': 100000000},
                'net_ingredient_cost': {'data_type': 'decimal', 'required': true, 'maximum': 100000000},
                'actual_cost': {'data_type': 'decimal', 'required': true, 'maximum': 100000000},
                'unidentified': {'required': true, 'code_list': 'yes_no'}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'published_emergency_activity': {
            'record_key': ['activity_month', 'organisation_code'],
            'columns': {
                'activity_month': {'data_type': 'date', 'required': true},
                'organisation_code': {'required': true, 'format': 'site_code'},
                'organisation_name': {'format': 'published_text', 'on_error': 'blank'},
                'attendances_type_1': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'attendances_type_2': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'attendances_other': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_attendances_type_1': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_attendances_type_2': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_attendances_other': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'over_four_hours_type_1': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'over_four_hours_type_2': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'over_four_hours_other': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_over_four_hours_type_1': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_over_four_hours_type_2': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'booked_over_four_hours_other': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'waited_4_to_12_hours': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'waited_12_hours': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'emergency_admissions_type_1': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'emergency_admissions_type_2': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'emergency_admissions_other': {'data_type': 'integer', 'required': true, 'maximum': 10000000},
                'other_emergency_admissions': {'data_type': 'integer', 'required': true, 'maximum': 10000000}
            },
            'date_order': [],
            'handed_over_whole': true
        },
        'quality_outcomes_indicator': {
            'record_key': ['financial_year', 'practice_code', 'indicator_code', 'indicator_description'],
            'columns': {
                'financial_year': {'required': true, 'format': 'financial_year'},
                'practice_code': {'required': true, 'format': 'organisation_code'},
                'indicator_code': {'required': true, 'format': 'indicator_code'},
                'indicator_description': {'format': 'published_text'},
                'numerator': {'data_type': 'integer', 'maximum': 200000},
                'denominator': {'data_type': 'integer', 'maximum': 200000},
                'personalised_care_adjustments': {'data_type': 'integer', 'maximum': 200000},
                'achievement_percent': {'data_type': 'decimal', 'maximum': 100},
                'register_size': {'data_type': 'integer', 'maximum': 200000},
                'list_size': {'data_type': 'integer', 'maximum': 200000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'record_kind': {'required': true, 'code_list': 'pathway_record_kind'},
                'patient_pathway_identifier': {'required': true},
                'treatment_function_code': {'format': 'treatment_function_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'client_type': {'required': true, 'code_list': 'social_care_client_type'},
                'primary_support_reason': {'code_list': 'primary_support_reason'},
                'event_type': {'required': true, 'code_list': 'social_care_event_type'},
                'event_start_date': {'data_type': 'date', 'required': true},
                'event_end_date': {'data_type': 'date'},
                'event_outcome': {'code_list': 'social_care_event_outcome'},
                'service_type': {'code_list': 'social_care_service_type'},
                'delivery_mechanism': {'code_list': 'social_care_delivery_mechanism'},
                'unit_cost': {'data_type': 'decimal', 'maximum': 1000000}
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
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
                'gp_practice_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'provider_code': {'required': true, 'format': 'organisation_code'},
                'commissioner_code': {'format': 'organisation_code', 'on_error': 'blank'},
                'referral_request_received_date': {'data_type': 'date', 'required': true},
                'source_of_referral': {'format': 'national_code', 'on_error': 'blank'},
                'provisional_diagnosis': {'format': 'icd10_code'},
                'service_discharge_date': {'data_type': 'date'},
                'discharge_reason': {'format': 'national_code', 'on_error': 'blank'},
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
