with

record as (
    select
        submission_id,
        source_row,
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code
    from {{ ref('idn_record') }}
    where feed = 'civil_registration_death'
),

death as (
    select
        submission_id,
        source_row,
        gp_practice_code,
        provider_code,
        date_of_death,
        registration_date,
        underlying_cause_code,
        contributory_cause_codes,
        place_of_death
    from {{ ref('stg_civil_registration_death') }}
),

person as (
    select
        person_key,
        date_of_death
    from {{ ref('idn_person') }}
),

final as (
    select
        record.record_key,
        record.person_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        death.gp_practice_code,
        death.provider_code,
        death.underlying_cause_code,
        death.contributory_cause_codes,
        death.place_of_death,
        -- a difference is a finding about two sources; neither is corrected by the other
        case
            when person.person_key is null then 'person_not_known'
            when person.date_of_death is null then 'not_recorded'
            when person.date_of_death = death.date_of_death then 'agrees'
            else 'differs'
        end as recorded_death_agreement,

        death.date_of_death,
        death.registration_date
    from death
    inner join record using (submission_id, source_row)
    left join person on record.person_key = person.person_key
)

select * from final
