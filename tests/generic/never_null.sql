{% test never_null(model, columns) %}

with

counted as (
    select
        {%- for column in columns %}
        count(*) - count({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
),

final as (
    {%- for column in columns %}
    select
        '{{ column }}' as column_name,
        {{ column }} as null_count
    from counted
    where {{ column }} > 0
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select * from final

{% endtest %}
