{#- The safe haven's own key of an ambulance incident: the number alone is only unique at its trust,
    and it may contain an identifier. Without a trust the number is no link. -#}
{%- macro ambulance_incident_key(ambulance_trust_code, incident_number) -%}
    {{ keyed_identifier(
        var('person_key_name'),
        ["'ambulance incident'", ambulance_trust_code, incident_number]
    ) }}
{%- endmacro -%}
