-- Rows of the feed emergency_attendance, in the column order of its contract.
select
    report_index + sending as report_index,
    not is_canary and not sent_again as is_plain,
    record_id('E', is_canary, own_nhs_number, event_id) as cds_unique_identifier,
    '' as update_type,
    '' as applicable_at,
    nhs_number,
    '' as source_person_id,
    local_patient_id,
    date_of_birth,
    '' as recorded_age,
    sex,
    ethnic_category,
    postcode,
    '' as lsoa_code,
    gp_practice_code,
    provider_code,
    site_code,
    commissioner_code,
    if(uniform('minor injury', event_id) < 0.15, '03', '01') as department_type,
    pick(['1', '1', '1', '1', '1', '1', '1', '1', '1', '2', '3'], 'attendance', event_id)
        as attendance_category,
    event_date::varchar as arrival_date,
    strftime(arrived_at, '%H:%M:%S') as arrival_time,
    left_at::date::varchar as departure_date,
    strftime(left_at, '%H:%M:%S') as departure_time,
    case
        when sent_again and sending = 0 then '99'
        when age >= 75 and uniform('ed admitted', event_id) < 0.45 then '01'
        when uniform('ed admitted', event_id) < 0.18 then '01'
        else pick([
                '02', '02', '02', '03', '03', '03', '03', '04', '05', '06', '07', '11', '12', '13'
            ], 'disposal', event_id)
    end as attendance_disposal,
    case
        when is_canary
            then concat(
                    'Seen: ', given_name, ' ', family_name, ', NHS no ', own_nhs_number, ' (',
                    substr(own_nhs_number, 1, 3), ' ', substr(own_nhs_number, 4, 3), ' ',
                    substr(own_nhs_number, 7, 4), '), born ', strftime(born, '%d/%m/%Y'), ', ',
                    home_postcode
                )
        else pick([
                'Fall at home, wrist pain', 'Chest pain, settled', 'Cough and fever three days',
                'Cut to hand, closed', 'Abdominal pain, for review',
                'Head injury, no loss of memory',
                'Short of breath', 'Twisted ankle', 'Rash, parent worried',
                'Back pain, walked in', ''
            ], 'note', event_id)
    end as clinical_note,
    if(is_withheld, '03', '') as withheld_identity_reason
from identified
