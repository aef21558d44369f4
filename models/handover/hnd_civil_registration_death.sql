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
        death_date,
        registration_date,
        underlying_cause_code,
        contributory_cause_codes,
        place_of_death
    from {{ ref('stg_civil_registration_death') }}
),

agreement as (
    select
        submission_id,
        source_row,
        recorded_death_agreement
    from {{ ref('idn_death_agreement') }}
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
        agreement.recorded_death_agreement,

        death.death_date,
        death.registration_date
    from death
    inner join record using (submission_id, source_row)
    inner join agreement using (submission_id, source_row)
)

select * from final
