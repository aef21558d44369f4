with

activity as (
    select
        activity_key,
        person_key,
        setting,
        activity_date,
        age_band,
        lsoa_code,
        point_of_delivery,
        treatment_function_code
    from {{ ref('fct_activity') }}
    where setting in ('admitted', 'emergency')
),

commissioner as (
    select
        activity_key,
        responsible_commissioner_code
    from {{ ref('gov_responsible_commissioner') }}
),

geography as (
    select
        lsoa_code,
        local_authority_code
    from {{ ref('dim_geography') }}
),

final as (
    select
        activity.activity_key,
        activity.person_key,
        activity.setting,
        activity.activity_date,
        commissioner.responsible_commissioner_code,
        geography.local_authority_code,
        activity.age_band,
        activity.point_of_delivery,
        activity.treatment_function_code
    from activity
    inner join commissioner using (activity_key)
    left join geography using (lsoa_code)
)

select * from final
