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
        lsoa_code
    from {{ ref('idn_record') }}
    where feed = 'talking_therapies_appointment'
),

appointment as (
    select
        submission_id,
        source_row,
        unique_service_request_identifier,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        attendance_status,
        appointment_type,
        consultation_mechanism,
        phq9_score,
        gad7_score,
        withheld_identity_reason,
        appointment_date
    from {{ ref('stg_talking_therapies_appointment') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'talking therapies referral', 'appointment', 'unique_service_request_identifier'
        ) }} as referral_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        appointment.ethnic_category,
        appointment.gp_practice_code,
        appointment.provider_code,
        appointment.commissioner_code,
        appointment.attendance_status,
        appointment.appointment_type,
        appointment.consultation_mechanism,
        appointment.phq9_score,
        appointment.gad7_score,
        appointment.withheld_identity_reason,

        appointment.appointment_date
    from appointment
    inner join record using (submission_id, source_row)
)

select * from final
