-- Rows of the feed outpatient_appointment, in the column order of its contract.
with clinic as (
    select
        *,
        pick([
            '110', '110', '110', '130', '130', '130', '100', '120', '120', '300', '301', '320',
            '330', '330', '340', '410', '430', '101', '103', '303', '361', '400', '501', '501',
            '502', '502', '650', '650'
        ], 'clinic', event_id) as any_clinic,
        case
            when age < 16 then pick(['420', '420', '120', '130', '110'], 'clinic child', event_id)
            when any_clinic in ('501', '502') and sex <> '2' then '300'
            when any_clinic = '501' and age > 44 then '502'
            when any_clinic = '430' and age < 65 then '300'
            else any_clinic
        end as treatment_function,
        uniform('attended', event_id) as attended_draw,
        case
            when attended_draw < 0.72 then '5'
            when attended_draw < 0.77 then '6'
            when attended_draw < 0.85 then '3'
            when attended_draw < 0.86 then '7'
            when attended_draw < 0.94 then '2'
            else '4'
        end as attended,
        pick(
            ['1', '1', '1', '2', '2', '2', '2', '2', '3', '4'], 'first', event_id
        ) as first_or_follow_up,
        -- main procedure and healthcare resource group, of those who were seen in person
        case
            when attended not in ('5', '6') or first_or_follow_up not in ('1', '2') then ''
            when uniform('procedure', event_id) >= 0.15 then ''
            when treatment_function = '130' then 'C873|BZ88A'
            when treatment_function = '120' then 'E253|CA69A'
            when treatment_function = '330' then 'S065|JC43A'
            when treatment_function = '101' then 'M459|LB72A'
        end as procedure_and_group
    from identified
)

select
    report_index + sending as report_index,
    sending,
    not is_canary and not sent_again as is_plain,
    record_id('O', is_canary, own_nhs_number, event_id) as cds_unique_identifier,
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
    site_code,
    commissioner_code,
    case
        when uniform('private', identity_id) < if(len(provider_code) = 3, 0.005, 0.1) then '02'
        else '01'
    end as administrative_category,
    event_date::varchar as appointment_date,
    attended as attendance_status,
    first_or_follow_up as first_attendance,
    case
        when attended not in ('5', '6') then ''
        when sent_again and sending = 0 then ''
        else pick(['1', '1', '2', '2', '2', '3', '4'], 'outcome', event_id)
    end as outcome_of_attendance,
    pick(
        ['1', '1', '1', '1', '1', '1', '1', '2', '2', '3'], 'priority', event_id
    ) as priority_type,
    treatment_function as treatment_function_code,
    if(treatment_function = '103', '100', treatment_function) as main_specialty_code,
    if(is_withheld, '03', '') as withheld_identity_reason,
    '8' as overseas_visitor_status,
    'A' as overseas_charging_category,
    '' as service_code,
    split_part(coalesce(procedure_and_group, ''), '|', 1) as primary_procedure,
    case
        -- several professionals at once
        when attended in ('5', '6') and uniform('team', event_id) < 0.03 then 'X622'
        when procedure_and_group like 'C873%' then 'Z943'
        else ''
    end as secondary_procedures,
    case
        when first_or_follow_up in ('1', '2') then '01'
        when uniform('video', event_id) < 0.2 then '11'
        else '02'
    end as consultation_medium,
    case
        when attended not in ('5', '6') then ''
        when coalesce(procedure_and_group, '') <> '' then split_part(procedure_and_group, '|', 2)
        else map {'1': 'WF01B', '2': 'WF01A', '3': 'WF01D', '4': 'WF01C'}[first_or_follow_up]
    end as hrg_code
from clinic
