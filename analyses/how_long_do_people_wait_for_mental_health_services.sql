-- How long do people wait from a referral to mental health services until the first contact they
-- attend, and how many have not been seen? By urgency of the referral.
with

first_contact as (
    select
        referral_record_key,
        min(care_contact_date) as first_contact_date
    from {{ ref('fct_mental_health_contact') }}
    where link_status = 'linked' and is_attended
    group by referral_record_key
)

select
    referral.clinical_response_priority,
    count(*) as referrals,
    count(*) filter (where first_contact.first_contact_date is null) as not_yet_seen,
    count(*) filter (
        where first_contact.first_contact_date is null
        and referral.service_discharge_date is not null
    ) as discharged_unseen,
    median(
        first_contact.first_contact_date - referral.referral_request_received_date
    ) as median_days
from {{ ref('fct_mental_health_referral') }} as referral
left join first_contact
    on referral.record_key = first_contact.referral_record_key
group by referral.clinical_response_priority
order by referral.clinical_response_priority asc nulls last
