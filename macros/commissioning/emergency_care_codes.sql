{#- The coded items of an emergency attendance and the column that holds the code, or the codes with
    ; between them. -#}
{%- macro emergency_care_codes() -%}
    {{ return({
        'arrival_mode': 'arrival_mode',
        'acuity': 'acuity',
        'chief_complaint': 'chief_complaint',
        'discharge_status': 'discharge_status',
        'discharge_destination': 'discharge_destination',
        'diagnosis': 'diagnoses',
        'investigation': 'investigations',
        'treatment': 'treatments'
    }) }}
{%- endmacro -%}
