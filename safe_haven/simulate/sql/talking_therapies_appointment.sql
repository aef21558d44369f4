-- Talking Therapies appointments of the referrals that a batch of months received, in these months or later ones.
-- Reads: talking_therapies_referral. Writes: event.
create or replace temp table event as
with contact as (
    select
        *,
        unnest(range(1, contacts + 1)) as contact
    from talking_therapies_referral
),

dated as (
    select
        *,
        event_id * 100 + contact as contact_id,
        received_on + ((planned_days * (contact - 1)) // contacts)::integer as contact_date
    from contact
)

select
    contact_id as event_id,
    event_id as identity_id,
    event_id as referral_id,
    person_id,
    contact_date as event_date,
    provider_code,
    age,
    is_withheld,
    contact,
    contacts,
    date_diff('month', getvariable('first_day'), contact_date) as report_index
from dated
where contact_date <= least(dies_on, getvariable('last_day'));
