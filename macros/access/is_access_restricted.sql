{% macro is_access_restricted(sensitivity_flag) -%}
    coalesce(upper({{ sensitivity_flag }}) <> 'U', false)
{%- endmacro %}
