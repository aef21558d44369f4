-- Every record as it stands: refused rows are in stg_error_report, the fate of the others in
-- stg_apc_episode_version.
with checked as (
    select
        cds_unique_identifier,
        cds_update_type,
        cds_applicable_at,
        nhs_number,
        source_person_id,
        local_patient_id,
        hospital_spell_number,
        date_of_birth,
        recorded_age,
        sex,
        ethnic_category,
        postcode,
        lsoa_code,
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
        primary_procedure,
        withheld_identity_reason,
        overseas_visitor_status,
        overseas_charging_category,
        service_code,
        submission_id,
        source_row
    from {{ ref('stg_apc_episode_checked') }}
),

standing as (
    select
        submission_id,
        source_row
    from {{ ref('stg_apc_episode_version') }}
    where fate = 'accepted'
),

final as (
    select
        checked.cds_unique_identifier,
        checked.cds_update_type,
        checked.cds_applicable_at,
        checked.nhs_number,
        checked.source_person_id,
        checked.local_patient_id,
        checked.hospital_spell_number,
        checked.date_of_birth,
        checked.recorded_age,
        checked.sex,
        checked.ethnic_category,
        checked.postcode,
        checked.lsoa_code,
        checked.gp_practice_code,
        checked.provider_code,
        checked.site_code,
        checked.commissioner_code,
        checked.administrative_category,
        checked.patient_classification,
        checked.admission_method,
        checked.source_of_admission,
        checked.admission_date,
        checked.episode_number,
        checked.episode_status,
        checked.episode_start_date,
        checked.episode_end_date,
        checked.discharge_date,
        checked.discharge_method,
        checked.discharge_destination,
        checked.treatment_function_code,
        checked.main_specialty_code,
        checked.primary_diagnosis,
        checked.primary_procedure,
        checked.withheld_identity_reason,
        checked.overseas_visitor_status,
        checked.overseas_charging_category,
        checked.service_code,
        checked.submission_id,
        checked.source_row
    from checked
    inner join standing
        on
            checked.submission_id = standing.submission_id
            and checked.source_row = standing.source_row
)

select * from final
