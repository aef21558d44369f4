with

submission as (
    select
        submission_id,
        layout
    from {{ ref('stg_submission') }}
),

counted as (
    select
        submission_id,
        feed,
        received,
        test_dropped,
        after_cut,
        rejected,
        refused_type_1,
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        accepted,
        unexplained
    from {{ ref('stg_submission_count') }}
),

handed_over as (
    select
        feed,
        submission_id,
        handed_over,
        repeated
    from {{ ref('hnd_record_count') }}
),

final as (
    select
        counted.feed,
        submission.layout,
        counted.submission_id,
        counted.received,
        counted.test_dropped,
        counted.after_cut,
        counted.rejected,
        counted.refused_type_1,
        counted.superseded,
        counted.deleted,
        counted.delete_requests,
        counted.replaced_by_bulk,
        counted.accepted,
        counted.unexplained,
        case
            when
                counted.feed in (
                    {%- for feed in care_feeds() + whole_feeds() + register_feeds() %}
                        '{{ feed }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then coalesce(handed_over.handed_over, 0)
        end as handed_over,
        coalesce(handed_over.repeated, 0) as repeated
    from counted
    inner join submission using (submission_id)
    left join handed_over using (feed, submission_id)
)

select * from final
