{% macro agreement_key_name(relation) -%}
    {%- if var('agreement_key_name', none) -%}
        '{{ var("agreement_key_name") }}'
    {%- else -%}
        'agreement-' || {{ relation }}.agreement_id || '-' || {{ relation }}.opt_out_regime
        || '-v' || {{ relation }}.key_version::varchar
    {%- endif -%}
{%- endmacro %}
