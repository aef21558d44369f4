{% macro linked_tables() -%}
    {% set commissioner = ['icb_code', 'sub_icb_code'] %}
    {{ return({
        'activity_by_provider': {
            'commissioner': commissioner,
            'provider': ['provider_code'],
            'point_of_delivery': ['point_of_delivery'],
            'period': ['quarter'],
        },
        'activity_by_month': {
            'commissioner': commissioner,
            'point_of_delivery': ['point_of_delivery'],
            'period': ['quarter', 'month'],
        },
        'activity_by_age_sex': {
            'commissioner': commissioner,
            'age_band': ['age_band'],
            'sex': ['sex'],
            'period': ['quarter'],
        },
    }) }}
{%- endmacro %}

{% macro people_add_over() -%}
    {{ return(['age_band', 'sex']) }}
{%- endmacro %}

{% macro always_given() -%}
    {{ return('quarter') }}
{%- endmacro %}

{% macro levels_of(table) -%}
    {{ return(linked_tables()[table].values() | sum(start=[])) }}
{%- endmacro %}
