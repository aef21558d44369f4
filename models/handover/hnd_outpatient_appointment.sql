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
        lsoa_code,
        residence_class,
        justice_hub_code
    from {{ ref('idn_record') }}
    where feed = 'outpatient_appointment'
),

appointment as (
    select
        submission_id,
        source_row,
        ethnic_category,
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
        consultation_medium,
        primary_procedure,
        secondary_procedures,
        hrg_code
    from {{ ref('stg_outpatient_appointment') }}
),

final as (
    select
        record.record_key,
        record.person_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        record.residence_class,
        record.justice_hub_code,
        appointment.ethnic_category,
        appointment.gp_practice_code,
        appointment.provider_code,
        appointment.site_code,
        appointment.commissioner_code,
        appointment.administrative_category,
        appointment.attendance_status,
        appointment.first_attendance,
        appointment.outcome_of_attendance,
        appointment.priority_type,
        appointment.treatment_function_code,
        appointment.main_specialty_code,
        appointment.withheld_identity_reason,
        appointment.overseas_visitor_status,
        appointment.overseas_charging_category,
        appointment.service_code,
        appointment.consultation_medium,
        appointment.primary_procedure,
        appointment.secondary_procedures,
        appointment.hrg_code,

        appointment.appointment_date
    from appointment
    inner join record using (submission_id, source_row)
)

select * from final
