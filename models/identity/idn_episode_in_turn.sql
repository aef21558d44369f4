-- Each episode meets the one before it only, each spell the one before it only.
with

traced as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where
        feed = 'apc_episode'
        and identity_type <> 'one_time'
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
            episode.submission_id = traced.submission_id
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

final as (
    select
        episode_of_person.submission_id,
        episode_of_person.source_row,

        coalesce(episode_of_person.episode_start_date > episode_of_person.previous_end_date, false)
            as is_after_gap,
        coalesce(
            spell_in_turn.provider_code <> spell_in_turn.previous_provider_code
            and spell_in_turn.admission_date < spell_in_turn.previous_discharge_date,
            false
        ) as is_admitted_during_other_stay
    from episode_of_person
    left join spell_in_turn
        using (identity_type, identity_value, provider_code, hospital_spell_number)
)

select * from final
