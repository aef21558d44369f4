{#- Ten digits whose weighted sum is a multiple of 11. The tenth digit weighs 1, so this is the
    rule of the NHS Data Dictionary (11 minus the remainder, 11 written 0): no digit can stand for
    10. NULL for a missing value. Ten equal digits pass the sum but are a filler, not a number. -#}
{%- macro valid_nhs_number(value) -%}
    (
        regexp_full_match({{ value }}, '[0-9]{10}')
        and {{ value }} <> repeat(substr({{ value }}, 1, 1), 10)
        and (
            {%- for position in range(1, 11) %}
            {{ 11 - position }} * try_cast(substr({{ value }}, {{ position }}, 1) as integer)
            {{- ' +' if not loop.last }}
            {%- endfor %}
        ) % 11 = 0
    )
{%- endmacro -%}
