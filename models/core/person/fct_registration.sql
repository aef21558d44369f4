with

registration as (
    select
        person_key,
        practice_code,
        registered_from,
        registered_to
    from {{ ref('hnd_registration') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

practice as (
    select
        practice_code,
        sub_icb_code
    from {{ ref('dim_gp_practice') }}
    where is_latest
),

final as (
    select distinct
        coalesce(person.surviving_person_key, registration.person_key) as person_key,
        registration.practice_code,
        practice.sub_icb_code,
        registration.registered_from,
        registration.registered_to
    from registration
    left join person using (person_key)
    left join practice using (practice_code)
)

select * from final
