-- Every SNOMED CT code of an attendance, unnested; approved means: in the list of this project.
with

attendance as (
    select
        record_key,
        arrival_mode,
        acuity,
        chief_complaint,
        discharge_status,
        discharge_destination,
        diagnoses,
        investigations,
        treatments
    from {{ ref('hnd_emergency_attendance') }}
),

approved as (
    select
        coded_item,
        code
    from {{ ref('emergency_care_code') }}
),

coded as (
    {%- for coded_item, codes in emergency_care_codes().items() %}
        select
            record_key,
            '{{ coded_item }}' as coded_item,
            generate_subscripts(string_split({{ codes }}, ';'), 1) as code_sequence,
            unnest(string_split({{ codes }}, ';')) as code
        from attendance
        {{- '\n        union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        coded.record_key,

        coded.coded_item,
        coded.code,
        approved.code is not null as is_approved,

        coded.code_sequence
    from coded
    left join approved using (coded_item, code)
)

select * from final
