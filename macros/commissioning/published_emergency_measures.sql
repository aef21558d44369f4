{#- The numeric columns of the published emergency activity, every one of which must add up. -#}
{%- macro published_emergency_measures() -%}
    {{ return([
        'attendances_type_1',
        'attendances_type_2',
        'attendances_other',
        'booked_attendances_type_1',
        'booked_attendances_type_2',
        'booked_attendances_other',
        'over_four_hours_type_1',
        'over_four_hours_type_2',
        'over_four_hours_other',
        'booked_over_four_hours_type_1',
        'booked_over_four_hours_type_2',
        'booked_over_four_hours_other',
        'waited_4_to_12_hours',
        'waited_12_hours',
        'emergency_admissions_type_1',
        'emergency_admissions_type_2',
        'emergency_admissions_other',
        'other_emergency_admissions'
    ]) }}
{%- endmacro -%}
