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

-- whoever is entered as an agent, and what an organisation has taken over as a whole
principal as (
    select
        agent_code as sender_organisation_code,
        organisation_code,
        valid_from,
        valid_to
    from {{ ref('sending_agent') }}
    union all
    select
        successor_code as sender_organisation_code,
        predecessor_code as organisation_code,
        -- of most mergers no source gives the day
        coalesce(succeeded_on, date '-infinity') as valid_from,
        null as valid_to
    from {{ ref('organisation_successor') }}
    where is_whole
),

represented as (
    select
        typed.submission_id,
        list(distinct principal.organisation_code order by principal.organisation_code)
            as sends_for
    from typed
    inner join principal on typed.sender_organisation_code = principal.sender_organisation_code
    where {{ in_force('principal.valid_from', 'principal.valid_to', 'typed.received_on') }}
    group by typed.submission_id
),

final as (
    select
        typed.submission_id,
        typed.feed,
        typed.layout,
        typed.sender_organisation_code,
        typed.prime_recipient_code,
        typed.file_name,
        typed.file_sha256,
        typed.landed_sha256,
        typed.protocol,
        typed.bulk_replacement_group,
        typed.received_on,
        typed.extract_at,
        typed.applicable_at,
        typed.period_start,
        typed.period_end,
        typed.rows_received,
        typed.is_test,
        coalesce(typed.received_on <= {{ known_at() }}, false)
        or typed.feed not in (
            {%- for feed in protocol_feeds() %}
                '{{ feed }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ) as is_known,
        {{ envelope_errors() }} as protocol_errors,
        coalesce(represented.sends_for, []) as sends_for
    from typed
    left join represented on typed.submission_id = represented.submission_id
)

select * from final
