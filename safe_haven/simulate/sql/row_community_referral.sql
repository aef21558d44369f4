-- Rows of the feed community_referral, in the column order of its contract.
select
    report_index,
    not is_canary and not is_sent_twice as is_plain,
    record_id('CR', is_canary, own_nhs_number, event_id) as unique_service_request_identifier,
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
    pick(['01', '01', '01', '02', '03', '10', '12'], 'csds source', event_id)
        as source_of_referral,
    pick(['1', '1', '1', '1', '2', '2', '3'], 'csds priority', event_id) as priority_type,
    if(
        age < 16,
        pick(['14', '27', '28', '29'], 'csds child service', event_id),
        pick(['03', '12', '12', '12', '18', '20', '24'], 'csds service', event_id)
    ) as service_type_referred_to,
    pick(['004', '013', '024', '031', '033', '114'], 'csds reason', event_id)
        as primary_reason_for_referral,
    coalesce(closed_on::varchar, '') as service_discharge_date,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
-- What is sent again is the closed referral.
where sending = 0
