with

referral as (
    select
        record_key,
        person_key,
        referral_key,
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
        source_of_referral,
        provisional_diagnosis,
        discharge_reason,
        withheld_identity_reason,
        referral_request_received_date,
        service_discharge_date
    from {{ ref('hnd_talking_therapies_referral') }}
),

appointment as (
    select
        record_key,
        person_key,
        referral_key,
        is_person_established,
        attendance_status,
        appointment_type,
        phq9_score,
        gad7_score,
        appointment_date
    from {{ ref('hnd_talking_therapies_appointment') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

course as (
    select
        referral.* exclude (person_key),
        coalesce(person.surviving_person_key, referral.person_key) as person_key
    from referral
    left join person
        on referral.person_key = person.person_key
),

seen as (
    select
        appointment.* exclude (person_key),
        coalesce(person.surviving_person_key, appointment.person_key) as person_key
    from appointment
    left join person
        on appointment.person_key = person.person_key
    where
        appointment.is_person_established
        and {{ is_attended('appointment.attendance_status') }}
),

-- Appointments of the same person, from the referral to its end.
measured as (
    select
        course.record_key,
        count(*) as attended_appointments,
        count(*) filter (where seen.appointment_type in ('02', '03', '05'))
            as treatment_appointments,
        first(seen.phq9_score order by seen.appointment_date asc, seen.record_key asc)
        filter (where seen.phq9_score is not null) as first_phq9_score,
        first(seen.phq9_score order by seen.appointment_date desc, seen.record_key desc)
        filter (where seen.phq9_score is not null) as last_phq9_score,
        first(seen.gad7_score order by seen.appointment_date asc, seen.record_key asc)
        filter (where seen.gad7_score is not null) as first_gad7_score,
        first(seen.gad7_score order by seen.appointment_date desc, seen.record_key desc)
        filter (where seen.gad7_score is not null) as last_gad7_score
    from course
    inner join seen
        on
            course.referral_key = seen.referral_key
            and course.person_key = seen.person_key
    where
        course.is_person_established
        and seen.appointment_date >= course.referral_request_received_date
        and coalesce(seen.appointment_date <= course.service_discharge_date, true)
    group by course.record_key
),

final as (
    select
        course.record_key,
        course.person_key,

        course.is_person_established,
        course.age_band,
        course.sex,
        course.lsoa_code,
        course.residence_class,
        course.justice_hub_code,
        course.ethnic_category,
        course.gp_practice_code,
        course.provider_code,
        course.commissioner_code,
        course.source_of_referral,
        course.provisional_diagnosis,
        course.discharge_reason,
        course.withheld_identity_reason,
        coalesce(measured.attended_appointments, 0) as attended_appointments,
        coalesce(measured.treatment_appointments, 0) as treatment_appointments,
        measured.first_phq9_score,
        measured.last_phq9_score,
        measured.first_gad7_score,
        measured.last_gad7_score,
        measured.first_phq9_score - measured.last_phq9_score as phq9_fall,
        measured.first_gad7_score - measured.last_gad7_score as gad7_fall,
        course.service_discharge_date is not null
        and coalesce(measured.treatment_appointments >= 2, false) as is_finished_course,
        {{ is_case('measured.first_phq9_score', 'measured.first_gad7_score') }}
            as is_case_at_start,
        is_finished_course
        and is_case_at_start
        and {{ is_below_caseness('measured.last_phq9_score', 'measured.last_gad7_score') }}
            as is_recovered,
        is_finished_course
        and {{ falls_reliably('phq9_fall', 'gad7_fall') }}
        and not {{ falls_reliably('-phq9_fall', '-gad7_fall') }} as is_reliably_improved,
        is_finished_course
        and {{ falls_reliably('-phq9_fall', '-gad7_fall') }}
        and not {{ falls_reliably('phq9_fall', 'gad7_fall') }} as is_reliably_deteriorated,

        course.referral_request_received_date,
        course.service_discharge_date
    from course
    left join measured
        on course.record_key = measured.record_key
)

select * from final
