-- Care records that crossed the wall, counted feed by feed.
with final as (
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
)

select * from final
