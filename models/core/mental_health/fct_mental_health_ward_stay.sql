with

ward_stay as (
    select
        record_key,
        person_key,
        spell_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        hospital_bed_type,
        ward_intended_age_group,
        ward_security_level,
        withheld_identity_reason,
        ward_stay_start_date,
        ward_stay_end_date
    from {{ ref('hnd_mental_health_ward_stay') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

of_person as (
    select
        ward_stay.* replace (
            coalesce(person.surviving_person_key, ward_stay.person_key) as person_key
        )
    from ward_stay
    left join person using (person_key)
),

parent as (
    select
        spell_key,
        person_key,
        min(record_key) as spell_record_key
    from {{ ref('fct_mental_health_spell') }}
    where is_person_established
    group by
        spell_key,
        person_key
),

final as (
    select
        of_person.record_key,
        of_person.person_key,
        parent.spell_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.hospital_bed_type,
        of_person.ward_intended_age_group,
        of_person.ward_security_level,
        of_person.withheld_identity_reason,
        (of_person.ward_stay_end_date - of_person.ward_stay_start_date)::integer as ward_days,
        {{ link_status('of_person', 'parent.spell_record_key') }} as link_status,

        of_person.ward_stay_start_date,
        of_person.ward_stay_end_date
    from of_person
    left join parent
        on
            of_person.spell_key = parent.spell_key
            and of_person.person_key = parent.person_key
            and of_person.is_person_established
)

select * from final
