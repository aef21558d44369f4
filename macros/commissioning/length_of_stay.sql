{% macro adjusted_length_of_stay(length_of_stay, days_paid_apart) -%}
    case
        when {{ length_of_stay }} is not null
            then greatest({{ length_of_stay }} - {{ days_paid_apart | join(' - ') }}, 0)
    end
{%- endmacro %}

{% macro delayed_days(discharge_ready_date, discharge_date) -%}
    case
        when {{ discharge_ready_date }} <= {{ discharge_date }}
            then date_diff('day', {{ discharge_ready_date }}, {{ discharge_date }})
    end
{%- endmacro %}
