-- Episodes that stand twice: the same care of one person under other ids of the same provider.
with

traced as (
    select
        submission_id,
        source_row,
        identity_type,
        identity_value
    from {{ ref('idn_trace') }}
    where feed = 'apc_episode' and identity_type <> 'one_time'
),

episode as (
    select
        submission_id,
        source_row,
        provider_code,
        admission_date,
        episode_start_date,
        episode_end_date,
        episode_number,
        primary_diagnosis
    from {{ ref('stg_apc_episode') }}
),

in_turn as (
    select
        episode.submission_id,
        episode.source_row,
        row_number() over (
            partition by
                traced.identity_type,
                traced.identity_value,
                episode.provider_code,
                episode.admission_date,
                episode.episode_start_date,
                episode.episode_end_date,
                episode.episode_number,
                episode.primary_diagnosis
            order by episode.submission_id, episode.source_row
        ) as turn
    from episode
    inner join traced
        on
            episode.submission_id = traced.submission_id
            and episode.source_row = traced.source_row
),

final as (
    select
        'apc_episode' as feed,
        submission_id,
        source_row,
        'cds_unique_identifier' as column_name,
        'recorded_again' as rule -- noqa: RF04
    from in_turn
    where turn > 1
)

select * from final
