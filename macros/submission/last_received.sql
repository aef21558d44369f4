{#- When a feed was last received, tests left out: what `dbt source freshness` compares with today. -#}
{%- macro last_received(feed) -%}
    select max(try_cast(received_on as timestamp))
    from {{ source('landing_submission', 'submission') }}
    where feed = '{{ feed }}' and test_indicator = '0'
{%- endmacro -%}
