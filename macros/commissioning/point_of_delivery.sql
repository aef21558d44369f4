{% macro admitted_point_of_delivery(patient_classification, admission_method, length_of_stay) -%}
    case
        when {{ patient_classification }} = '3' then 'RDAY'
        when {{ patient_classification }} = '4' then 'RNIGHT'
        when {{ admission_method }} in ('11', '12', '13') and {{ patient_classification }} = '2'
            then 'DC'
        when {{ admission_method }} in ('11', '12', '13') then 'EL'
        when {{ admission_method }} in {{ emergency_admission_methods() }}
            and {{ length_of_stay }} < 2 then 'NELST'
        when {{ admission_method }} in {{ emergency_admission_methods() }} then 'NEL'
        when {{ admission_method }} in ('31', '32', '81', '82', '83') then 'NELNE'
        else 'APCUNK'
    end
{%- endmacro %}

{% macro emergency_admission_methods() -%}
    ('21', '22', '23', '24', '25', '28', '2A', '2B', '2C', '2D')
{%- endmacro %}

{% macro outpatient_point_of_delivery(
    first_attendance,
    consultation_medium,
    main_specialty_code,
    treatment_function_code,
    primary_procedure,
    secondary_procedures,
    hrg_code
) -%}
    case
        when {{ is_procedure_group(hrg_code) }} and {{ treatment_function_code }} <> '329'
            then 'OPPROC' || {{ by_appointment_type(first_attendance, 'FA', 'FUP') }}
        when {{ is_not_face_to_face(first_attendance, consultation_medium) }}
            then 'NF2F' || {{ by_appointment_type(first_attendance, 'FA', 'FUP') }}
        when {{ appointment_type(first_attendance) }} is null then 'OPAUNK'
        else {{ by_appointment_type(first_attendance, 'OPFA', 'OPFUP') }}
            || case
                when {{ is_multi_professional(primary_procedure, secondary_procedures) }} then 'MP'
                else 'SP'
            end
            || case when {{ is_consultant_led(main_specialty_code) }} then 'CL' else 'NCL' end
    end
{%- endmacro %}

{% macro appointment_type(first_attendance) -%}
    case
        when {{ first_attendance }} in ('1', '3') then 'first'
        when {{ first_attendance }} in ('2', '4') then 'follow_up'
    end
{%- endmacro %}

{% macro by_appointment_type(first_attendance, first, follow_up) -%}
    case {{ appointment_type(first_attendance) }}
        when 'first' then '{{ first }}'
        when 'follow_up' then '{{ follow_up }}'
        else ''
    end
{%- endmacro %}

{% macro attendance_type(attendance_status, first_attendance) -%}
    case
        when {{ first_attendance }} = '5' then 'administrative_event'
        when {{ is_attended(attendance_status) }} then 'attended'
        when {{ is_did_not_attend(attendance_status) }} then 'did_not_attend'
        when {{ attendance_status }} = '2' then 'cancelled_by_patient'
        when {{ attendance_status }} = '4' then 'cancelled_by_provider'
        else 'unknown'
    end
{%- endmacro %}

{% macro is_procedure_group(hrg_code) -%}
    coalesce({{ hrg_code }} not like 'WF%' and {{ hrg_code }} not like 'U%', false)
{%- endmacro %}

{% macro is_not_face_to_face(first_attendance, consultation_medium) -%}
    coalesce(
        {{ first_attendance }} in ('3', '4') or {{ consultation_medium }} not in ('01', '98'), false
    )
{%- endmacro %}

{% macro is_multi_professional(primary_procedure, secondary_procedures) -%}
    list_has_any(
        list_transform(
            string_split(concat_ws(';', {{ primary_procedure }}, {{ secondary_procedures }}), ';'),
            lambda code : {{ procedure_code('code') }}
        ),
        ['X622', 'X623']
    )
{%- endmacro %}

{% macro is_consultant_led(main_specialty_code) -%}
    coalesce(
        {{ main_specialty_code }} not in (
            '560', '900', '901', '902', '903', '904', '950', '960'
        ),
        false
    )
{%- endmacro %}
