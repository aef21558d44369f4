{%- set components = [
    'global_sum',
    'mpig_correction_factor',
    'balance_of_pms_expenditure',
    'qof_payments',
    'childhood_vaccination',
    'extended_hours_access',
    'influenza_and_pneumococcal_immunisation',
    'learning_disabilities',
    'meningitis',
    'minor_surgery',
    'out_of_area_urgent_care',
    'pertussis',
    'rotavirus_and_shingles_immunisation',
    'services_for_violent_patients',
    'medical_assessment_reviews',
    'weight_management_service',
    'local_incentive_schemes',
    'premises_payments',
    'seniority',
    'doctors_retainer_scheme',
    'locum_allowances',
    'appraisal_costs',
    'prolonged_study_leave',
    'pco_administered_other',
    'information_management_and_technology',
    'pneumococcal_vaccine_main_programme',
    'general_practice_transformation',
    'primary_care_network_participation',
    'prescribing_fees',
    'dispensing_fees',
    'reimbursement_of_drugs',
    'winter_access_fund',
    'other_payments'
] -%}

with

payment as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        {%- for component in components %}
        {{ component }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('hnd_gp_payment') }}
),

component as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        unnest([
            {%- for component in components %}
            { 'component': '{{ component }}', 'amount': {{ component }} }{{ ',' if not loop.last }}
            {%- endfor %}
        ]) as payment
    from payment
),

final as (
    select
        financial_year,
        practice_code,
        commissioner_code,
        struct_extract(payment, 'component') as component,
        struct_extract(payment, 'amount') as amount
    from component
)

select * from final
