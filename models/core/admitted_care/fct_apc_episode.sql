with

episode as (
    select
        record_key,
        hospital_spell_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        site_code,
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
        secondary_diagnoses,
        primary_procedure,
        secondary_procedures,
        hrg_code,
        spell_hrg_code,
        withheld_identity_reason,
        overseas_visitor_status,
        overseas_charging_category,
        service_code,
        admission_date,
        episode_start_date,
        episode_end_date,
        primary_procedure_date,
        discharge_ready_date,
        discharge_date,
        rehabilitation_days,
        specialist_palliative_care_days
    from {{ ref('hnd_apc_episode') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
),

resolved as (
    select
        episode.record_key,
        episode.hospital_spell_key,
        coalesce(person.surviving_person_key, episode.person_key) as person_key,
        episode.is_person_established
    from episode
    left join person using (person_key)
),

-- A number that a provider gave to two people is two spells.
people_of_spell as (
    select
        hospital_spell_key,
        coalesce(min(person_key) filter (where is_person_established), min(person_key))
            as spell_person_key,
        count(distinct person_key) filter (where is_person_established) as people
    from resolved
    group by hospital_spell_key
),

final as (
    select
        episode.record_key,
        case
            when people_of_spell.people > 1
                then md5(concat_ws(' ', resolved.hospital_spell_key, resolved.person_key))::uuid
            else resolved.hospital_spell_key
        end as spell_key,
        case
            when people_of_spell.people > 1 then resolved.person_key
            else people_of_spell.spell_person_key
        end as person_key,

        episode.is_person_established or people_of_spell.people = 1 as is_person_established,
        episode.age_band,
        episode.sex,
        episode.lsoa_code,
        episode.residence_class,
        episode.justice_hub_code,
        episode.ethnic_category,
        episode.gp_practice_code,
        episode.provider_code,
        {{ provider_as_now('episode.provider_code') }} as current_provider_code,
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
    inner join resolved using (record_key)
    inner join people_of_spell
        on resolved.hospital_spell_key = people_of_spell.hospital_spell_key
    left join successor
        on episode.provider_code = successor.organisation_code
    left join successor as site_successor
        on episode.site_code = site_successor.organisation_code
)

select * from final
