-- Every record as it stands: refused rows are in stg_error_report, the fate of the others in
-- stg_emergency_attendance_version.
with checked as (
    select
        cds_unique_identifier,
        cds_update_type,
        cds_applicable_at,
        nhs_number,
        source_person_id,
        local_patient_id,
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
        department_type,
        attendance_category,
        arrival_date,
        arrival_time,
        departure_date,
        departure_time,
        attendance_disposal,
        clinical_note,
        withheld_identity_reason,
        submission_id,
        source_row
    from {{ ref('stg_emergency_attendance_checked') }}
),

standing as (
    select
        submission_id,
        source_row
    from {{ ref('stg_emergency_attendance_version') }}
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
        checked.department_type,
        checked.attendance_category,
        checked.arrival_date,
        checked.arrival_time,
        checked.departure_date,
        checked.departure_time,
        checked.attendance_disposal,
        checked.clinical_note,
        checked.withheld_identity_reason,
        checked.submission_id,
        checked.source_row
    from checked
    inner join standing
        on
            checked.submission_id = standing.submission_id
            and checked.source_row = standing.source_row
)

select * from final
