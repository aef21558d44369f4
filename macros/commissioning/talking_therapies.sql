{#- What a course of treatment is, and the cut-offs of the two questionnaires, in one place: a case,
    and a change beyond chance. -#}
{% macro is_case(phq9_score, gad7_score) -%}
    coalesce({{ phq9_score }} >= 10 or {{ gad7_score }} >= 8, false)
{%- endmacro %}


{% macro is_below_caseness(phq9_score, gad7_score) -%}
    coalesce({{ phq9_score }} < 10 and {{ gad7_score }} < 8, false)
{%- endmacro %}


{% macro falls_reliably(phq9_fall, gad7_fall) -%}
    coalesce({{ phq9_fall }} >= 6 or {{ gad7_fall }} >= 4, false)
{%- endmacro %}


{% macro is_treatment(appointment_type) -%}
    coalesce({{ appointment_type }} in ('02', '03', '05'), false)
{%- endmacro %}


{% macro is_course_of_treatment(treatment_appointments) -%}
    coalesce({{ treatment_appointments }} >= 2, false)
{%- endmacro %}
