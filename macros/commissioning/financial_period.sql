{% macro financial_year_start(event_date) -%}
    (year({{ event_date }}) - case when month({{ event_date }}) < 4 then 1 else 0 end)
{%- endmacro %}

{% macro financial_year(event_date) -%}
    {{ financial_year_start(event_date) }}::varchar || '-'
    || lpad((({{ financial_year_start(event_date) }} + 1) % 100)::varchar, 2, '0')
{%- endmacro %}

{% macro financial_quarter(event_date) -%}
    {{ financial_year(event_date) }} || ' Q'
    || (((month({{ event_date }}) + 8) % 12) // 3 + 1)::varchar
{%- endmacro %}

{% macro calendar_month(event_date) -%}
    strftime({{ event_date }}, '%Y-%m')
{%- endmacro %}
