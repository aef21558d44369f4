-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        cds_unique_identifier,
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
        source_row,
        {{ latest_record(['sender_organisation_code', 'cds_unique_identifier']) }} as version_order
    from {{ ref('stg_outpatient_appointment_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        cds_unique_identifier,
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
    from accepted
    where version_order = 1
)

select * from final
