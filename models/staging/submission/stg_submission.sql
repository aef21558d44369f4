-- The envelope of every submission, test files included: they are counted, then dropped.
with landed as (
    select
        submission_id,
        feed,
        layout,
        sender_organisation_code,
        file_name,
        file_sha256,
        landed_sha256,
        rows_received,
        received_on,
        extract_at,
        test_indicator,
        protocol,
        period_start,
        period_end
    from {{ source('landing_submission', 'submission') }}
),

final as (
    select
        submission_id,
        feed,
        layout,
        sender_organisation_code,
        file_name,
        file_sha256,
        landed_sha256,
        protocol,
        try_cast(received_on as date) as received_on,
        try_cast(extract_at as timestamp) as extract_at,
        try_cast(nullif(period_start, '') as date) as period_start,
        try_cast(nullif(period_end, '') as date) as period_end,
        try_cast(rows_received as bigint) as rows_received,
        -- an unreadable indicator counts as a test: in doubt a file is not used
        coalesce(test_indicator, '') <> '0' as is_test
    from landed
)

select * from final
