-- Every NHS number that a record received names, of a refused record too, whatever else is in it.
with landed as (
    {%- for feed, column_name in nhs_number_columns() %}
        select regexp_replace({{ column_name }}, '[^0-9]', '', 'g') as digits
        from {{ source('landing_' ~ feed, feed) }}
        {{- '\n        union' if not loop.last }}
    {%- endfor %}
),

final as (
    select digits
    from landed
    where
        length(digits) = 10
        -- a filler such as ten noughts is nobody's
        and digits >= '0001000000'
)

select * from final
