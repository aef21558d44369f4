with

payment as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        global_sum,
        mpig_correction_factor,
        balance_of_pms_expenditure,
        qof_payments,
        childhood_vaccination,
        extended_hours_access,
        influenza_and_pneumococcal_immunisation,
        learning_disabilities,
        meningitis,
        minor_surgery,
        out_of_area_urgent_care,
        pertussis,
        rotavirus_and_shingles_immunisation,
        services_for_violent_patients,
        medical_assessment_reviews,
        weight_management_service,
        local_incentive_schemes,
        premises_payments,
        seniority,
        doctors_retainer_scheme,
        locum_allowances,
        appraisal_costs,
        prolonged_study_leave,
        pco_administered_other,
        information_management_and_technology,
        pneumococcal_vaccine_main_programme,
        general_practice_transformation,
        primary_care_network_participation,
        prescribing_fees,
        dispensing_fees,
        reimbursement_of_drugs,
        winter_access_fund,
        other_payments
    from {{ ref('hnd_gp_payment') }}
),

component as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        unnest(map_entries(map {
            'global_sum': global_sum,
            'mpig_correction_factor': mpig_correction_factor,
            'balance_of_pms_expenditure': balance_of_pms_expenditure,
            'qof_payments': qof_payments,
            'childhood_vaccination': childhood_vaccination,
            'extended_hours_access': extended_hours_access,
            'influenza_and_pneumococcal_immunisation': influenza_and_pneumococcal_immunisation,
            'learning_disabilities': learning_disabilities,
            'meningitis': meningitis,
            'minor_surgery': minor_surgery,
            'out_of_area_urgent_care': out_of_area_urgent_care,
            'pertussis': pertussis,
            'rotavirus_and_shingles_immunisation': rotavirus_and_shingles_immunisation,
            'services_for_violent_patients': services_for_violent_patients,
            'medical_assessment_reviews': medical_assessment_reviews,
            'weight_management_service': weight_management_service,
            'local_incentive_schemes': local_incentive_schemes,
            'premises_payments': premises_payments,
            'seniority': seniority,
            'doctors_retainer_scheme': doctors_retainer_scheme,
            'locum_allowances': locum_allowances,
            'appraisal_costs': appraisal_costs,
            'prolonged_study_leave': prolonged_study_leave,
            'pco_administered_other': pco_administered_other,
            'information_management_and_technology': information_management_and_technology,
            'pneumococcal_vaccine_main_programme': pneumococcal_vaccine_main_programme,
            'general_practice_transformation': general_practice_transformation,
            'primary_care_network_participation': primary_care_network_participation,
            'prescribing_fees': prescribing_fees,
            'dispensing_fees': dispensing_fees,
            'reimbursement_of_drugs': reimbursement_of_drugs,
            'winter_access_fund': winter_access_fund,
            'other_payments': other_payments
        })) as payment
    from payment
),

final as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        struct_extract(payment, 'key') as component,
        struct_extract(payment, 'value') as amount
    from component
)

select * from final
