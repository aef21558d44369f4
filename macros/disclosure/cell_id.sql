{% macro cell_id(coordinates) -%}
    {%- for name, value in coordinates.items() -%}
        if({{ value }} = 'ALL', '', '{{ name }}=' || {{ value }} || ';')
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
