{% macro refusal_reasons(gates) -%}
    {%- for reason, refused_when in gates.items() -%}
        case when {{ refused_when }} then ['{{ reason }}'] else []::varchar[] end
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
