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

of_person as (
    select
        appointment.* replace (
            coalesce(person.surviving_person_key, appointment.person_key) as person_key
        )
    from appointment
    left join person using (person_key)
),

parent as (
    select
        referral.referral_key,
        coalesce(person.surviving_person_key, referral.person_key) as person_key,
        min(referral.record_key) as referral_record_key
    from referral
    left join person using (person_key)
    group by
        referral.referral_key,
        coalesce(person.surviving_person_key, referral.person_key)
),

final as (
    select
        of_person.record_key,
        of_person.person_key,
        parent.referral_record_key,

        of_person.is_person_established,
        of_person.age_band,
        of_person.sex,
        of_person.lsoa_code,
        of_person.ethnic_category,
        of_person.gp_practice_code,
        of_person.provider_code,
        of_person.commissioner_code,
        of_person.attendance_status,
        of_person.appointment_type,
        of_person.consultation_mechanism,
        of_person.phq9_score,
        of_person.gad7_score,
        of_person.withheld_identity_reason,
        {{ is_attended('of_person.attendance_status') }} as is_attended,
        {{ is_did_not_attend('of_person.attendance_status') }} as is_did_not_attend,
        {{ link_status('of_person', 'parent.referral_record_key') }} as link_status,

        of_person.appointment_date
    from of_person
    left join parent
        on
            of_person.referral_key = parent.referral_key
            and of_person.person_key = parent.person_key
            and of_person.is_person_established
)

select * from final
