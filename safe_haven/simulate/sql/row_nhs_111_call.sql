-- Rows of the feed nhs_111_call, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('C', is_canary, own_nhs_number, event_id) as call_identifier,
    '' as update_type,
    '' as applicable_at,
    nhs_number,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    commissioner_code,
    (1000 + below('symptom group', event_id, 200))::varchar as symptom_group,
    -- Sent first before the clinician has closed the case.
    if(sent_again and sending = 0, '', final_disposition) as final_disposition,
    if(uniform('111 booked', event_id) < 0.2, 'Y', 'N') as direct_booking,
    if(is_by_ambulance, ambulance_trust_code, '') as ambulance_trust_code,
    if(
        is_by_ambulance, incident_number(is_canary, own_nhs_number, event_id), ''
    ) as ambulance_incident_number,
    event_date::varchar as call_date,
    strftime(connected_at, '%H:%M:%S') as call_time,
    ended_at::date::varchar as call_end_date,
    strftime(ended_at, '%H:%M:%S') as call_end_time,
    '' as withheld_identity_reason
from identified
