{#- The key by which records of one provider find each other in place of the provider's own id.
    Empty where the identity is withheld: such a record is linked to nothing. -#}
{% macro linked_record_key(kind, relation, identifier) -%}
    {%- set parts = [
        "'" ~ kind ~ "'", relation ~ '.provider_code', relation ~ '.' ~ identifier
    ] -%}
    case
            when {{ relation }}.withheld_identity_reason is null
                then {{ keyed_identifier(var('person_key_name'), parts) | trim }}
        end
{%- endmacro %}
