-- The codes that have room for an NHS number, each once.
with landed as (
    {%- for feed, column_name, is_sequence in all_long_code_columns() %}
        {%- set codes = "string_split(" ~ column_name ~ ", ';')" if is_sequence else column_name %}
        select trim({{ 'unnest(' ~ codes ~ ')' if is_sequence else codes }}) as code
        from {{ source('landing_' ~ feed, feed) }}
        {{- '\n        union' if not loop.last }}
    {%- endfor %}
),

final as (
    select code
    from landed
    where length(code) >= 10
)

select * from final
