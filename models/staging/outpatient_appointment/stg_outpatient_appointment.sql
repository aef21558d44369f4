-- Every record as it stands: refused rows are in stg_error_report, the fate of the others in
-- stg_outpatient_appointment_version.
with checked as (
    select
        cds_unique_identifier,
        cds_update_type,
        cds_applicable_at,
        nhs_number,
        local_patient_id,
        date_of_birth,
        sex,
        ethnic_category,
        postcode,
        gp_practice_code,
        provider_code,
        site_code,
        commissioner_code,
        administrative_category,
        appointment_date,
        attendance_status,
        first_attendance,
        outcome_of_attendance,
        priority_type,
        treatment_function_code,
        main_specialty_code,
        withheld_identity_reason,
        overseas_visitor_status,
        overseas_charging_category,
        service_code,
        submission_id,
        source_row
    from {{ ref('stg_outpatient_appointment_checked') }}
),

standing as (
    select
        submission_id,
        source_row
    from {{ ref('stg_outpatient_appointment_version') }}
    where fate = 'accepted'
),

final as (
    select
        checked.cds_unique_identifier,
        checked.cds_update_type,
        checked.cds_applicable_at,
        checked.nhs_number,
        checked.local_patient_id,
        checked.date_of_birth,
        checked.sex,
        checked.ethnic_category,
        checked.postcode,
        checked.gp_practice_code,
        checked.provider_code,
        checked.site_code,
        checked.commissioner_code,
        checked.administrative_category,
        checked.appointment_date,
        checked.attendance_status,
        checked.first_attendance,
        checked.outcome_of_attendance,
        checked.priority_type,
        checked.treatment_function_code,
        checked.main_specialty_code,
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
