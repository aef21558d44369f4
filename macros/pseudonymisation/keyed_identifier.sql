{% macro keyed_identifier(key_name, parts) %}
    keyed_uuid('{{ key_name }}', {{ length_prefixed(parts) }})::uuid
{%- endmacro %}
