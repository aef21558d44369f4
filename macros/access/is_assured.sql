{% macro is_assured() -%}
    status = 'standards_met'
    and {{ in_force('published_on', 'valid_to', release_date()) }}
{%- endmacro %}
