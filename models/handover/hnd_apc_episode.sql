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
        lsoa_code,
        residence_class,
        justice_hub_code
    from {{ ref('idn_record') }}
    where feed = 'apc_episode'
),

episode as (
    select
        submission_id,
        source_row,
        hospital_spell_number,
        ethnic_category,
        gp_practice_code,
        provider_code,
        site_code,
        commissioner_code,
        administrative_category,
        patient_classification,
        admission_method,
        source_of_admission,
        admission_date,
        episode_number,
        episode_status,
        episode_start_date,
        episode_end_date,
        discharge_date,
        discharge_method,
        discharge_destination,
        treatment_function_code,
        main_specialty_code,
        primary_diagnosis,
        secondary_diagnoses,
        primary_procedure,
        secondary_procedures,
        hrg_code,
        spell_hrg_code,
        withheld_identity_reason,
        overseas_visitor_status,
        overseas_charging_category,
        service_code,
        primary_procedure_date,
        discharge_ready_date,
        rehabilitation_days,
        specialist_palliative_care_days
    from {{ ref('stg_apc_episode') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        coalesce(
            {{ linked_record_key('numbered spell', 'episode', 'hospital_spell_number') }},
            -- episodes of withheld identity are one stay, apart from those of known people
            {{ keyed_identifier(
                var('person_key_name'),
                ["'withheld spell'", 'episode.provider_code', 'episode.hospital_spell_number']
            ) }},
            {{ keyed_identifier(
                var('person_key_name'),
                [
                    "'dated spell'", 'episode.provider_code', 'record.person_key::varchar',
                    'episode.admission_date::varchar'
                ]
            ) }}
        ) as hospital_spell_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        record.residence_class,
        record.justice_hub_code,
        episode.ethnic_category,
        episode.gp_practice_code,
        episode.provider_code,
        episode.site_code,
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
        episode.secondary_diagnoses,
        episode.primary_procedure,
        episode.secondary_procedures,
        episode.hrg_code,
        episode.spell_hrg_code,
        episode.withheld_identity_reason,
        episode.overseas_visitor_status,
        episode.overseas_charging_category,
        episode.service_code,

        episode.admission_date,
        episode.episode_start_date,
        episode.episode_end_date,
        episode.primary_procedure_date,
        episode.discharge_ready_date,
        episode.discharge_date,

        episode.rehabilitation_days,
        episode.specialist_palliative_care_days
    from episode
    inner join record using (submission_id, source_row)
)

select * from final
