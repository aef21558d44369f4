{% macro names_that_hold(conditions) -%}
    {%- for name, holds_when in conditions.items() -%}
        case
            when {{ holds_when }}
            then ['{{ name }}'] else []::varchar[]
        end
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
