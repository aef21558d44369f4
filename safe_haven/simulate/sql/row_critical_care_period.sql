-- Rows of the feed critical_care_period, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again and ends_on is not null as is_plain,
    record_id('C', is_canary, own_nhs_number, event_id) as critical_care_identifier,
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
    commissioner_code,
    critical_care_type,
    case critical_care_type
        when 'NCC' then '13'
        when 'PCC' then '04'
        else pick(['01', '01', '02', '03', '05', '06'], 'unit', event_id)
    end as unit_function,
    event_date::varchar as critical_care_start_date,
    coalesce(ends_on::varchar, '') as critical_care_discharge_date,
    -- Not yet counted when first sent.
    if(sent_again and sending = 0, '', (care_days - level_3_days)::varchar) as level_2_days,
    if(sent_again and sending = 0, '', level_3_days::varchar) as level_3_days,
    organs_supported::varchar as organ_support_maximum,
    if(critical_care_type = 'ACC', concat('XC0', 7 - organs_supported, 'Z'), '') as hrg_code,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
