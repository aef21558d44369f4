with

registration as (
    select
        submission_id,
        source_row,
        practice_code,
        registered_from,
        registered_to
    from {{ ref('stg_gp_registration') }}
),

identity as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where feed = 'gp_registration'
),

person_key as (
    select
        identity_type,
        identity_value,
        person_key
    from {{ ref('idn_person_key') }}
),

final as (
    select distinct
        person_key.person_key,
        registration.practice_code,
        registration.registered_from,
        registration.registered_to
    from registration
    inner join identity using (submission_id, source_row)
    inner join person_key using (identity_type, identity_value)
)

select * from final
