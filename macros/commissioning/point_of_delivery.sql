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

{% macro outpatient_point_of_delivery(first_attendance) -%}
    case {{ first_attendance }}
        when '1' then 'OPFA'
        when '2' then 'OPFUP'
        when '3' then 'NF2FFA'
        when '4' then 'NF2FFUP'
        else 'OPAUNK'
    end
{%- endmacro %}
