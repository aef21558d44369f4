with

period as (
    select
        record_key,
        person_key,
        hospital_spell_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        gp_practice_code,
        provider_code,
        commissioner_code,
        critical_care_type,
        unit_function,
        hrg_code,
        withheld_identity_reason,
        critical_care_start_date,
        critical_care_discharge_date,
        level_2_days,
        level_3_days,
        organ_support_maximum
    from {{ ref('hnd_critical_care_period') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

numbered_spell as (
    select distinct
        received.hospital_spell_key,
        episode.spell_key,
        episode.person_key,
        count(distinct episode.spell_key) over (partition by received.hospital_spell_key)
            as spells_of_number
    from {{ ref('hnd_apc_episode') }} as received
    inner join {{ ref('fct_apc_episode') }} as episode using (record_key)
),

resolved as (
    select
        period.*,
        coalesce(person.surviving_person_key, period.person_key) as surviving_person_key
    from period
    left join person using (person_key)
),

-- A number given to two people is two spells: the period belongs to its own person's.
final as (
    select
        resolved.record_key,
        coalesce(numbered_spell.person_key, resolved.surviving_person_key) as person_key,
        numbered_spell.spell_key,

        resolved.is_person_established,
        resolved.age_band,
        resolved.sex,
        resolved.lsoa_code,
        resolved.gp_practice_code,
        resolved.provider_code,
        resolved.commissioner_code,
        resolved.critical_care_type,
        resolved.unit_function,
        resolved.hrg_code,
        resolved.withheld_identity_reason,

        resolved.critical_care_start_date,
        resolved.critical_care_discharge_date,

        date_diff(
            'day', resolved.critical_care_start_date, resolved.critical_care_discharge_date
        ) as critical_care_days,
        resolved.level_2_days,
        resolved.level_3_days,
        resolved.organ_support_maximum
    from resolved
    left join numbered_spell
        on
            resolved.hospital_spell_key = numbered_spell.hospital_spell_key
            and (
                resolved.surviving_person_key = numbered_spell.person_key
                or (numbered_spell.spells_of_number = 1 and not resolved.is_person_established)
            )
)

select * from final
