{#- A postcode as the NHS Postcode Directory writes it: capitals, one space before the last three. -#}
{%- macro valid_postcode(value) -%}
    regexp_full_match({{ value }}, '[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}')
{%- endmacro -%}
