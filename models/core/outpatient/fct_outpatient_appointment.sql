with

appointment as (
    select
        record_key,
        person_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
        residence_class,
        justice_hub_code,
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        administrative_category,
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
        appointment_date
    from {{ ref('hnd_outpatient_appointment') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        appointment.record_key,
        coalesce(person.surviving_person_key, appointment.person_key) as person_key,

        appointment.is_person_established,
        appointment.age_band,
        appointment.sex,
        appointment.lsoa_code,
        appointment.residence_class,
        appointment.justice_hub_code,
        appointment.ethnic_category,
        appointment.gp_practice_code,
        appointment.provider_code,
        appointment.commissioner_code,
        appointment.administrative_category,
        appointment.attendance_status,
        appointment.first_attendance,
        {{ outpatient_point_of_delivery('appointment.first_attendance') }} as point_of_delivery,
        appointment.outcome_of_attendance,
        appointment.priority_type,
        appointment.treatment_function_code,
        appointment.main_specialty_code,
        appointment.withheld_identity_reason,
        appointment.overseas_visitor_status,
        appointment.overseas_charging_category,
        appointment.service_code,
        {{ is_attended('appointment.attendance_status') }} as is_attended,

        appointment.appointment_date
    from appointment
    left join person using (person_key)
)

select * from final
