-- Nothing is lost without a word: what was received = test + after the cut + rejected + superseded
-- + deletions and what they deleted + replaced by bulk + accepted.
{% set feeds = [
    'person',
    'gp_registration',
    'postcode_directory',
    'ods_organisation',
    'ods_membership',
    'area_lookup',
    'deprivation',
    'population',
    'objection',
    'apc_episode',
    'outpatient_appointment',
    'emergency_attendance',
] %}
{% set protocol_feeds = [] %}
{% for feed in feeds if input_contract(feed).submission_protocol %}
    {% do protocol_feeds.append(feed) %}
{% endfor %}

with submission as (
    select
        submission_id,
        feed,
        rows_received,
        is_test,
        is_known
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

-- the feeds of the submission protocol; of the others only the latest copy of a record stands
version as (
    {%- for feed in protocol_feeds %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) filter (where fate = 'superseded') as superseded,
            count(*) filter (where fate = 'deleted') as deleted,
            count(*) filter (where fate = 'delete_request') as delete_requests,
            count(*) filter (where fate = 'replaced_by_bulk') as replaced_by_bulk
        from {{ ref('stg_' ~ feed ~ '_version') }}
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
        case
            when not submission.is_test and not submission.is_known then coalesce(landed.landed, 0)
            else 0
        end as after_cut,
        coalesce(checked.rejected, 0) as rejected,
        coalesce(
            version.superseded,
            checked.rows_checked - checked.rejected - coalesce(accepted.accepted, 0),
            0
        ) as superseded,
        coalesce(version.deleted, 0) as deleted,
        coalesce(version.delete_requests, 0) as delete_requests,
        coalesce(version.replaced_by_bulk, 0) as replaced_by_bulk,
        coalesce(accepted.accepted, 0) as accepted
    from submission
    full outer join landed
        on submission.submission_id = landed.submission_id and submission.feed = landed.feed
    left join checked
        on landed.submission_id = checked.submission_id and landed.feed = checked.feed
    left join accepted
        on landed.submission_id = accepted.submission_id and landed.feed = accepted.feed
    left join version
        on landed.submission_id = version.submission_id and landed.feed = version.feed
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
        superseded,
        deleted,
        delete_requests,
        replaced_by_bulk,
        accepted,
        received
        - test_dropped
        - after_cut
        - rejected
        - superseded
        - deleted
        - delete_requests
        - replaced_by_bulk
        - accepted as unexplained
    from counted
)

select * from final
