with

restricted_code as (
    select
        code_system,
        code_prefix
    from {{ ref('legally_restricted_code') }}
    where {{ in_force('valid_from', 'valid_to', release_date()) }}
),

-- Every code that came with a record, not only the main one.
coded as (
    select
        record_key,
        'ICD-10' as code_system,
        diagnosis_code as code
    from {{ ref('brg_diagnosis') }}
    union all
    select
        record_key,
        'OPCS-4' as code_system,
        procedure_code as code
    from {{ ref('brg_procedure') }}
),

restricted_record as (
    select coded.record_key
    from coded
    inner join restricted_code
        on
            coded.code_system = restricted_code.code_system
            and starts_with(coded.code, restricted_code.code_prefix)
    union
    -- a code in no form of the classification could hide a restricted one
    select record_key
    from coded
    where not regexp_full_match(code, '[A-Z][0-9]{2}[0-9X]?[0-9]?')
),

restricted_activity as (
    select distinct coalesce(episode.spell_key, restricted_record.record_key) as activity_key
    from restricted_record
    left join {{ ref('fct_apc_episode') }} as episode
        on restricted_record.record_key = episode.record_key
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

sensitive_person as (
    select surviving_person_key as person_key
    from {{ ref('dim_person') }}
    where is_sensitive
    union
    select person_key
    from {{ ref('hnd_sensitive_record_person') }}
),

objection as (
    select person_key
    from {{ ref('gov_objection_in_force') }}
),

-- objections are made by NHS number: of anybody else nobody knows whether there is one
known_person as (
    select distinct surviving_person_key as person_key
    from {{ ref('dim_person') }}
),

activity as (
    select
        activity_key,
        person_key,
        is_person_established
    from {{ ref('fct_activity') }}
),

final as (
    select
        activity.activity_key,
        restricted_activity.activity_key is not null as is_legally_restricted,
        withheld.activity_key is not null as is_identity_withheld,
        sensitive_person.person_key is not null as is_sensitive_person,
        objection.person_key is not null as is_opted_out,
        coalesce(activity.is_person_established, false) and known_person.person_key is not null
            as is_known_person
    from activity
    left join restricted_activity using (activity_key)
    left join withheld using (activity_key)
    left join sensitive_person using (person_key)
    left join objection using (person_key)
    left join known_person using (person_key)
)

select * from final
