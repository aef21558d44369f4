{% macro excess_bed_days(adjusted_length_of_stay, trim_point) -%}
    case
        when {{ trim_point }} is null then 0
        else greatest({{ adjusted_length_of_stay }} - {{ trim_point }}, 0)
    end
{%- endmacro %}
