-- Rows of the feed ambulance_incident, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('AM', is_canary, own_nhs_number, event_id) as incident_record_identifier,
    '' as update_type,
    '' as applicable_at,
    incident_number(is_canary, own_nhs_number, event_id) as ambulance_incident_number,
    nhs_number,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    commissioner_code,
    if(
        outcome = 'HT',
        '5',
        pick(['1', '2', '2', '2', '2', '2', '3', '3', '4'], 'response category', event_id)
    ) as response_category,
    outcome,
    destination_provider_code,
    event_date::varchar as call_date,
    strftime(called_at, '%H:%M:%S') as call_time,
    if(outcome = 'HT', '', sent_moment(arrived_at_scene_at)) as arrived_at_scene_at,
    sent_moment(left_scene_at) as left_scene_at,
    sent_moment(arrived_at_hospital_at) as arrived_at_hospital_at,
    -- Sent first before the crew's report is in.
    if(sent_again and sending = 0, '', sent_moment(handed_over_at)) as handed_over_at,
    if(outcome = 'HT', '', sent_moment(cleared_at)) as cleared_at,
    '' as withheld_identity_reason
from identified
