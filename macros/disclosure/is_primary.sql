{% macro is_primary(count_of_people, count_of_records, suppress_lo, suppress_hi) -%}
    (
        {{ count_of_people }} between {{ suppress_lo }} and {{ suppress_hi }}
        or {{ count_of_records }} between {{ suppress_lo }} and {{ suppress_hi }}
    )
{%- endmacro %}
