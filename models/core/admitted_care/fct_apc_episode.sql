with

episode as (
    select
        record_key,
        spell_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        administrative_category,
        patient_classification,
        admission_method,
        source_of_admission,
        episode_number,
        episode_status,
        discharge_method,
        discharge_destination,
        treatment_function_code,
        main_specialty_code,
        primary_diagnosis,
        primary_procedure,
        withheld_identity_reason,
        admission_date,
        episode_start_date,
        episode_end_date,
        discharge_date
    from {{ ref('hnd_apc_episode') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        episode.record_key,
        episode.spell_key,
        coalesce(person.surviving_person_key, episode.person_key) as person_key,

        episode.is_person_established,
        episode.age_band,
        episode.sex,
        episode.lsoa_code,
        episode.ethnic_category,
        episode.gp_practice_code,
        episode.provider_code,
        episode.commissioner_code,
        episode.administrative_category,
        episode.patient_classification,
        episode.admission_method,
        episode.source_of_admission,
        episode.episode_number,
        episode.episode_status,
        episode.discharge_method,
        episode.discharge_destination,
        episode.treatment_function_code,
        episode.main_specialty_code,
        episode.primary_diagnosis,
        episode.primary_procedure,
        episode.withheld_identity_reason,

        episode.admission_date,
        episode.episode_start_date,
        episode.episode_end_date,
        episode.discharge_date
    from episode
    left join person using (person_key)
)

select * from final
