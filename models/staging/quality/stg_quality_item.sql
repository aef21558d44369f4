-- How well each data item of each care feed is filled, counted: no value goes on.
with listed as (
    select
        data_item,
        list(code order by code) as codes
    from {{ ref('default_code') }}
    group by data_item
),

default_codes as (
    select map_from_entries(list(row(data_item, codes) order by data_item)) as codes
    from listed
),

counted as (
    {%- for feed in care_feeds() %}
        {{ quality_items(feed) }}
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        feed,
        provider_code,
        activity_month,
        data_item,
        record_count,
        record_count - missing_count - invalid_count as valid_count,
        default_count,
        invalid_count,
        missing_count
    from counted
)

select * from final
