with

contact as (
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
        consultation_mechanism,
        clinical_contact_duration,
        activity_location_type,
        withheld_identity_reason,
        care_contact_date
    from {{ ref('hnd_community_contact') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

resolved as (
    select
        contact.record_key,
        coalesce(person.surviving_person_key, contact.person_key) as person_key
    from contact
    left join person
        on contact.person_key = person.person_key
),

parent as (
    select
        referral_key,
        person_key,
        min(record_key) as referral_record_key
    from {{ ref('fct_community_referral') }}
    where is_person_established
    group by
        referral_key,
        person_key
),

final as (
    select
        contact.record_key,
        resolved.person_key,
        parent.referral_record_key,

        contact.is_person_established,
        contact.age_band,
        contact.sex,
        contact.lsoa_code,
        contact.ethnic_category,
        contact.gp_practice_code,
        contact.provider_code,
        contact.commissioner_code,
        contact.attendance_status,
        contact.consultation_mechanism,
        contact.clinical_contact_duration,
        contact.activity_location_type,
        contact.withheld_identity_reason,
        {{ is_attended('contact.attendance_status') }} as is_attended,
        {{ is_did_not_attend('contact.attendance_status') }} as is_did_not_attend,
        {{ link_status('contact', 'parent.referral_record_key') }} as link_status,

        contact.care_contact_date
    from contact
    inner join resolved
        on contact.record_key = resolved.record_key
    left join parent
        on
            contact.referral_key = parent.referral_key
            and resolved.person_key = parent.person_key
            and contact.is_person_established
)

select * from final
