-- Records that crossed the wall, counted feed by feed: care by the key of each record, records of
-- no person by the submission that their hand-over table names.
with care as (
    {%- for feed in care_feeds() %}
        select
            record.feed,
            record.submission_id,
            count(*) as handed_over
        from {{ ref('idn_record') }} as record
        inner join {{ ref('hnd_' ~ feed) }} as crossed
            on record.record_key = crossed.record_key
        where record.feed = '{{ feed }}'
        group by
            record.feed,
            record.submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

whole as (
    {%- for feed in whole_feeds() %}
        select
            '{{ feed }}' as feed,
            submission_id,
            count(*) as handed_over
        from {{ ref('hnd_' ~ feed) }}
        group by submission_id
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        feed,
        submission_id,
        handed_over
    from care
    union all
    select
        feed,
        submission_id,
        handed_over
    from whole
)

select * from final
