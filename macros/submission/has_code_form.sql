{#- Whether a value has the form of a format of safe_haven/load/code_formats.yml. NULL for a missing
    value. -#}
{%- macro has_code_form(value, code_format) -%}
    (
        regexp_full_match({{ value }}, '{{ code_format.pattern | replace("'", "''") }}')
        {%- if code_format.reserved %}
        and {{ value }} not in ('{{ code_format.reserved | join("', '") }}')
        {%- endif %}
        {%- if code_format.no_number %}
        and not regexp_matches({{ value }}, '([0-9][^A-Za-z]*){10}')
        {%- endif %}
    )
{%- endmacro -%}
