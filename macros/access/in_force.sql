{% macro in_force(valid_from, valid_to, on_date) -%}
    coalesce(
        {{ valid_from }} <= {{ on_date }}
        and ({{ valid_to }} is null or {{ valid_to }} >= {{ on_date }}),
        false
    )
{%- endmacro %}

{% macro release_date() -%}
    date '{{ var("release_date") }}'
{%- endmacro %}
