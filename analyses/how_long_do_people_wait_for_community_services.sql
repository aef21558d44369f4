-- How long do people wait from a referral to community services until they are first seen, and how
-- many have not been seen?
with

first_contact as (
    select
        referral_record_key,
        min(care_contact_date) as first_contact_date
    from {{ ref('fct_community_contact') }}
    where link_status = 'linked' and is_attended
    group by referral_record_key
)

select
    referral.service_type_referred_to,
    count(*) as referrals,
    count(*) filter (where first_contact.first_contact_date is null) as not_yet_seen,
    median(
        first_contact.first_contact_date - referral.referral_request_received_date
    ) as median_days
from {{ ref('fct_community_referral') }} as referral
left join first_contact
    on referral.record_key = first_contact.referral_record_key
group by referral.service_type_referred_to
order by referral.service_type_referred_to asc
