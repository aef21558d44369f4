{% macro age_on_1_april(date_of_birth, event_date) -%}
    case
        when {{ date_of_birth }} is not null and {{ event_date }} is not null
            then greatest(
                datesub(
                    'year', {{ date_of_birth }}, make_date({{ financial_year_start(event_date) }}, 4, 1)
                ),
                0
            )
    end
{%- endmacro %}

{% macro recorded_age_in_years(recorded_age) -%}
    case when {{ recorded_age }} between 7001 and 7007 then 0 else {{ recorded_age }} end
{%- endmacro %}

{% macro age_band(age) -%}
    case
        when {{ age }} is null or {{ age }} not between 0 and 120 then 'unknown'
        when {{ age }} >= 90 then '90+'
        else lpad((({{ age }} // 5) * 5)::varchar, 2, '0') || '-'
            || lpad((({{ age }} // 5) * 5 + 4)::varchar, 2, '0')
    end
{%- endmacro %}
