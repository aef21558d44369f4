{% macro limited_facts() -%}
    {{ return(['age_band', 'local_authority_code', 'point_of_delivery', 'treatment_function_code']) }}
{%- endmacro %}

{% macro limits_that_refuse(agreement_limit, activity) -%}
    {%- set refusals = {} -%}
    {%- for limited in limited_facts() -%}
        {%- set allowed = agreement_limit ~ '.' ~ limited ~ '_values' -%}
        {%- do refusals.update({
            'outside_limit_of_' ~ limited:
                allowed ~ ' is not null and not coalesce(\n'
                ~ 'list_contains(' ~ allowed ~ ', ' ~ activity ~ '.' ~ limited ~ '), false\n)',
        }) -%}
    {%- endfor -%}
    {{ names_that_hold(refusals) }}
{%- endmacro %}
