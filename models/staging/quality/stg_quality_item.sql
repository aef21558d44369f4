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
        struct_extract(item, 'data_item') as data_item,
        record_count,
        record_count
        - struct_extract(item, 'missing_count')
        - struct_extract(item, 'invalid_count') as valid_count,
        struct_extract(item, 'default_count') as default_count,
        struct_extract(item, 'invalid_count') as invalid_count,
        struct_extract(item, 'missing_count') as missing_count
    from counted
)

select * from final
