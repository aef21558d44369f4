{#- The key by which records find each other in place of an id that one of them gave: `issuer` is the
    column of who gave it, the provider unless said. Empty where the identity is withheld: such a
    record is linked to nothing. -#}
{% macro linked_record_key(kind, relation, identifier, issuer='provider_code') -%}
    {%- set parts = ["'" ~ kind ~ "'", relation ~ '.' ~ issuer, relation ~ '.' ~ identifier] -%}
    case
            when {{ relation }}.withheld_identity_reason is null
                then {{ keyed_identifier(var('person_key_name'), parts) | trim }}
        end
{%- endmacro %}
