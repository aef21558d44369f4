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

resolved as (
    select
        spell.record_key,
        coalesce(person.surviving_person_key, spell.person_key) as person_key
    from spell
    left join person
        on spell.person_key = person.person_key
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
        spell.record_key,
        resolved.person_key,
        spell.spell_key,
        parent.referral_record_key,

        spell.is_person_established,
        spell.age_band,
        spell.sex,
        spell.lsoa_code,
        spell.ethnic_category,
        spell.gp_practice_code,
        spell.provider_code,
        spell.commissioner_code,
        spell.source_of_admission,
        spell.admission_method,
        spell.discharge_method,
        spell.discharge_destination,
        spell.withheld_identity_reason,
        (spell.discharge_date - spell.spell_start_date)::integer as length_of_stay,
        {{ link_status('spell', 'parent.referral_record_key') }} as link_status,

        spell.spell_start_date,
        spell.planned_discharge_date,
        spell.discharge_date
    from spell
    inner join resolved
        on spell.record_key = resolved.record_key
    left join parent
        on
            spell.referral_key = parent.referral_key
            and resolved.person_key = parent.person_key
            and spell.is_person_established
)

select * from final
