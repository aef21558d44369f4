with

spell as (
    select
        record_key,
        person_key,
        spell_key,
        referral_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        source_of_admission,
        admission_method,
        discharge_method,
        discharge_destination,
        withheld_identity_reason,
        spell_start_date,
        planned_discharge_date,
        discharge_date
    from {{ ref('hnd_mental_health_spell') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

of_person as (
    select
        spell.* replace (
            coalesce(person.surviving_person_key, spell.person_key) as person_key
        )
    from spell
    left join person using (person_key)
),

parent as (
    select
        referral_key,
        person_key,
        min(record_key) as referral_record_key
    from {{ ref('fct_mental_health_referral') }}
    where is_person_established
    group by
        referral_key,
        person_key
),

final as (
    select
        of_person.record_key,
        of_person.person_key,
        of_person.spell_key,
        parent.referral_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.source_of_admission,
        of_person.admission_method,
        of_person.discharge_method,
        of_person.discharge_destination,
        of_person.withheld_identity_reason,
        (of_person.discharge_date - of_person.spell_start_date)::integer as length_of_stay,
        {{ link_status('of_person', 'parent.referral_record_key') }} as link_status,

        of_person.spell_start_date,
        of_person.planned_discharge_date,
        of_person.discharge_date
    from of_person
    left join parent
        on
            of_person.referral_key = parent.referral_key
            and of_person.person_key = parent.person_key
            and of_person.is_person_established
)

select * from final
