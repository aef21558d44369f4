-- The envelope of every submission, test files included: they are counted, then dropped.
with landed as (
    select
        submission_id,
        feed,
        layout,
        sender_organisation_code,
        prime_recipient_code,
        file_name,
        file_sha256,
        landed_sha256,
        rows_received,
        received_on,
        extract_at,
        applicable_at,
        test_indicator,
        protocol,
        bulk_replacement_group,
        period_start,
        period_end
    from {{ source('landing_submission', 'submission') }}
),

typed as (
    select
        submission_id,
        feed,
        layout,
        sender_organisation_code,
        nullif(prime_recipient_code, '') as prime_recipient_code,
        file_name,
        file_sha256,
        landed_sha256,
        protocol,
        nullif(bulk_replacement_group, '') as bulk_replacement_group,
        try_cast(received_on as date) as received_on,
        try_cast(extract_at as timestamp) as extract_at,
        try_cast(nullif(applicable_at, '') as timestamp) as applicable_at,
        try_cast(nullif(period_start, '') as date) as period_start,
        try_cast(nullif(period_end, '') as date) as period_end,
        try_cast(rows_received as bigint) as rows_received,
        -- an unreadable indicator counts as a test: in doubt a file is not used
        coalesce(test_indicator, '') <> '0' as is_test
    from landed
),

final as (
    select
        submission_id,
        feed,
        layout,
        sender_organisation_code,
        prime_recipient_code,
        file_name,
        file_sha256,
        landed_sha256,
        protocol,
        bulk_replacement_group,
        received_on,
        extract_at,
        applicable_at,
        period_start,
        period_end,
        rows_received,
        is_test,
        coalesce(received_on <= {{ known_at() }}, false)
        or feed not in (
            {%- for feed in protocol_feeds() %}
                '{{ feed }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ) as is_known,
        {{ envelope_errors() }} as protocol_errors
    from typed
)

select * from final
