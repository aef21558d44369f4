{#- Whether a code, or one code of a sequence, has ten digits or more, whatever stands between them: no
    code of an unlisted column has, an NHS number does. -#}
{%- macro holds_ten_digits(value) -%}
    case
            when length({{ value }}) >= 10
                then len(list_filter(
                        regexp_split_to_array({{ value }}, '[;@]'),
                        lambda code : length(regexp_replace(code, '[^0-9]', '', 'g')) >= 10
                    )) > 0
        end
{%- endmacro -%}
