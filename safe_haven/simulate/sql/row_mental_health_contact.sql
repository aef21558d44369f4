-- Rows of the feed mental_health_contact, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('MC', is_canary, own_nhs_number, event_id) as unique_care_contact_identifier,
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
    event_date::varchar as care_contact_date,
    pick(
        ['5', '5', '5', '5', '5', '5', '5', '6', '3', '3', '7', '2', '4'], 'mh attended', event_id
    ) as attendance_status,
    pick(['01', '01', '01', '01', '02', '02', '11'], 'mh medium', event_id)
        as consultation_mechanism,
    if(
        sent_again and sending = 0, '', (10 + 5 * below('mh minutes', event_id, 11))::varchar
    ) as clinical_contact_duration,
    pick(['A01', 'A01', 'B01', 'C01', 'M01'], 'mh place', event_id) as activity_location_type,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
