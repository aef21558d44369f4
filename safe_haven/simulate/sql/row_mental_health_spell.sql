-- Rows of the feed mental_health_spell, in the column order of its contract.
select
    report_index,
    not is_canary and not is_sent_twice as is_plain,
    record_id('MS', is_canary, own_nhs_number, event_id)
        as unique_hospital_provider_spell_identifier,
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
    record_id('MR', is_canary, own_nhs_number, referral_id)
        as unique_service_request_identifier,
    event_date::varchar as spell_start_date,
    '19' as source_of_admission,
    pick(['11', '21', '22', '23', '28', '28', '28'], 'mh method', event_id) as admission_method,
    planned_on::varchar as planned_discharge_date,
    coalesce(closed_on::varchar, '') as discharge_date,
    case
        when closed_on is null then ''
        when died then '4'
        else pick(['1', '1', '1', '6'], 'mh discharge', event_id)
    end as discharge_method,
    case
        when closed_on is null then ''
        when died then '79'
        else pick(['19', '19', '19', '54'], 'mh destination', event_id)
    end as discharge_destination,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
-- What is sent again is the ended spell.
where sending = 0
