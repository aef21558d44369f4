with

submission_count as (
    select
        submission_id,
        step,
        row_count
    from {{ ref('stg_submission_count') }}
),

submission as (
    select
        submission_id,
        feed,
        layout
    from {{ ref('stg_submission') }}
),

handed_over as (
    select
        submission_id,
        count(*) as row_count
    from {{ ref('idn_record') }}
    group by submission_id
),

counted as (
    select
        submission_id,
        step,
        row_count
    from submission_count
    union all
    select
        submission_id,
        'handed_over' as step,
        row_count
    from handed_over
),

final as (
    select
        submission.feed,
        submission.layout,
        counted.submission_id,
        counted.step,
        counted.row_count
    from counted
    inner join submission using (submission_id)
)

select * from final
