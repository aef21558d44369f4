{% set exclusions = [
    'test_dropped', 'after_cut', 'rejected', 'refused_type_1', 'superseded', 'deleted',
    'delete_requests', 'replaced_by_bulk', 'stays_behind_wall', 'said_before', 'totals_left_out',
    'not_in_force', 'type_1_objections', 'further_records', 'further_episodes', 'no_activity',
] -%}
with

reconciliation as (
    select
        feed,
        sum(received)::bigint as received,
        sum(test_dropped)::bigint as test_dropped,
        sum(after_cut)::bigint as after_cut,
        sum(rejected)::bigint as rejected,
        sum(refused_type_1)::bigint as refused_type_1,
        sum(superseded)::bigint as superseded,
        sum(deleted)::bigint as deleted,
        sum(delete_requests)::bigint as delete_requests,
        sum(replaced_by_bulk)::bigint as replaced_by_bulk,
        sum(accepted)::bigint as accepted,
        sum(handed_over)::bigint as handed_over,
        sum(repeated)::bigint as repeated
    from {{ ref('hnd_reconciliation') }}
    group by feed
),

row_count as (
    select
        feed,
        hand_over_rows,
        core_rows,
        totals_left_out,
        said_before,
        not_in_force,
        type_1_objections,
        further_records,
        further_episodes,
        activity_rows
    from {{ ref('dq_row_count') }}
),

staged as (
    select
        feed,
        '1 staged' as step,
        received as rows_in,
        test_dropped,
        after_cut,
        rejected,
        refused_type_1,
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        accepted as rows_out
    from reconciliation
),

handed_over as (
    select
        feed,
        '2 handed over' as step,
        accepted as rows_in,
        repeated as said_before,
        -- places only serve to make areas behind the wall
        case when handed_over is null then accepted end as stays_behind_wall,
        coalesce(handed_over, 0) as rows_out
    from reconciliation
),

core as (
    select
        feed,
        '3 core' as step,
        hand_over_rows as rows_in,
        totals_left_out,
        said_before,
        not_in_force,
        type_1_objections,
        further_records,
        core_rows as rows_out
    from row_count
    where core_rows is not null
),

activity as (
    select
        feed,
        '4 activity' as step,
        core_rows as rows_in,
        further_episodes,
        -- only these feeds are counted as activity
        case
            when feed not in ('apc_episode', 'outpatient_appointment', 'emergency_attendance')
                then core_rows
        end as no_activity,
        activity_rows as rows_out
    from row_count
    where core_rows is not null
),

step as (
    select * from staged
    union all by name
    select * from handed_over
    union all by name
    select * from core
    union all by name
    select * from activity
),

excluded as (
    select
        feed,
        step,
        rows_in,
        {%- for exclusion in exclusions %}
            coalesce({{ exclusion }}, 0) as {{ exclusion }},
        {%- endfor %}
        rows_out
    from step
),

final as (
    select
        feed,
        step,

        rows_in,
        {{ exclusions | join(',\n        ') }},
        rows_out,
        rows_in - {{ exclusions | join(' - ') }} - rows_out as unexplained
    from excluded
)

select * from final
