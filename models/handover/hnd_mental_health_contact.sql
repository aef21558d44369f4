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
    where feed = 'mental_health_contact'
),

contact as (
    select
        submission_id,
        source_row,
        unique_service_request_identifier,
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
    from {{ ref('stg_mental_health_contact') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'mental health referral', 'contact', 'unique_service_request_identifier'
        ) }} as referral_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        contact.ethnic_category,
        contact.gp_practice_code,
        contact.provider_code,
        contact.commissioner_code,
        contact.attendance_status,
        contact.consultation_mechanism,
        contact.clinical_contact_duration,
        contact.activity_location_type,
        contact.withheld_identity_reason,

        contact.care_contact_date
    from contact
    inner join record using (submission_id, source_row)
)

select * from final
