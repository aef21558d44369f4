-- What cannot be right between records of one person. Each record meets the one before it only.
with

traced as (
    select
        feed,
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where identity_type <> 'one_time'
),

record_of_the_dead as (
    select
        feed,
        submission_id,
        source_row,
        is_after_death
    from {{ ref('idn_record_of_the_dead') }}
),

episode as (
    select
        submission_id,
        source_row,
        provider_code,
        hospital_spell_number,
        admission_date,
        discharge_date,
        episode_start_date,
        episode_end_date
    from {{ ref('stg_apc_episode') }}
    where hospital_spell_number is not null
),

attendance as (
    select
        submission_id,
        source_row,
        provider_code,
        arrival_date + arrival_time as arrived_at
    from {{ ref('stg_emergency_attendance') }}
),

episode_of_person as (
    select
        episode.*,
        traced.identity_type,
        traced.identity_value,
        lag(episode.episode_end_date) over (
            partition by
                traced.identity_type,
                traced.identity_value,
                episode.provider_code,
                episode.hospital_spell_number
            order by
                episode.episode_start_date,
                episode.episode_end_date nulls last,
                episode.submission_id,
                episode.source_row
        ) as previous_end_date
    from episode
    inner join traced
        on
            traced.feed = 'apc_episode'
            and episode.submission_id = traced.submission_id
            and episode.source_row = traced.source_row
),

spell as (
    select
        identity_type,
        identity_value,
        provider_code,
        hospital_spell_number,
        min(admission_date) as admission_date,
        max(discharge_date) as discharge_date
    from episode_of_person
    group by
        identity_type,
        identity_value,
        provider_code,
        hospital_spell_number
),

spell_in_turn as (
    select
        *,
        lag(provider_code) over in_turn as previous_provider_code,
        lag(discharge_date) over in_turn as previous_discharge_date
    from spell
    window in_turn as (
        partition by identity_type, identity_value
        order by admission_date, discharge_date, provider_code, hospital_spell_number
    )
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
            traced.feed = 'emergency_attendance'
            and attendance.submission_id = traced.submission_id
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
    from episode_of_person
    where episode_start_date > previous_end_date

    union all

    select
        'apc_episode' as feed,
        episode_of_person.submission_id,
        episode_of_person.source_row,
        'admission_date' as column_name,
        'in_hospital_elsewhere' as rule -- noqa: RF04
    from episode_of_person
    inner join spell_in_turn
        using (identity_type, identity_value, provider_code, hospital_spell_number)
    where
        spell_in_turn.provider_code <> spell_in_turn.previous_provider_code
        and spell_in_turn.admission_date < spell_in_turn.previous_discharge_date

    union all

    select
        'emergency_attendance' as feed,
        submission_id,
        source_row,
        'arrival_time' as column_name,
        'again_within_an_hour' as rule -- noqa: RF04
    from attendance_in_turn
    where arrived_at - previous_arrived_at < to_hours(1)
)

select * from final
