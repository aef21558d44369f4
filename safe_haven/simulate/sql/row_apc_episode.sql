-- Rows of the feed apc_episode, in the column order of its contract.
with coded as (
    select
        *,
        -- What a person has, has in every stay; the rest comes with the stay.
        list_filter([
            if(age >= 50 and uniform('hypertension', person_id) < 0.40, 'I10X', ''),
            if(age >= 45 and uniform('diabetes', person_id) < 0.15, 'E119', ''),
            if(age >= 55 and uniform('lung disease', person_id) < 0.12, 'J449', ''),
            if(age >= 55 and uniform('old infarction', person_id) < 0.08, 'I252', ''),
            if(age >= 65 and uniform('fibrillation', person_id) < 0.15, 'I489', ''),
            if(age >= 65 and uniform('kidney disease', person_id) < 0.15, 'N183', ''),
            if(age >= 70 and uniform('heart failure', person_id) < 0.12, 'I500', ''),
            if(age >= 78 and uniform('dementia', person_id) < 0.15, 'F03X', ''),
            if(age < 55 and uniform('asthma', person_id) < 0.08, 'J459', ''),
            if(kind = 'emergency' and age >= 75 and uniform('falls', event_id) < 0.2, 'R296', ''),
            if(kind = 'emergency' and age >= 65 and uniform('urine', event_id) < 0.12, 'N390', ''),
            if(kind = 'emergency' and age >= 75 and uniform('delirium', event_id) < 0.08, 'F059', ''),
            if(kind = 'emergency' and uniform('dehydrated', event_id) < 0.04, 'E86X', ''),
            if(primary_procedure in ('R249', 'R171', 'R172'), 'Z370', ''),
            -- A code that the law restricts, among the codes after the main one.
            if(kind = 'maternity' and uniform('infertility before', person_id) < 0.03, 'Z350', '')
        ], lambda code : code not in ('', primary_diagnosis)) as secondary_codes
    from identified
)

select
    report_index + sending as report_index,
    episodes = 1 and not is_canary and not sent_again and episode_end is not null as is_plain,
    record_id('A', is_canary, own_nhs_number, event_id) as cds_unique_identifier,
    '' as update_type,
    '' as applicable_at,
    nhs_number,
    '' as source_person_id,
    local_patient_id,
    if(is_withheld, '', hospital_spell_number) as hospital_spell_number,
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
    case
        when uniform('private', identity_id) < if(len(provider_code) = 3, 0.01, 0.15) then '02'
        else '01'
    end as administrative_category,
    case
        when kind in ('day case', 'infertility') then '2'
        when kind = 'regular day' then '3'
        when kind = 'maternity' and uniform('delivery only', identity_id) < 0.1 then '5'
        else '1'
    end as patient_classification,
    case kind
        when 'birth' then '82'
        when 'maternity' then pick(['31', '31', '31', '32'], 'admission method', identity_id)
        when 'emergency'
            then pick([
                    '21', '21', '21', '21', '21', '21', '21', '22', '22', '23', '24',
                    '2A', '2B', '2D'
                ], 'admission method', identity_id)
        when 'transfer' then '81'
        when 'regular day' then '13'
        else pick(['11', '11', '12', '13'], 'admission method', identity_id)
    end as admission_method,
    case
        when kind = 'birth' then '79'
        when kind = 'transfer' then '51'
        when kind = 'emergency' and age >= 75 and uniform('from care home', identity_id) < 0.08
            then '65'
        else '19'
    end as source_of_admission,
    admission_date::varchar as admission_date,
    episode::varchar as episode_number,
    if(episode_end is null, '1', '3') as episode_status,
    episode_start::varchar as episode_start_date,
    coalesce(episode_end::varchar, '') as episode_end_date,
    coalesce(discharge_date::varchar, '') as discharge_date,
    case
        when discharge_date is null then '8'
        when died then '4'
        when uniform('own discharge', identity_id) < 0.01 then '2'
        else '1'
    end as discharge_method,
    case
        when discharge_date is null then '98'
        when died then '79'
        when kind = 'emergency' and age >= 75 and uniform('to care home', identity_id) < 0.1
            then '65'
        when kind in ('emergency', 'elective') and uniform('moved on', identity_id) < 0.04
            then '51'
        else '19'
    end as discharge_destination,
    treatment_function_code,
    case treatment_function_code
        when '424' then '420'
        when '328' then '300'
        when '103' then '100'
        else treatment_function_code
    end as main_specialty_code,
    -- Not yet coded when first sent.
    if(sent_again and sending = 0, 'R69X', primary_diagnosis) as primary_diagnosis,
    primary_procedure,
    case
        when not is_withheld then ''
        when is_withheld_by_law then '01'
        else '03'
    end as withheld_identity_reason,
    '8' as overseas_visitor_status,
    'A' as overseas_charging_category,
    '' as service_code,
    if(sent_again and sending = 0, '', array_to_string(secondary_codes, ';')) as secondary_diagnoses,
    if(primary_procedure = '', '', episode_start::varchar) as primary_procedure_date,
    case
        when primary_procedure in ('C751', 'W401', 'W371', 'W852', 'A651')
            then concat(
                    pick(['Z942', 'Z943'], 'side', identity_id), '@', episode_start, ';Y803@',
                    episode_start
                )
        when kind = 'emergency' and primary_procedure <> '' then concat('Y981@', episode_start)
        else ''
    end as secondary_procedures,
    if(sent_again and sending = 0, '', hrg_code) as hrg_code,
    if(sent_again and sending = 0, '', spell_hrg_code) as spell_hrg_code,
    case
        when discharge_date is null or died or kind not in ('emergency', 'elective') then ''
        when kind = 'emergency' and age >= 65 and uniform('delayed', identity_id) < 0.12
            then greatest(
                    discharge_date - (1 + below('delay', identity_id, 9)), admission_date
                )::varchar
        else discharge_date::varchar
    end as discharge_ready_date,
    case
        when kind = 'emergency' and age >= 75 and days >= 14 and discharge_date is not null
            and uniform('rehabilitation', identity_id) < 0.2
            then (1 + below('rehabilitation days', identity_id, 7))::varchar
        else ''
    end as rehabilitation_days,
    case
        when died and days >= 5 and discharge_date is not null
            and uniform('palliative', identity_id) < 0.2
            then (1 + below('palliative days', identity_id, 4))::varchar
        else ''
    end as specialist_palliative_care_days
from coded
