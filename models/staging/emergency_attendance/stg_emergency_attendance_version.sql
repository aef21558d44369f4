-- Which version of which record each row is, and what became of it: the submission protocol.
with checked as (
    select
        submission_id,
        source_row,
        cds_unique_identifier,
        cds_update_type,
        cds_applicable_at,
        arrival_date,
        errors
    from {{ ref('stg_emergency_attendance_checked') }}
),

submission as (
    select
        submission_id,
        sender_organisation_code,
        prime_recipient_code,
        protocol,
        received_on,
        extract_at,
        applicable_at
    from {{ ref('stg_submission') }}
),

bulk_day as (
    select
        sender_organisation_code,
        bulk_replacement_group,
        activity_date,
        bulk_files
    from {{ ref('stg_bulk_day') }}
    where feed = 'emergency_attendance'
),

timed as (
    select
        checked.submission_id,
        checked.source_row,
        checked.cds_unique_identifier,
        submission.sender_organisation_code,
        submission.prime_recipient_code,
        submission.received_on,
        {{ bulk_replacement_group('emergency_attendance', 'checked') }} as bulk_replacement_group,
        {{ activity_date('emergency_attendance', 'checked') }} as activity_date,
        {{ version_time() }} as version_at,
        coalesce(checked.cds_update_type = '1', false) as is_delete,
        {{ is_rejected('checked.errors') }} as is_rejected
    from checked
    inner join submission on checked.submission_id = submission.submission_id
),

versioned as (
    select
        submission_id,
        source_row,
        sender_organisation_code,
        prime_recipient_code,
        bulk_replacement_group,
        activity_date,
        version_at,
        received_on,
        is_delete,
        is_rejected,
        min(received_on) over later as superseded_on,
        last_value(is_delete) over later as is_next_a_delete
    from timed
    window later as {{ later_versions(['cds_unique_identifier']) }}
),

replaced as (
    select
        versioned.submission_id,
        versioned.source_row,
        versioned.activity_date,
        versioned.received_on,
        versioned.superseded_on,
        versioned.is_delete,
        versioned.is_next_a_delete,
        versioned.is_rejected,
        {{ replaced_on() }} as replaced_on
    from versioned
    left join bulk_day
        on
            versioned.sender_organisation_code = bulk_day.sender_organisation_code
            and versioned.bulk_replacement_group = bulk_day.bulk_replacement_group
            and versioned.activity_date = bulk_day.activity_date
),

final as (
    select
        submission_id,
        source_row,
        activity_date,
        received_on as known_from,
        least(superseded_on, replaced_on) as known_until,
        {{ record_fate() }} as fate
    from replaced
)

select * from final
