{% macro is_continued_stay(
    previous_discharge_date,
    previous_discharge_destination,
    admission_date,
    source_of_admission,
    admission_method
) -%}
    coalesce(
        date_diff('day', {{ previous_discharge_date }}, {{ admission_date }}) <= 3
        and (
            coalesce({{ previous_discharge_destination }} in {{ other_hospital_wards() }}, false)
            or coalesce({{ source_of_admission }} in {{ other_hospital_wards() }}, false)
            or coalesce({{ admission_method }} in ('2B', '81'), false)
        ),
        false
    )
{%- endmacro %}

{% macro other_hospital_wards() -%}
    ('51', '52', '53')
{%- endmacro %}

{% macro is_cancer_or_chemotherapy(diagnosis_code) -%}
    regexp_matches({{ diagnosis_code }}, '^(C[0-9]|D3[7-9]|D4[0-8]|Z511)')
{%- endmacro %}

{% macro is_obstetric(main_specialty_code, treatment_function_code) -%}
    coalesce(
        {{ main_specialty_code }} in ('501', '560')
        or {{ treatment_function_code }} in ('501', '560'),
        false
    )
{%- endmacro %}

{% macro is_readmission_gap(discharge_date, admission_date) -%}
    coalesce(date_diff('day', {{ discharge_date }}, {{ admission_date }}) between 0 and 29, false)
{%- endmacro %}
