-- What cannot be right between records of one person. Each record meets the one before it only.
with

traced as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where
        feed = 'emergency_attendance'
        and identity_type <> 'one_time'
),

record_of_the_dead as (
    select
        feed,
        submission_id,
        source_row,
        is_after_death
    from {{ ref('idn_record_of_the_dead') }}
),

episode_in_turn as (
    select
        submission_id,
        source_row,
        is_after_gap,
        is_admitted_during_other_stay
    from {{ ref('idn_episode_in_turn') }}
),

attendance as (
    select
        submission_id,
        source_row,
        provider_code,
        arrival_date + arrival_time as arrived_at
    from {{ ref('stg_emergency_attendance') }}
),

attendance_in_turn as (
    select
        attendance.submission_id,
        attendance.source_row,
        attendance.arrived_at,
        lag(attendance.arrived_at) over (
            partition by
                traced.identity_type,
                traced.identity_value,
                attendance.provider_code
            order by
                attendance.arrived_at,
                attendance.submission_id,
                attendance.source_row
        ) as previous_arrived_at
    from attendance
    inner join traced
        on
            attendance.submission_id = traced.submission_id
            and attendance.source_row = traced.source_row
),

final as (
    select
        feed,
        submission_id,
        source_row,
        'date_of_death' as column_name,
        'care_after_death' as rule -- noqa: RF04
    from record_of_the_dead
    where is_after_death

    union all

    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        'episode_start_date' as column_name,
        'gap_between_episodes' as rule -- noqa: RF04
    from episode_in_turn
    where is_after_gap

    union all

    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        'admission_date' as column_name,
        'in_hospital_elsewhere' as rule -- noqa: RF04
    from episode_in_turn
    where is_admitted_during_other_stay

    union all

    select
        'emergency_attendance' as feed,
        submission_id,
        source_row,
        'arrival_time' as column_name,
        'again_within_an_hour' as rule -- noqa: RF04
    from attendance_in_turn
    where {{ is_again_within_an_hour('previous_arrived_at', 'arrived_at') }}
)

select * from final
