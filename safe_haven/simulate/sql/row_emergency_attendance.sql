-- Rows of the feed emergency_attendance, in the column order of its contract.
with timed as (
    select
        *,
        arrived_at + to_minutes(least(2 + below('ed assessed', event_id, 25), minutes))
            as assessed_at,
        arrived_at + to_minutes(
            greatest((minutes * 3) // 10, date_diff('minute', arrived_at, assessed_at))
        ) as seen_at,
        if(
            disposal = '01', arrived_at + to_minutes((minutes * 4) // 10), null
        ) as decided_to_admit_at,
        arrived_at + to_minutes((minutes * 9) // 10) as concluded_at,
        disposal <> '12' as is_treated
    from identified
)

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
    case
        when is_by_ambulance then '1048031000000100'
        else pick(
                ['1048071000000103', '1048071000000103', '1048061000000105'], 'ed mode', event_id
            )
    end as arrival_mode,
    if(is_by_ambulance, ambulance_trust_code, '') as ambulance_trust_code,
    if(
        is_by_ambulance, incident_number(is_canary, own_nhs_number, event_id), ''
    ) as ambulance_incident_number,
    pick([
        '1064891000000107', '1064911000000105', '1064901000000108', '1064901000000108',
        '1064901000000108', '1077241000000103', '1077241000000103', '1077251000000100'
    ], 'acuity', event_id) as acuity,
    pick([
        '21522001', '29857009', '49727002', '82271004', '267036007', '271807003', '161891005',
        '386661006'
    ], 'complaint', event_id) as chief_complaint,
    event_date::varchar as arrival_date,
    strftime(arrived_at, '%H:%M:%S') as arrival_time,
    assessed_at::date::varchar as initial_assessment_date,
    strftime(assessed_at, '%H:%M:%S') as initial_assessment_time,
    if(is_treated, seen_at::date::varchar, '') as seen_for_treatment_date,
    if(is_treated, strftime(seen_at, '%H:%M:%S'), '') as seen_for_treatment_time,
    coalesce(decided_to_admit_at::date::varchar, '') as decision_to_admit_date,
    coalesce(strftime(decided_to_admit_at, '%H:%M:%S'), '') as decision_to_admit_time,
    concluded_at::date::varchar as conclusion_date,
    strftime(concluded_at, '%H:%M:%S') as conclusion_time,
    left_at::date::varchar as departure_date,
    strftime(left_at, '%H:%M:%S') as departure_time,
    case
        when sent_again and sending = 0 then '99'
        else disposal
    end as attendance_disposal,
    if(is_treated, '182992009', '1066311000000101') as discharge_status,
    case disposal
        when '01' then '306706006'
        when '07' then '19712007'
        else '306689006'
    end as discharge_destination,
    case
        when not is_treated then ''
        -- A code that is not approved, here and there: kept and flagged.
        when uniform('ed code', event_id) < 0.01 then '999000000001105'
        else concat_ws(
                ';',
                pick([
                    '50417007', '68566005', '54150009', '44465007', '312608009', '195967001',
                    '128045006', '62106007'
                ], 'ed diagnosis', event_id),
                if(
                    uniform('ed diagnoses', event_id) < 0.3,
                    pick(['13645005', '84114007', '91302008'], 'ed diagnosis 2', event_id),
                    null
                )
            )
    end as diagnoses,
    case
        when not is_treated then ''
        else pick([
                '1088291000000101', '168537006', '26604007;252167001',
                '26604007;252167001;55235003', '29303009;26604007', '77477000', '27171005'
            ], 'ed investigation', event_id)
    end as investigations,
    case
        when not is_treated then ''
        else pick([
                '413334001', '225358003', '72641008', '274474001', '57485005;14152002',
                '56251003', '61746007', '183964008'
            ], 'ed treatment', event_id)
    end as treatments,
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
from timed
