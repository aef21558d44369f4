with

death as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        underlying_cause_code,
        place_of_death,
        recorded_death_agreement,
        death_date,
        registration_date
    from {{ ref('hnd_civil_registration_death') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        death.record_key,
        coalesce(person.surviving_person_key, death.person_key) as person_key,

        death.is_person_established,
        death.age_band,
        death.sex,
        death.lsoa_code,
        death.gp_practice_code,
        death.provider_code,
        null::varchar as commissioner_code,
        death.underlying_cause_code,
        death.place_of_death,
        death.recorded_death_agreement,

        death.death_date,
        death.registration_date,

        death.registration_date - death.death_date as days_to_registration
    from death
    left join person using (person_key)
)

select * from final
