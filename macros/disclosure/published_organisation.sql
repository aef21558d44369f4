{% macro unregistered_organisation() -%}
    'UNREGISTERED'
{%- endmacro %}

{% macro registered_organisations() -%}
    select organisation_code
    from {{ ref('dim_organisation') }}
    union
    select organisation_code
    from {{ ref('dim_organisation_successor') }}
{%- endmacro %}

{% macro published_organisation(code, registered) -%}
    case when {{ registered }}.organisation_code is null then {{ unregistered_organisation() }} else {{ code }} end
{%- endmacro %}
