{% macro protected_measure(exact_value, status, round_to) -%}
    case
        when {{ status }} = 'shown'
            then ((({{ exact_value }} + {{ round_to }} // 2) // {{ round_to }}) * {{ round_to }})::bigint
    end
{%- endmacro %}
