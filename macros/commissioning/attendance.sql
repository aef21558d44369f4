{#- Who came, by the codes that outpatients, mental health and community services share. -#}
{% macro is_attended(attendance_status) -%}
    coalesce({{ attendance_status }} in ('5', '6'), false)
{%- endmacro %}


{% macro is_did_not_attend(attendance_status) -%}
    coalesce({{ attendance_status }} in ('3', '7'), false)
{%- endmacro %}
