{% macro diagnosis_code(code) -%}
    regexp_replace(regexp_replace(replace(upper({{ code }}), '.', ''), '[AD]$', ''), 'X$', '')
{%- endmacro %}

{% macro procedure_code(code) -%}
    replace(split_part(upper({{ code }}), '@', 1), '.', '')
{%- endmacro %}

{% macro procedure_date(code) -%}
    try_cast(nullif(split_part({{ code }}, '@', 2), '') as date)
{%- endmacro %}

{% macro codes_in_order(main_code, later_codes) -%}
    list_concat([{{ main_code }}], coalesce(string_split({{ later_codes }}, ';'), []))
{%- endmacro %}
