-- What became of the landed rows, counted feed by feed.
with landed as (
    {%- for feed in input_contracts() %}
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
    {%- for feed in input_contracts() %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) as rows_checked,
            count(*) filter (where {{ is_rejected('errors') }}) as refused,
            count(*) filter (where {{ is_refused_objector(feed, 'errors') }}) as refused_type_1
        from {{ ref('stg_' ~ feed ~ '_checked') }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

accepted as (
    {%- for feed in input_contracts() %}
        select
            submission_id,
            '{{ feed }}' as feed,
            count(*) as accepted
        from {{ ref('stg_' ~ feed) }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

version as (
    select
        submission_id,
        feed,
        sum(row_count) filter (where fate = 'superseded')::bigint as superseded,
        sum(row_count) filter (where fate = 'deleted')::bigint as deleted,
        sum(row_count) filter (where fate = 'delete_request')::bigint as delete_requests,
        sum(row_count) filter (where fate = 'replaced_by_bulk')::bigint as replaced_by_bulk
    from {{ ref('stg_version_count') }}
    group by
        submission_id,
        feed
),

final as (
    select
        landed.submission_id,
        landed.feed,
        landed.landed,
        coalesce(checked.refused - checked.refused_type_1, 0) as rejected,
        coalesce(checked.refused_type_1, 0) as refused_type_1,
        -- outside the submission protocol the latest copy of a record stands, or the file in use
        case
            when version.submission_id is not null then coalesce(version.superseded, 0)
            when checked.submission_id is not null
                then checked.rows_checked - checked.refused - coalesce(accepted.accepted, 0)
            else 0
        end as superseded,
        coalesce(version.deleted, 0) as deleted,
        coalesce(version.delete_requests, 0) as delete_requests,
        coalesce(version.replaced_by_bulk, 0) as replaced_by_bulk,
        coalesce(accepted.accepted, 0) as accepted
    from landed
    left join checked
        on landed.submission_id = checked.submission_id and landed.feed = checked.feed
    left join accepted
        on landed.submission_id = accepted.submission_id and landed.feed = accepted.feed
    left join version
        on landed.submission_id = version.submission_id and landed.feed = version.feed
)

select * from final
