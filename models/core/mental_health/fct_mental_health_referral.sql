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
        ethnic_category,
        gp_practice_code,
        provider_code,
        commissioner_code,
        source_of_referral,
        clinical_response_priority,
        primary_reason_for_referral,
        out_of_area_reason,
        withheld_identity_reason,
        referral_request_received_date,
        service_discharge_date
    from {{ ref('hnd_mental_health_referral') }}
),

person as (
    select
        person_key,
        surviving_person_key
    from {{ ref('dim_person') }}
),

final as (
    select
        referral.record_key,
        coalesce(person.surviving_person_key, referral.person_key) as person_key,
        referral.referral_key,

        referral.is_person_established,
        referral.age_band,
        referral.sex,
        referral.lsoa_code,
        referral.ethnic_category,
        referral.gp_practice_code,
        referral.provider_code,
        referral.commissioner_code,
        referral.source_of_referral,
        referral.clinical_response_priority,
        referral.primary_reason_for_referral,
        referral.out_of_area_reason,
        referral.withheld_identity_reason,
        (
            referral.service_discharge_date - referral.referral_request_received_date
        )::integer as days_open,

        referral.referral_request_received_date,
        referral.service_discharge_date
    from referral
    left join person using (person_key)
)

select * from final
