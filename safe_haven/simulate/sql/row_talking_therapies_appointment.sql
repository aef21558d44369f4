-- Rows of the feed talking_therapies_appointment, in the column order of its contract.
with session as (
    select
        *,
        pick(
            ['5', '5', '5', '5', '5', '5', '5', '6', '3', '7', '2', '4'], 'tt attended', event_id
        ) as attended,
        -- Most get better from session to session, a few get worse.
        (contact - 1) * (uniform('tt gain', referral_id) * 2.6 - 0.4) as gain,
        5 + below('phq9', referral_id, 20) - gain - below('phq9 day', event_id, 3) as phq9,
        4 + below('gad7', referral_id, 17) - gain - below('gad7 day', event_id, 3) as gad7
    from identified
)

select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('TA', is_canary, own_nhs_number, event_id) as unique_care_contact_identifier,
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
    record_id('TR', is_canary, own_nhs_number, referral_id)
        as unique_service_request_identifier,
    event_date::varchar as appointment_date,
    attended as attendance_status,
    case
        when contact = 1 then pick(['01', '03', '03'], 'tt first', event_id)
        when contact = contacts and contacts > 4 then '06'
        else pick(['02', '02', '02', '05'], 'tt type', event_id)
    end as appointment_type,
    pick(['01', '02', '11', '11'], 'tt medium', event_id) as consultation_mechanism,
    case
        when attended not in ('5', '6') or (sent_again and sending = 0) then ''
        else greatest(0, least(27, floor(phq9)))::integer::varchar
    end as phq9_score,
    case
        when attended not in ('5', '6') or (sent_again and sending = 0) then ''
        else greatest(0, least(21, floor(gad7)))::integer::varchar
    end as gad7_score,
    if(is_withheld, '03', '') as withheld_identity_reason
from session
