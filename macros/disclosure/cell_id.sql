{% macro cell_id(coordinates) -%}
    {%- for name, value in coordinates.items() -%}
        case
            when {{ value }} = 'ALL' then ''
            else '{{ name }}=' || {{ value }} || ';'
        end
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
