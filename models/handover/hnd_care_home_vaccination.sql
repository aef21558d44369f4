with

answer as (
    select
        submission_id,
        care_home_code,
        local_authority_code,
        survey_date,
        residents,
        residents_vaccinated,
        staff,
        staff_vaccinated
    from {{ ref('stg_care_home_vaccination') }}
),

final as (
    select
        submission_id,
        care_home_code,
        local_authority_code,

        survey_date,

        residents,
        residents_vaccinated,
        staff,
        staff_vaccinated
    from answer
)

select * from final
