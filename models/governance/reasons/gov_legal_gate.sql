with

restricted_code as (
    select
        code_system,
        code_prefix
    from {{ ref('legally_restricted_code') }}
    where {{ in_force('valid_from', 'valid_to', release_date()) }}
),

restricted_spell as (
    select distinct episode.spell_key as activity_key
    from {{ ref('fct_apc_episode') }} as episode
    inner join restricted_code
        on
            starts_with(
                case restricted_code.code_system
                    when 'ICD-10' then episode.primary_diagnosis
                    when 'OPCS-4' then episode.primary_procedure
                end,
                restricted_code.code_prefix
            )
),

withheld as (
    select spell_key as activity_key
    from {{ ref('fct_apc_spell') }}
    where withheld_identity_reason is not null
    union all
    select record_key as activity_key
    from {{ ref('fct_outpatient_appointment') }}
    where withheld_identity_reason is not null
    union all
    select record_key as activity_key
    from {{ ref('fct_emergency_attendance') }}
    where withheld_identity_reason is not null
),

activity as (
    select activity_key
    from {{ ref('fct_activity') }}
),

final as (
    select
        activity.activity_key,
        restricted_spell.activity_key is not null as is_legally_restricted,
        withheld.activity_key is not null as is_identity_withheld
    from activity
    left join restricted_spell using (activity_key)
    left join withheld using (activity_key)
)

select * from final
