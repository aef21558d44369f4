-- Nothing is lost without a word: what was received = test + rejected + superseded + accepted.
{% set feeds = [
    'person',
    'gp_registration',
    'postcode_directory',
    'objection',
    'apc_episode',
    'outpatient_appointment',
    'emergency_attendance',
] %}

with submission as (
    select
        submission_id,
        feed,
        rows_received,
        is_test
    from {{ ref('stg_submission') }}
),

landed as (
    {%- for feed in feeds %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) as landed
        from {{ source('landing_' ~ feed, feed) }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

checked as (
    {%- for feed in feeds %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) as rows_checked,
            count(*) filter (where {{ is_rejected('errors') }}) as rejected
        from {{ ref('stg_' ~ feed ~ '_checked') }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

accepted as (
    {%- for feed in feeds %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) as accepted
        from {{ ref('stg_' ~ feed) }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

-- a landing file without an envelope, or the reverse, stays visible here and fails a test
counted as (
    select
        coalesce(submission.submission_id, landed.submission_id) as submission_id,
        coalesce(submission.feed, landed.feed) as feed,
        submission.rows_received as received,
        coalesce(landed.landed, 0) as landed,
        case when submission.is_test then coalesce(landed.landed, 0) else 0 end as test_dropped,
        coalesce(checked.rows_checked, 0) as rows_checked,
        coalesce(checked.rejected, 0) as rejected,
        coalesce(accepted.accepted, 0) as accepted
    from submission
    full outer join landed
        on submission.submission_id = landed.submission_id and submission.feed = landed.feed
    left join checked
        on landed.submission_id = checked.submission_id and landed.feed = checked.feed
    left join accepted
        on landed.submission_id = accepted.submission_id and landed.feed = accepted.feed
),

final as (
    select
        submission_id,
        feed,
        received,
        landed,
        test_dropped,
        rejected,
        rows_checked - rejected - accepted as superseded,
        accepted,
        received - test_dropped - rows_checked as unexplained
    from counted
)

select * from final
