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
    where feed = 'talking_therapies_referral'
),

referral as (
    select
        submission_id,
        source_row,
        unique_service_request_identifier,
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
    from {{ ref('stg_talking_therapies_referral') }}
),

final as (
    select
        record.record_key,
        record.person_key,
        {{ linked_record_key(
            'talking therapies referral', 'referral', 'unique_service_request_identifier'
        ) }} as referral_key,

        record.is_person_established,
        record.age_band,
        record.sex,
        record.lsoa_code,
        referral.ethnic_category,
        referral.gp_practice_code,
        referral.provider_code,
        referral.commissioner_code,
        referral.source_of_referral,
        referral.provisional_diagnosis,
        referral.discharge_reason,
        referral.withheld_identity_reason,

        referral.referral_request_received_date,
        referral.service_discharge_date
    from referral
    inner join record using (submission_id, source_row)
)

select * from final
