-- Rows of the feed referral_to_treatment_pathway, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('W', is_canary, own_nhs_number, event_id) as pathway_record_identifier,
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
    record_kind,
    if(
        is_canary,
        concat('P', own_nhs_number, token('pathway', identity_id, 9)),
        concat('P', token('pathway', identity_id, 19))
    ) as patient_pathway_identifier,
    pick([
        '100', '101', '110', '110', '120', '130', '130', '300', '301', '320', '330', '340', '410',
        '502'
    ], 'rtt function', identity_id) as treatment_function_code,
    event_date::varchar as referral_request_received_date,
    event_date::varchar as clock_start_date,
    if(
        is_for_admission and record_kind = 'clock_stop' and not is_died, clock_stop::varchar, ''
    ) as decision_to_admit_date,
    if(record_kind = 'clock_stop', clock_stop::varchar, '') as clock_stop_date,
    case
        when record_kind <> 'clock_stop' then '10'
        when sent_again and sending = 0 then '99'
        when is_died then '36'
        else pick(['30', '30', '30', '30', '32', '34', '35'], 'rtt end', identity_id)
    end as period_status,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
