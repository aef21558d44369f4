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
    where feed = 'gp_extract_observation'
),

observation as (
    select
        submission_id,
        source_row,
        ethnic_category,
        gp_practice_code,
        provider_code,
        observation_date,
        snomed_code,
        observation_value,
        observation_unit
    from {{ ref('stg_gp_extract_observation') }}
),

submission as (
    select
        submission_id,
        coalesce(extract_at::date, received_on) as extract_date
    from {{ ref('stg_submission') }}
),

final as (
    select
        record.record_key,
        record.person_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        observation.ethnic_category,
        observation.gp_practice_code,
        observation.provider_code,
        observation.snomed_code,
        observation.observation_unit,

        observation.observation_date,
        submission.extract_date,

        observation.observation_value
    from observation
    inner join record using (submission_id, source_row)
    inner join submission using (submission_id)
)

select * from final
