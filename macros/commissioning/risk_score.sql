{% macro is_looked_back_on(earlier_admission_date, admission_date) -%}
    (
        {{ earlier_admission_date }} < {{ admission_date }}
        and {{ earlier_admission_date }} >= {{ admission_date }} - interval 2 year
    )
{%- endmacro %}

{% macro frailty_risk(score) -%}
    case
        when {{ score }} > 15 then 'high'
        when {{ score }} >= 5 then 'intermediate'
        else 'low'
    end
{%- endmacro %}
