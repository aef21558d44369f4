{#- A date written YYYY-MM-DD, else NULL. A plain try_cast would take other spellings too. -#}
{%- macro iso_date(value) -%}
    case
        when regexp_full_match({{ value }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast({{ value }} as date)
    end
{%- endmacro -%}


{#- A time written HH:MM or HH:MM:SS, else NULL. -#}
{%- macro iso_time(value) -%}
    case
        when regexp_full_match({{ value }}, '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?')
            then try_cast({{ value }} as time)
    end
{%- endmacro -%}


{#- A date and time written YYYY-MM-DDTHH:MM or with seconds, T or a space between, else NULL. -#}
{%- macro iso_timestamp(value) -%}
    case
        when
            regexp_full_match(
                {{ value }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?'
            )
            then try_cast({{ value }} as timestamp)
    end
{%- endmacro -%}


{#- A whole number without sign, else NULL. A plain try_cast would round 7.5 to 8. -#}
{%- macro whole_number(value) -%}
    case
        when regexp_full_match({{ value }}, '[0-9]{1,9}')
            then try_cast({{ value }} as integer)
    end
{%- endmacro -%}


{#- A decimal number with up to five decimals and a sign where it is less than nothing, else NULL. -#}
{%- macro decimal_number(value) -%}
    case
        when regexp_full_match({{ value }}, '-?[0-9]{1,12}([.][0-9]{1,5})?')
            then try_cast({{ value }} as decimal(18, 5))
    end
{%- endmacro -%}


{#- HES writes 1800-01-01 for a date that was not sent and 1801-01-01 for one that was invalid. -#}
{%- macro is_default_date(value) -%}
    ({{ value }} in (date '1800-01-01', date '1801-01-01'))
{%- endmacro -%}
