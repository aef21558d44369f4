with

apc_episode as (
    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        withheld_identity_reason,
        nhs_number,
        source_person_id
    from {{ ref('stg_apc_episode') }}
),

outpatient_appointment as (
    select
        'outpatient_appointment' as feed,
        submission_id,
        source_row,
        withheld_identity_reason,
        nhs_number,
        null::varchar as source_person_id
    from {{ ref('stg_outpatient_appointment') }}
),

emergency_attendance as (
    select
        'emergency_attendance' as feed,
        submission_id,
        source_row,
        withheld_identity_reason,
        nhs_number,
        source_person_id
    from {{ ref('stg_emergency_attendance') }}
),

person as (
    select
        'person' as feed,
        submission_id,
        source_row,
        null::varchar as withheld_identity_reason,
        nhs_number,
        null::varchar as source_person_id
    from {{ ref('stg_person') }}
),

gp_registration as (
    select
        'gp_registration' as feed,
        submission_id,
        source_row,
        null::varchar as withheld_identity_reason,
        nhs_number,
        null::varchar as source_person_id
    from {{ ref('stg_gp_registration') }}
),

objection as (
    select
        'objection' as feed,
        submission_id,
        source_row,
        null::varchar as withheld_identity_reason,
        nhs_number,
        null::varchar as source_person_id
    from {{ ref('stg_objection') }}
),

recorded as (
    select * from apc_episode
    union all
    select * from outpatient_appointment
    union all
    select * from emergency_attendance
    union all
    select * from person
    union all
    select * from gp_registration
    union all
    select * from objection
),

final as (
    select
        feed,
        submission_id,
        source_row,
        case
            when withheld_identity_reason is not null then 'one_time'
            when nhs_number is not null then 'nhs_number'
            when source_person_id is not null then 'source_person_id'
            else 'one_time'
        end as identity_type,
        case identity_type
            when 'nhs_number' then nhs_number
            when 'source_person_id' then source_person_id
            else {{ length_prefixed(['feed', 'submission_id', 'source_row::varchar']) }}
        end as identity_value
    from recorded
)

select * from final
