{#- The contacts of a service whose referrals are a fact of their own: mental health and community
    services send the same. A contact belongs to a referral of the same person only. -#}
{%- macro care_contacts(contacts, referrals) -%}
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
    from {{ contacts }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

of_person as (
    select
        contact.* replace (
            coalesce(person.surviving_person_key, contact.person_key) as person_key
        )
    from contact
    left join person using (person_key)
),

parent as (
    select
        referral_key,
        person_key,
        min(record_key) as referral_record_key
    from {{ referrals }}
    where is_person_established
    group by
        referral_key,
        person_key
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
        of_person.consultation_mechanism,
        of_person.clinical_contact_duration,
        of_person.activity_location_type,
        of_person.withheld_identity_reason,
        {{ is_attended('of_person.attendance_status') }} as is_attended,
        {{ is_did_not_attend('of_person.attendance_status') }} as is_did_not_attend,
        {{ link_status('of_person', 'parent.referral_record_key') }} as link_status,

        of_person.care_contact_date
    from of_person
    left join parent
        on
            of_person.referral_key = parent.referral_key
            and of_person.person_key = parent.person_key
            and of_person.is_person_established
)

select * from final
{%- endmacro -%}
