-- Rows of the feed mental_health_ward_stay, in the column order of its contract.
select
    report_index,
    not is_canary and not is_sent_twice as is_plain,
    record_id('MW', is_canary, own_nhs_number, event_id) as unique_ward_stay_identifier,
    '' as update_type,
    '' as applicable_at,
    nhs_number,
    local_patient_id,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    commissioner_code,
    record_id('MS', is_canary, own_nhs_number, spell_id)
        as unique_hospital_provider_spell_identifier,
    event_date::varchar as ward_stay_start_date,
    coalesce(closed_on::varchar, '') as ward_stay_end_date,
    case
        when age < 18 then '300'
        when age >= 65 then '201'
        else pick(['200', '200', '200', '202'], 'mh bed', event_id)
    end as hospital_bed_type,
    case
        when age < 18 then '12'
        when age >= 65 then '14'
        else '13'
    end as ward_intended_age_group,
    '0' as ward_security_level,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
-- What is sent again is the ended stay.
where sending = 0
