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
    select {{ code_lists('outpatient_appointment') }}
    from {{ ref('code_list') }}
),

landed as (
    select
        nullif(trim(cds_unique_identifier), '') as cds_unique_identifier,
        nullif(trim(cds_update_type), '') as cds_update_type,
        nullif(trim(cds_applicable_at), '') as cds_applicable_at,
        nullif(trim(nhs_number), '') as nhs_number,
        nullif(trim(local_patient_id), '') as local_patient_id,
        nullif(trim(date_of_birth), '') as date_of_birth,
        nullif(trim(sex), '') as sex,
        nullif(trim(ethnic_category), '') as ethnic_category,
        nullif(trim(postcode), '') as postcode,
        nullif(trim(gp_practice_code), '') as gp_practice_code,
        nullif(trim(provider_code), '') as provider_code,
        nullif(trim(site_code), '') as site_code,
        nullif(trim(commissioner_code), '') as commissioner_code,
        nullif(trim(administrative_category), '') as administrative_category,
        nullif(trim(appointment_date), '') as appointment_date,
        nullif(trim(attendance_status), '') as attendance_status,
        nullif(trim(first_attendance), '') as first_attendance,
        nullif(trim(outcome_of_attendance), '') as outcome_of_attendance,
        nullif(trim(priority_type), '') as priority_type,
        nullif(trim(treatment_function_code), '') as treatment_function_code,
        nullif(trim(main_specialty_code), '') as main_specialty_code,
        nullif(trim(withheld_identity_reason), '') as withheld_identity_reason,
        nullif(trim(overseas_visitor_status), '') as overseas_visitor_status,
        nullif(trim(overseas_charging_category), '') as overseas_charging_category,
        nullif(trim(service_code), '') as service_code,
        submission_id,
        source_row
    from {{ source('landing_outpatient_appointment', 'outpatient_appointment') }}
),

final as (
    select
        landed.cds_unique_identifier,
        landed.cds_update_type,
        {{ iso_timestamp('landed.cds_applicable_at') }} as cds_applicable_at,
        {{ valid_nhs_number_or_null('landed.nhs_number') }} as nhs_number,
        landed.local_patient_id,
        {{ iso_date('landed.date_of_birth') }} as date_of_birth,
        landed.sex,
        landed.ethnic_category,
        landed.postcode,
        landed.gp_practice_code,
        landed.provider_code,
        landed.site_code,
        landed.commissioner_code,
        landed.administrative_category,
        {{ iso_date('landed.appointment_date') }} as appointment_date,
        landed.attendance_status,
        landed.first_attendance,
        landed.outcome_of_attendance,
        landed.priority_type,
        landed.treatment_function_code,
        landed.main_specialty_code,
        landed.withheld_identity_reason,
        landed.overseas_visitor_status,
        landed.overseas_charging_category,
        landed.service_code,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('outpatient_appointment') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
