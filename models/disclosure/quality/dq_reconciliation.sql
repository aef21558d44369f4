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
        sum(handed_over)::bigint as handed_over
    from {{ ref('hnd_reconciliation') }}
    group by feed
),

row_count as (
    select
        feed,
        hand_over_rows,
        core_rows,
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
        reconciliation.feed,
        '2 handed over' as step,
        reconciliation.accepted as rows_in,
        coalesce(reconciliation.handed_over, 0) as rows_out
    from reconciliation
    inner join row_count using (feed)
),

core as (
    select
        feed,
        '3 core' as step,
        hand_over_rows as rows_in,
        further_records,
        core_rows as rows_out
    from row_count
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
        coalesce(test_dropped, 0) as test_dropped,
        coalesce(after_cut, 0) as after_cut,
        coalesce(rejected, 0) as rejected,
        coalesce(refused_type_1, 0) as refused_type_1,
        coalesce(superseded, 0) as superseded,
        coalesce(deleted, 0) as deleted,
        coalesce(delete_requests, 0) as delete_requests,
        coalesce(replaced_by_bulk, 0) as replaced_by_bulk,
        coalesce(further_records, 0) as further_records,
        coalesce(further_episodes, 0) as further_episodes,
        coalesce(no_activity, 0) as no_activity,
        rows_out
    from step
),

final as (
    select
        feed,
        step,

        rows_in,
        test_dropped,
        after_cut,
        rejected,
        refused_type_1,
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        further_records,
        further_episodes,
        no_activity,
        rows_out,
        rows_in
        - test_dropped
        - after_cut
        - rejected
        - refused_type_1
        - superseded
        - deleted
        - delete_requests
        - replaced_by_bulk
        - further_records
        - further_episodes
        - no_activity
        - rows_out as unexplained
    from excluded
)

select * from final
