{% macro is_rule_in_force(data_set, measure) -%}
    data_set = '{{ data_set }}'
    and measure = '{{ measure }}'
    and {{ in_force('valid_from', 'valid_to', release_date()) }}
{%- endmacro %}
