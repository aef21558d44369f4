-- Rows of the feed maternity_booking, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('MB', is_canary, own_nhs_number, event_id) as unique_pregnancy_identifier,
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
    event_date::varchar as booking_date,
    if(sent_again and sending = 0, '', due_on::varchar) as estimated_date_of_delivery,
    pick(['0', '0', '0', '1', '1', '2', '3'], 'live births', event_id) as previous_live_births,
    pick(['01', '02', '04', '04', '04', '04', '06'], 'smoking', event_id) as smoking_status,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
