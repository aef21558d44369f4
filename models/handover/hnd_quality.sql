with

reported as (
    select
        feed,
        submission_id,
        column_name,
        rule,
        severity
    from {{ ref('stg_error_report') }}

    union all

    select
        feed,
        submission_id,
        column_name,
        rule,
        'note' as severity
    from {{ ref('stg_quality_finding') }}

    union all

    select
        feed,
        submission_id,
        column_name,
        rule,
        'note' as severity
    from {{ ref('idn_quality_finding') }}

    union all

    select
        feed,
        submission_id,
        column_name,
        rule,
        'note' as severity
    from {{ ref('idn_repeated_episode') }}
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
