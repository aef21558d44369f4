-- Rows of the feed talking_therapies_referral, in the column order of its contract.
select
    report_index,
    not is_canary and not is_sent_twice as is_plain,
    record_id('TR', is_canary, own_nhs_number, event_id) as unique_service_request_identifier,
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
    pick(['A1', 'B1', 'B1', 'B1', 'B1', 'I1'], 'tt source', event_id) as source_of_referral,
    pick(
        ['F320', 'F321', 'F331', 'F410', 'F411', 'F411', 'F412', 'F401', 'F429', 'F431', ''],
        'tt problem', event_id
    ) as provisional_diagnosis,
    coalesce(closed_on::varchar, '') as service_discharge_date,
    if(closed_on is null, '', pick(['46', '46', '46', '47', '48', '50'], 'tt end', event_id))
        as discharge_reason,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
-- What is sent again is the closed referral.
where sending = 0
