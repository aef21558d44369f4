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
    select {{ code_lists('emergency_attendance') }}
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
        nullif(trim(department_type), '') as department_type,
        nullif(trim(attendance_category), '') as attendance_category,
        nullif(trim(arrival_date), '') as arrival_date,
        nullif(trim(arrival_time), '') as arrival_time,
        nullif(trim(departure_date), '') as departure_date,
        nullif(trim(departure_time), '') as departure_time,
        nullif(trim(attendance_disposal), '') as attendance_disposal,
        nullif(trim(clinical_note), '') as clinical_note,
        nullif(trim(withheld_identity_reason), '') as withheld_identity_reason,
        submission_id,
        source_row
    from {{ source('landing_emergency_attendance', 'emergency_attendance') }}
),

final as (
    select
        landed.cds_unique_identifier,
        landed.cds_update_type,
        {{ iso_timestamp('landed.cds_applicable_at') }} as cds_applicable_at,
        {{ valid_nhs_number_or_null('landed.nhs_number') }} as nhs_number,
        landed.source_person_id,
        landed.local_patient_id,
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
        landed.department_type,
        landed.attendance_category,
        {{ iso_date('landed.arrival_date') }} as arrival_date,
        {{ iso_time('landed.arrival_time') }} as arrival_time,
        {{ iso_date('landed.departure_date') }} as departure_date,
        {{ iso_time('landed.departure_time') }} as departure_time,
        landed.attendance_disposal,
        landed.clinical_note,
        landed.withheld_identity_reason,
        landed.submission_id,
        landed.source_row,
        submission.sender_organisation_code,
        submission.extract_at,
        {{ contract_errors('emergency_attendance') }} as errors
    from landed
    inner join submission on landed.submission_id = submission.submission_id
    cross join code_lists
)

select * from final
