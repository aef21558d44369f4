with

observation as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        snomed_code,
        observation_unit,
        observation_date,
        extract_date,
        observation_value
    from {{ ref('hnd_gp_extract_observation') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        observation.record_key,
        coalesce(person.surviving_person_key, observation.person_key) as person_key,

        observation.is_person_established,
        observation.age_band,
        observation.sex,
        observation.lsoa_code,
        observation.ethnic_category,
        observation.gp_practice_code,
        observation.provider_code,
        null::varchar as commissioner_code,
        observation.snomed_code,
        observation.observation_unit,

        observation.observation_date,
        observation.extract_date,

        observation.observation_value
    from observation
    left join person using (person_key)
)

select * from final
