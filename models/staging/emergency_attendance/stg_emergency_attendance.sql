-- The last accepted version of each record: refused rows are in stg_error_report.
with accepted as (
    select
        cds_unique_identifier,
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
        source_row,
        {{ latest_record(['sender_organisation_code', 'cds_unique_identifier']) }} as version_order
    from {{ ref('stg_emergency_attendance_checked') }}
    where not {{ is_rejected('errors') }}
),

final as (
    select
        cds_unique_identifier,
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
    from accepted
    where version_order = 1
)

select * from final
