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
        site_code,
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
        consultation_medium,
        primary_procedure,
        secondary_procedures,
        hrg_code,
        appointment_date
    from {{ ref('hnd_outpatient_appointment') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

successor as (
    select
        organisation_code,
        current_code
    from {{ ref('dim_organisation_successor') }}
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
        {{ provider_as_now('appointment.provider_code') }} as current_provider_code,
        appointment.site_code,
        appointment.commissioner_code,
        appointment.administrative_category,
        appointment.attendance_status,
        appointment.first_attendance,
        {{ appointment_type('appointment.first_attendance') }} as appointment_type,
        {{ attendance_type(
            'appointment.attendance_status', 'appointment.first_attendance'
        ) }} as attendance_type,
        appointment.consultation_medium,
        {{ outpatient_point_of_delivery(
            first_attendance='appointment.first_attendance',
            consultation_medium='appointment.consultation_medium',
            main_specialty_code='appointment.main_specialty_code',
            treatment_function_code='appointment.treatment_function_code',
            primary_procedure='appointment.primary_procedure',
            secondary_procedures='appointment.secondary_procedures',
            hrg_code='appointment.hrg_code'
        ) }} as point_of_delivery,
        appointment.outcome_of_attendance,
        appointment.priority_type,
        appointment.treatment_function_code,
        appointment.main_specialty_code,
        appointment.withheld_identity_reason,
        appointment.overseas_visitor_status,
        appointment.overseas_charging_category,
        appointment.service_code,
        appointment.primary_procedure,
        appointment.secondary_procedures,
        appointment.hrg_code,
        {{ is_attended('appointment.attendance_status') }} as is_attended,

        appointment.appointment_date
    from appointment
    left join person using (person_key)
    left join successor
        on appointment.provider_code = successor.organisation_code
    left join successor as site_successor
        on appointment.site_code = site_successor.organisation_code
)

select * from final
