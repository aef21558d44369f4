with

hand_over as (
    {%- for feed in care_feeds() %}
        select
            '{{ feed }}' as feed,
            count(*) as hand_over_rows
        from {{ ref('hnd_' ~ feed) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

core as (
    {%- for feed in care_feeds() %}
        select
            '{{ feed }}' as feed,
            count(*) as core_rows
        from {{ ref(core_model(feed)) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

waiting_period as (
    select
        'referral_to_treatment_pathway' as feed,
        coalesce(sum(record_count) - count(*), 0)::bigint as further_records
    from {{ ref('fct_rtt_pathway') }}
),

spell as (
    select
        'apc_episode' as feed,
        coalesce(sum(episode_count) - count(*), 0)::bigint as further_episodes
    from {{ ref('fct_apc_spell') }}
),

activity as (
    select
        case setting
            when 'admitted' then 'apc_episode'
            when 'outpatient' then 'outpatient_appointment'
            when 'emergency' then 'emergency_attendance'
        end as feed,
        count(*) as activity_rows
    from {{ ref('fct_activity') }}
    group by setting
),

final as (
    select
        hand_over.feed,
        hand_over.hand_over_rows,
        core.core_rows,
        coalesce(waiting_period.further_records, 0) as further_records,
        coalesce(spell.further_episodes, 0) as further_episodes,
        coalesce(activity.activity_rows, 0) as activity_rows
    from hand_over
    inner join core using (feed)
    left join waiting_period using (feed)
    left join spell using (feed)
    left join activity using (feed)
)

select * from final
