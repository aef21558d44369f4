with

reported as (
    select
        feed,
        submission_id,
        column_name,
        rule,
        severity
    from {{ ref('stg_error_report') }}
),

final as (
    select
        feed,
        submission_id,
        column_name,
        rule,
        severity,
        count(*) as row_count
    from reported
    group by all
)

select * from final
