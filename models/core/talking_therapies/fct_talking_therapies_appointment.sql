with

appointment as (
    select
        record_key,
        person_key,
        referral_key,
        is_person_established,
        age_band,
        sex,
        lsoa_code,
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
    from {{ ref('hnd_talking_therapies_appointment') }}
),

referral as (
    select
        record_key,
        person_key,
        referral_key
    from {{ ref('hnd_talking_therapies_referral') }}
    where is_person_established
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

parent as (
    select
        referral.referral_key,
        coalesce(person.surviving_person_key, referral.person_key) as person_key,
        min(referral.record_key) as referral_record_key
    from referral
    left join person
        on referral.person_key = person.person_key
    group by
        referral.referral_key,
        coalesce(person.surviving_person_key, referral.person_key)
),

final as (
    select
        appointment.record_key,
        coalesce(person.surviving_person_key, appointment.person_key) as person_key,
        parent.referral_record_key,

        appointment.is_person_established,
        appointment.age_band,
        appointment.sex,
        appointment.lsoa_code,
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
        {{ is_attended('appointment.attendance_status') }} as is_attended,
        {{ is_did_not_attend('appointment.attendance_status') }} as is_did_not_attend,
        {{ link_status('appointment', 'parent.referral_record_key') }} as link_status,

        appointment.appointment_date
    from appointment
    left join person
        on appointment.person_key = person.person_key
    left join parent
        on
            appointment.referral_key = parent.referral_key
            and coalesce(person.surviving_person_key, appointment.person_key) = parent.person_key
            and appointment.is_person_established
)

select * from final
