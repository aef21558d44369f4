{% macro activity_by_provider_coordinates() -%}
    {{ return({
        'icb': 'icb_code',
        'sub_icb': 'sub_icb_code',
        'point_of_delivery': 'point_of_delivery',
        'quarter': 'quarter',
        'provider': 'provider_code',
        'month': 'month',
    }) }}
{%- endmacro %}

{% macro activity_by_age_sex_coordinates() -%}
    {{ return({
        'icb': 'icb_code',
        'sub_icb': 'sub_icb_code',
        'point_of_delivery': 'point_of_delivery',
        'quarter': 'quarter',
        'age_band': 'age_band',
        'sex': 'sex',
    }) }}
{%- endmacro %}
