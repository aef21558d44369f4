with

hand_over as (
    {%- for feed in crossing_feeds() %}
        select
            '{{ feed }}' as feed,
            count(*) as hand_over_rows
        from {{ ref(hand_over_model(feed)) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

core as (
    {%- for feed in feeds_with_core_model() %}
        select
            '{{ feed }}' as feed,
            count(*) as core_rows
        from {{ ref(core_model(feed)) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
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

left_out as (
    select
        feed,
        coalesce(sum(row_count) filter (where reason = 'totals'), 0)::bigint as totals_left_out,
        coalesce(sum(row_count) filter (where reason = 'said_before'), 0)::bigint as said_before,
        coalesce(sum(row_count) filter (where reason = 'not_in_force'), 0)::bigint as not_in_force,
        coalesce(sum(row_count) filter (where reason = 'type_1'), 0)::bigint as type_1_objections,
        coalesce(sum(row_count) filter (where reason = 'further_record'), 0)::bigint
            as further_records,
        coalesce(sum(row_count) filter (where reason = 'further_episode'), 0)::bigint
            as further_episodes
    from {{ ref('dq_left_out') }}
    group by feed
),

final as (
    select
        hand_over.feed,
        hand_over.hand_over_rows,
        core.core_rows,
        coalesce(left_out.totals_left_out, 0) as totals_left_out,
        coalesce(left_out.said_before, 0) as said_before,
        coalesce(left_out.not_in_force, 0) as not_in_force,
        coalesce(left_out.type_1_objections, 0) as type_1_objections,
        coalesce(left_out.further_records, 0) as further_records,
        coalesce(left_out.further_episodes, 0) as further_episodes,
        coalesce(activity.activity_rows, 0) as activity_rows
    from hand_over
    left join core using (feed)
    left join left_out using (feed)
    left join activity using (feed)
)

select * from final
