{% macro pseudonym(agreement, person_key) %}
    keyed_uuid(
        {{ agreement_key_name(agreement) }},
        {{ length_prefixed(["'pseudonym'", person_key ~ '::varchar']) }}
    )::uuid
{%- endmacro %}
