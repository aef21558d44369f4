{% macro residence_class(country_code, area_code) -%}
    case
        when {{ country_code }} = 'E92000001' and {{ area_code }} is null then 'england_unplaced'
        when {{ country_code }} = 'E92000001' then 'england'
        when {{ country_code }} = 'W92000004' then 'wales'
        when {{ country_code }} = 'S92000003' then 'scotland'
        when {{ country_code }} = 'N92000002' then 'northern_ireland'
        when {{ country_code }} = 'L93000001' then 'channel_islands'
        when {{ country_code }} = 'M83000003' then 'isle_of_man'
        when {{ area_code }} like 'E01%' then 'england'
        when {{ area_code }} like 'W01%' then 'wales'
        when {{ area_code }} like 'S01%' then 'scotland'
        when {{ area_code }} like '95%' then 'northern_ireland'
        else 'not_recorded'
    end
{%- endmacro %}
