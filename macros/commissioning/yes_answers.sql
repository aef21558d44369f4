{% macro yes_answers(questions) -%}
    {%- for question, answered_yes_when in questions.items() -%}
        case when {{ answered_yes_when }} then ['{{ question }}'] else []::varchar[] end
        {{- " || " if not loop.last }}
    {% endfor -%}
{%- endmacro %}
