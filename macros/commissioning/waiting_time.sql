{#- A day and a time of day as one moment; NULL where either is missing. -#}
{%- macro moment(day, time_of_day) -%}
    {{ day }} + {{ time_of_day }}
{%- endmacro -%}


{#- Whole minutes between two moments; NULL where one is missing or they are in the wrong order. -#}
{%- macro minutes_between(earlier, later) -%}
    case
            when {{ later }} >= {{ earlier }}
                then date_diff('minute', {{ earlier }}, {{ later }})
        end
{%- endmacro -%}


{#- A second attendance that the national duplicate rule takes for the first one. -#}
{%- macro is_again_within_an_hour(earlier, later) -%}
    {{ minutes_between(earlier, later) }} <= 60
{%- endmacro -%}


{#- "Attendances over 4hrs": more than four hours from arrival to departure. -#}
{%- macro is_over_four_hours(minutes) -%}
    {{ minutes }} > 240
{%- endmacro -%}


{#- "12+ hrs": twelve hours or more. From when they count is the caller's choice: the published
    collection counts from the decision to admit, the newer measure from arrival. -#}
{%- macro is_twelve_hours_or_more(minutes) -%}
    {{ minutes }} >= 720
{%- endmacro -%}


{#- Type of department as the monthly collection publishes it: 1, 2 or other (3 and 4 of old). -#}
{%- macro published_department_type(department_type) -%}
    case {{ department_type }}
            when '01' then '1'
            when '02' then '2'
            when '03' then 'other'
            when '04' then 'other'
        end
{%- endmacro -%}
