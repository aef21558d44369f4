with

birth as (
    select
        record_key,
        person_key,
        mother_person_key,
        pregnancy_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        birth_status,
        delivery_method,
        birth_order,
        birth_weight,
        gestation_length,
        withheld_identity_reason,
        birth_month
    from {{ ref('hnd_maternity_birth') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        birth.record_key,
        coalesce(person.surviving_person_key, birth.person_key) as person_key,
        coalesce(mother.surviving_person_key, birth.mother_person_key) as mother_person_key,
        birth.pregnancy_key,

        birth.is_person_established,
        birth.age_band,
        birth.sex,
        birth.lsoa_code,
        birth.ethnic_category,
        birth.gp_practice_code,
        birth.provider_code,
        birth.commissioner_code,
        birth.birth_status,
        birth.delivery_method,
        birth.birth_order,
        birth.birth_weight,
        birth.gestation_length,
        birth.withheld_identity_reason,

        birth.birth_month
    from birth
    left join person using (person_key)
    left join person as mother
        on birth.mother_person_key = mother.person_key
)

select * from final
