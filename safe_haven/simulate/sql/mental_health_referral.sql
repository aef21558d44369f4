-- Mental health referrals of a batch of months, and how many contacts each has.
-- Reads: active, trust, board_provider. Writes: event, mental_health_referral (for the feeds of its contacts).
create or replace temp table mental_health_referral as
with referred as (
    select
        active.*,
        person_month * 10 as event_id,
        board_provider.mental_health_code as provider_code,
        month_start + below('mh day', person_month, days_in_month) as received_on,
        14 + below('mh open', person_month, 200) as planned_days
    from active
    inner join trust on active.first_trust_index = trust.trust_index
    inner join board_provider on trust.icb_index = board_provider.icb_index
    where is_certain or uniform('mh', person_month) < 0.002 + 0.002 * need
)

select
    * exclude (trust_index, first_trust_index, trusts_in_icb, independent_code),
    1 + below('mh contacts', event_id, 8) as contacts,
    least(received_on + planned_days, dies_on) as ended_on,
    uniform('withheld asked', event_id) < 0.001 and not is_canary as is_withheld
from referred
where received_on <= dies_on;

-- A referral is sent when it is received, and again when it is closed in a later month.
create or replace temp table event as
with reported as (
    select
        *,
        date_diff('month', getvariable('first_day'), ended_on) as end_index,
        ended_on <= getvariable('last_day') and end_index > month_index as is_sent_twice,
        unnest(if(is_sent_twice, [false, true], [false])) as is_update
    from mental_health_referral
)

select
    event_id,
    event_id as identity_id,
    person_id,
    received_on as event_date,
    provider_code,
    age,
    is_withheld,
    is_sent_twice,
    if(is_update, end_index, month_index) as report_index,
    if(
        ended_on <= getvariable('last_day') and (is_update or not is_sent_twice), ended_on, null
    ) as closed_on
from reported;
