-- Rows of the feed apc_episode, in the column order of its contract.
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
    '' as service_code
from identified
