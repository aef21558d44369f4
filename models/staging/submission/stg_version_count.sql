-- Rows of the feeds under the submission protocol, counted by what became of them and when.
{% set feeds = protocol_feeds() %}
with final as (
    {%- for feed in feeds %}
        select
            submission_id,
            '{{ feed }}' as feed,
            date_trunc('month', activity_date)::date as month_start,
            known_from,
            known_until,
            fate,
            count(*) as row_count
        from {{ ref('stg_' ~ feed ~ '_version') }}
        group by all
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
)

select * from final
