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

resolved as (
    select
        ward_stay.record_key,
        coalesce(person.surviving_person_key, ward_stay.person_key) as person_key
    from ward_stay
    left join person
        on ward_stay.person_key = person.person_key
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
        ward_stay.record_key,
        resolved.person_key,
        parent.spell_record_key,

        ward_stay.is_person_established,
        ward_stay.age_band,
        ward_stay.sex,
        ward_stay.lsoa_code,
        ward_stay.ethnic_category,
        ward_stay.gp_practice_code,
        ward_stay.provider_code,
        ward_stay.commissioner_code,
        ward_stay.hospital_bed_type,
        ward_stay.ward_intended_age_group,
        ward_stay.ward_security_level,
        ward_stay.withheld_identity_reason,
        (ward_stay.ward_stay_end_date - ward_stay.ward_stay_start_date)::integer as ward_days,
        {{ link_status('ward_stay', 'parent.spell_record_key') }} as link_status,

        ward_stay.ward_stay_start_date,
        ward_stay.ward_stay_end_date
    from ward_stay
    inner join resolved
        on ward_stay.record_key = resolved.record_key
    left join parent
        on
            ward_stay.spell_key = parent.spell_key
            and resolved.person_key = parent.person_key
            and ward_stay.is_person_established
)

select * from final
