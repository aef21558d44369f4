-- Nothing is lost without a word: what was received = test + after the cut + rejected + refused for
-- an objection + superseded + deletions and what they deleted + replaced by bulk + accepted.
with submission as (
    select
        submission_id,
        feed,
        rows_received,
        is_test,
        is_known
    from {{ ref('stg_submission') }}
),

row_count as (
    select
        submission_id,
        feed,
        landed,
        rejected,
        refused_type_1,
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        accepted
    from {{ ref('stg_row_count') }}
),

-- a landing file without an envelope, or the reverse, stays visible here and fails a test
counted as (
    select
        coalesce(submission.submission_id, row_count.submission_id) as submission_id,
        coalesce(submission.feed, row_count.feed) as feed,
        submission.rows_received as received,
        coalesce(row_count.landed, 0) as landed,
        case when submission.is_test then coalesce(row_count.landed, 0) else 0 end as test_dropped,
        case
            when not submission.is_test and not submission.is_known
                then coalesce(row_count.landed, 0)
            else 0
        end as after_cut,
        coalesce(row_count.rejected, 0) as rejected,
        coalesce(row_count.refused_type_1, 0) as refused_type_1,
        coalesce(row_count.superseded, 0) as superseded,
        coalesce(row_count.deleted, 0) as deleted,
        coalesce(row_count.delete_requests, 0) as delete_requests,
        coalesce(row_count.replaced_by_bulk, 0) as replaced_by_bulk,
        coalesce(row_count.accepted, 0) as accepted
    from submission
    full outer join row_count
        on submission.submission_id = row_count.submission_id and submission.feed = row_count.feed
),

final as (
    select
        submission_id,
        feed,
        received,
        landed,
        test_dropped,
        after_cut,
        rejected,
        refused_type_1,
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        accepted,
        received
        - test_dropped
        - after_cut
        - rejected
        - refused_type_1
        - superseded
        - deleted
        - delete_requests
        - replaced_by_bulk
        - accepted as unexplained
    from counted
)

select * from final
