{% macro length_prefixed(parts) -%}
    {%- for part in parts -%}
        length({{ part }})::varchar || ':' || {{ part }}{{ " || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
