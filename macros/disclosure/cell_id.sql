{% macro cell_id(levels) -%}
    {%- for level in levels | sort -%}
        if({{ level }} = 'ALL', '', '{{ level }}=' || {{ level }} || ';')
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
