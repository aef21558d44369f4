with

objection as (
    select
        submission_id,
        source_row,
        kind,
        valid_from,
        valid_to
    from {{ ref('stg_objection') }}
),

identity as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where feed = 'objection'
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
        objection.kind,
        objection.valid_from,
        objection.valid_to
    from objection
    inner join identity using (submission_id, source_row)
    inner join person_key using (identity_type, identity_value)
)

select * from final
