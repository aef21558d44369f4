-- Rows of the feed mental_health_referral, in the column order of its contract.
select
    report_index,
    not is_canary and not is_sent_twice as is_plain,
    record_id('MR', is_canary, own_nhs_number, event_id) as unique_service_request_identifier,
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
    event_date::varchar as referral_request_received_date,
    pick(['A1', 'A1', 'A1', 'A1', 'B1', 'C1', 'E1', 'H1', 'I1', 'I2'], 'mh source', event_id)
        as source_of_referral,
    pick(['1', '2', '2', '3', '3', '3', '3', '3', '4'], 'mh priority', event_id)
        as clinical_response_priority,
    pick(
        ['01', '02', '04', '05', '05', '05', '10', '11', '12', '15', '18'], 'mh reason', event_id
    ) as primary_reason_for_referral,
    if(uniform('mh away', event_id) < 0.01, '10', '') as out_of_area_reason,
    coalesce(closed_on::varchar, '') as service_discharge_date,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
-- What is sent again is the closed referral.
where sending = 0
