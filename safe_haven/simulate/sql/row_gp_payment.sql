-- Rows of the feed gp_payment: once a year, what each practice was paid in the year before. Amounts
-- are invented; most kinds of payment are 0. Reads: month, person.
with list as (
    select
        month.month_index as report_index,
        concat(year(month.month_start) - 1, '/', strftime(month.month_start, '%y')) as financial_year,
        practice_on(person.practice_1, person.practice_2, person.moved_on, month.month_start)
            as practice_code,
        practice_on(
            person.practice_commissioner_1,
            person.practice_commissioner_2,
            person.moved_on,
            month.month_start
        ) as commissioner_code,
        count(*) as registered_patients
    from month
    inner join person
        on
            person.date_of_birth < month.month_start
            and coalesce(person.date_of_death, date '9999-12-31') >= month.month_start
    where month.month_index % 12 = 0 and person.is_registered
    group by all
),

weighted as (
    select
        *,
        concat(practice_code, ':', financial_year) as id,
        (registered_patients * (0.85 + 0.3 * uniform('weight', id)))::decimal(18, 2)
            as weighted_patients
    from list
),

paid as (
    select
        report_index,
        financial_year,
        practice_code,
        commissioner_code,
        id,
        registered_patients,
        weighted_patients,
        (weighted_patients * 99.7)::decimal(18, 2) as global_sum,
        (registered_patients * (14 + 4 * uniform('qof payment', id)))::decimal(18, 2) as qof_payments,
        (registered_patients * 0.4)::decimal(18, 2) as childhood_vaccination,
        (registered_patients * 2.3)::decimal(18, 2) as influenza_and_pneumococcal_immunisation,
        (registered_patients * 0.9 * uniform('minor surgery', id))::decimal(18, 2) as minor_surgery,
        (registered_patients * 12 * uniform('local schemes', id))::decimal(18, 2)
            as local_incentive_schemes,
        (registered_patients * (9 + 8 * uniform('premises', id)))::decimal(18, 2) as premises_payments,
        (weighted_patients * 1.76)::decimal(18, 2) as primary_care_network_participation,
        (registered_patients * 3 * uniform('other', id))::decimal(18, 2) as other_payments
    from weighted
),

totalled as (
    select
        *,
        global_sum
        + qof_payments
        + childhood_vaccination
        + influenza_and_pneumococcal_immunisation
        + minor_surgery
        + local_incentive_schemes
        + premises_payments
        + primary_care_network_participation
        + other_payments
            as total_payments
    from paid
)

select
    report_index,
    true as is_plain,
    financial_year,
    practice_code,
    commissioner_code,
    concat('U', token('network', commissioner_code, 5)) as primary_care_network_code,
    pick(['GMS', 'GMS', 'GMS', 'PMS', 'APMS'], 'contract type', practice_code) as contract_type,
    registered_patients::varchar as registered_patients,
    weighted_patients::varchar as weighted_patients,
    global_sum::varchar as global_sum,
    '0' as mpig_correction_factor,
    '0' as balance_of_pms_expenditure,
    qof_payments::varchar as qof_payments,
    childhood_vaccination::varchar as childhood_vaccination,
    '0' as extended_hours_access,
    influenza_and_pneumococcal_immunisation::varchar as influenza_and_pneumococcal_immunisation,
    '0' as learning_disabilities,
    '0' as meningitis,
    minor_surgery::varchar as minor_surgery,
    '0' as out_of_area_urgent_care,
    '0' as pertussis,
    '0' as rotavirus_and_shingles_immunisation,
    '0' as services_for_violent_patients,
    '0' as medical_assessment_reviews,
    '0' as weight_management_service,
    local_incentive_schemes::varchar as local_incentive_schemes,
    premises_payments::varchar as premises_payments,
    '0' as seniority,
    '0' as doctors_retainer_scheme,
    '0' as locum_allowances,
    '0' as appraisal_costs,
    '0' as prolonged_study_leave,
    '0' as pco_administered_other,
    '0' as information_management_and_technology,
    '0' as pneumococcal_vaccine_main_programme,
    '0' as general_practice_transformation,
    primary_care_network_participation::varchar as primary_care_network_participation,
    '0' as prescribing_fees,
    '0' as dispensing_fees,
    '0' as reimbursement_of_drugs,
    '0' as winter_access_fund,
    other_payments::varchar as other_payments,
    total_payments::varchar as total_payments,
    (-total_payments * 0.11)::decimal(18, 2)::varchar as deductions
from totalled
