{% macro is_in_period(record, agreement) -%}
    coalesce(
        {{ record }}.activity_date
        between {{ agreement }}.period_start and {{ agreement }}.period_end,
        false
    )
{%- endmacro %}
