-- Rows of the feed maternity_birth, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('MX', is_canary, own_nhs_number, event_id) as unique_birth_identifier,
    '' as update_type,
    '' as applicable_at,
    -- A number is issued within days of the birth, now and then after the record.
    if(not is_canary and uniform('not issued', event_id) < 0.1, '', nhs_number) as nhs_number,
    mother_nhs_number,
    local_patient_id,
    date_of_birth,
    sex,
    ethnic_category,
    postcode,
    gp_practice_code,
    provider_code,
    commissioner_code,
    record_id('MB', is_canary, mother_nhs_number, event_id) as unique_pregnancy_identifier,
    event_date::varchar as delivery_date,
    '1' as birth_status,
    pick(['0', '0', '0', '0', '0', '1', '2', '4', '7', '8', '8'], 'delivery', event_id)
        as delivery_method,
    '1' as birth_order,
    if(
        sent_again and sending = 0, '', (2400 + below('weight', event_id, 1900))::varchar
    ) as birth_weight,
    (37 + below('gestation', event_id, 5))::varchar as gestation_length,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
