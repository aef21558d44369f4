{#- Cut-offs of the two questionnaires, in one place: a case, and a change beyond chance. -#}
{% macro is_case(phq9_score, gad7_score) -%}
    coalesce({{ phq9_score }} >= 10 or {{ gad7_score }} >= 8, false)
{%- endmacro %}


{% macro is_below_caseness(phq9_score, gad7_score) -%}
    coalesce({{ phq9_score }} < 10 and {{ gad7_score }} < 8, false)
{%- endmacro %}


{% macro falls_reliably(phq9_fall, gad7_fall) -%}
    coalesce({{ phq9_fall }} >= 6 or {{ gad7_fall }} >= 4, false)
{%- endmacro %}
