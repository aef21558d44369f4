-- Data contract and business rules: every row is typed and carries the list of its own errors.
with submission as (
    select
        submission_id,
        sender_organisation_code,
        protocol,
        bulk_replacement_group,
        received_on,
        extract_at,
        period_start,
        period_end,
        protocol_errors
    from {{ ref('stg_submission') }}
    where not is_test and is_known
),

code_lists as (
    select {{ code_lists('apc_episode') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(cds_unique_identifier), '') as cds_unique_identifier,
        nullif(trim(cds_update_type), '') as cds_update_type,
        nullif(trim(cds_applicable_at), '') as cds_applicable_at,
        nullif(trim(nhs_number), '') as nhs_number,
        nullif(trim(source_person_id), '') as source_person_id,
        nullif(trim(local_patient_id), '') as local_patient_id,
        nullif(trim(hospital_spell_number), '') as hospital_spell_number,
        nullif(trim(date_of_birth), '') as date_of_birth,
        nullif(trim(recorded_age), '') as recorded_age,
        nullif(trim(sex), '') as sex,
        nullif(trim(ethnic_category), '') as ethnic_category,
        nullif(trim(postcode), '') as postcode,
        nullif(trim(lsoa_code), '') as lsoa_code,
        nullif(trim(gp_practice_code), '') as gp_practice_code,
        nullif(trim(provider_code), '') as provider_code,
        nullif(trim(site_code), '') as site_code,
        nullif(trim(commissioner_code), '') as commissioner_code,
        nullif(trim(administrative_category), '') as administrative_category,
        nullif(trim(patient_classification), '') as patient_classification,
        nullif(trim(admission_method), '') as admission_method,
        nullif(trim(source_of_admission), '') as source_of_admission,
        nullif(trim(admission_date), '') as admission_date,
        nullif(trim(episode_number), '') as episode_number,
        nullif(trim(episode_status), '') as episode_status,
        nullif(trim(episode_start_date), '') as episode_start_date,
        nullif(trim(episode_end_date), '') as episode_end_date,
        nullif(trim(discharge_date), '') as discharge_date,
        nullif(trim(discharge_method), '') as discharge_method,
        nullif(trim(discharge_destination), '') as discharge_destination,
        nullif(trim(treatment_function_code), '') as treatment_function_code,
        nullif(trim(main_specialty_code), '') as main_specialty_code,
        nullif(trim(primary_diagnosis), '') as primary_diagnosis,
        nullif(trim(primary_procedure), '') as primary_procedure,
        nullif(trim(withheld_identity_reason), '') as withheld_identity_reason,
        nullif(trim(overseas_visitor_status), '') as overseas_visitor_status,
        nullif(trim(overseas_charging_category), '') as overseas_charging_category,
        nullif(trim(service_code), '') as service_code,
        submission_id,
        source_row
    from {{ source('landing_apc_episode', 'apc_episode') }}
),

final as (
    select
        landed.cds_unique_identifier,
        landed.cds_update_type,
        {{ iso_timestamp('landed.cds_applicable_at') }} as cds_applicable_at,
        {{ valid_nhs_number_or_null('landed.nhs_number') }} as nhs_number,
        landed.source_person_id,
        landed.local_patient_id,
        landed.hospital_spell_number,
        {{ iso_date('landed.date_of_birth') }} as date_of_birth,
        {{ whole_number('landed.recorded_age') }} as recorded_age,
        landed.sex,
        landed.ethnic_category,
        landed.postcode,
        landed.lsoa_code,
        landed.gp_practice_code,
        landed.provider_code,
        landed.site_code,
        landed.commissioner_code,
        landed.administrative_category,
        landed.patient_classification,
        landed.admission_method,
        landed.source_of_admission,
        {{ iso_date('landed.admission_date') }} as admission_date,
        landed.episode_number,
        landed.episode_status,
        {{ iso_date('landed.episode_start_date') }} as episode_start_date,
        {{ iso_date('landed.episode_end_date') }} as episode_end_date,
        {{ iso_date('landed.discharge_date') }} as discharge_date,
        landed.discharge_method,
        landed.discharge_destination,
        landed.treatment_function_code,
        landed.main_specialty_code,
        landed.primary_diagnosis,
        landed.primary_procedure,
        landed.withheld_identity_reason,
        landed.overseas_visitor_status,
        landed.overseas_charging_category,
        landed.service_code,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('apc_episode') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
