-- Rows of the feed maternity_labour, in the column order of its contract.
with labour as (
    select
        *,
        pick(['1', '1', '1', '2', '3', '4', '4', '5'], 'onset', event_id) as onset,
        least(
            event_date + below('lying in', event_id, 4), getvariable('last_day')
        )::date as discharged_on
    from identified
)

select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('ML', is_canary, own_nhs_number, event_id) as unique_labour_delivery_identifier,
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
    record_id('MB', is_canary, own_nhs_number, event_id) as unique_pregnancy_identifier,
    onset as delivery_onset_method,
    if(onset = '2', '', (event_date - below('labour days', event_id, 2))::date::varchar)
        as labour_onset_date,
    event_date::varchar as delivery_date,
    if(sent_again and sending = 0, '', discharged_on::varchar) as discharge_date,
    if(is_withheld, '03', '') as withheld_identity_reason
from labour
