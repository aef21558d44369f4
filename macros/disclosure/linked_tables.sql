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
        'quality_by_provider': {
            'feed': ['feed'],
            'provider': ['provider_code'],
            'data_item': ['data_item', 'outcome'],
            'period': ['quarter'],
        },
    }) }}
{%- endmacro %}

{% macro people_add_over() -%}
    {{ return(['age_band', 'sex']) }}
{%- endmacro %}

{% macro always_given() -%}
    {{ return(['feed', 'quarter']) }}
{%- endmacro %}

{% macro adds_for_each() -%}
    {{ return({'outcome': 'data_item'}) }}
{%- endmacro %}

{% macro levels_of(table) -%}
    {{ return(linked_tables()[table].values() | sum(start=[])) }}
{%- endmacro %}

{% macro measures_of(table) -%}
    {{ return(['records'] if table == 'quality_by_provider' else ['records', 'people', 'bed_days']) }}
{%- endmacro %}
