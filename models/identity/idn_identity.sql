with

apc_episode as (
    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        cds_unique_identifier,
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
        cds_unique_identifier,
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
        cds_unique_identifier,
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
        null::varchar as cds_unique_identifier,
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
        null::varchar as cds_unique_identifier,
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
        null::varchar as cds_unique_identifier,
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

submission as (
    select
        submission_id,
        sender_organisation_code
    from {{ ref('stg_submission') }}
),

final as (
    select
        recorded.feed,
        recorded.submission_id,
        recorded.source_row,
        case
            when recorded.withheld_identity_reason is not null then 'one_time'
            when recorded.nhs_number is not null then 'nhs_number'
            when recorded.source_person_id is not null then 'source_person_id'
            else 'one_time'
        end as identity_type,
        case identity_type
            when 'nhs_number' then recorded.nhs_number
            when 'source_person_id' then recorded.source_person_id
            -- of the record, not of the file: a record that is sent again stays the same person
            else {{ length_prefixed([
                'recorded.feed',
                'submission.sender_organisation_code',
                'recorded.cds_unique_identifier',
            ]) }}
        end as identity_value
    from recorded
    inner join submission on recorded.submission_id = submission.submission_id
)

select * from final
