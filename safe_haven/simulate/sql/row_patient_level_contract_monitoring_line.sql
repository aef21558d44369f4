-- Rows of the feed patient_level_contract_monitoring_line, in the column order of its contract.
select
    report_index,
    not is_canary and point_of_delivery not in ('DRUG', 'DEVICE') as is_plain,
    record_id('M', is_canary, own_nhs_number, event_id) as contract_line_identifier,
    '' as update_type,
    '' as applicable_at,
    nhs_number,
    local_patient_id,
    if(is_withheld, '', hospital_spell_number) as hospital_spell_number,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    site_code,
    commissioner_code,
    date_trunc('month', event_date)::date::varchar as contract_month,
    event_date::varchar as activity_date,
    point_of_delivery,
    treatment_function_code,
    healthcare_resource_group,
    '1' as activity,
    unit_price::varchar as unit_price,
    market_forces_factor::varchar as market_forces_factor,
    total_cost::varchar as total_cost,
    if(is_withheld, '01', '') as withheld_identity_reason
from identified
-- a provider sends what it charges once, complete
where sending = 0
