{% macro legal_refusals(legal_gate, opt_out_regime) -%}
    {{ names_that_hold({
        'legally_restricted_code': legal_gate ~ '.is_legally_restricted',
        'identity_withheld': legal_gate ~ '.is_identity_withheld',
        'sensitive_person': legal_gate ~ '.is_sensitive_person',
        'opted_out': opt_out_regime ~ " = 'applied' and " ~ legal_gate ~ '.is_opted_out',
        'person_not_established':
            opt_out_regime ~ " = 'applied' and not " ~ legal_gate ~ '.is_known_person',
    }) }}
{%- endmacro %}
