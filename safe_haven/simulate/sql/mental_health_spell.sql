-- Mental health hospital provider spells: one referral in twenty leads to one.
-- Reads: mental_health_referral. Writes: event, mental_health_spell (for the feed of ward stays).
create or replace temp table mental_health_spell as
with admitted as (
    select
        *,
        if(is_certain, received_on, received_on + below('mh wait', event_id, 20)) as admitted_on,
        floor(4 + 90 * pow(uniform('mh stay', event_id), 3))::integer as planned_stay
    from mental_health_referral
    where is_certain or uniform('mh admitted', event_id) < 0.05
)

select
    *,
    least(admitted_on + planned_stay, dies_on) as discharged_on,
    dies_on <= admitted_on + planned_stay as died
from admitted
where admitted_on <= least(dies_on, getvariable('last_day'));

-- A spell is sent when it begins, and again when it ends in a later month.
create or replace temp table event as
with reported as (
    select
        *,
        date_diff('month', getvariable('first_day'), admitted_on) as start_index,
        date_diff('month', getvariable('first_day'), discharged_on) as end_index,
        discharged_on <= getvariable('last_day') and end_index > start_index as is_sent_twice,
        unnest(if(is_sent_twice, [false, true], [false])) as is_update
    from mental_health_spell
)

select
    event_id,
    event_id as identity_id,
    event_id as referral_id,
    person_id,
    admitted_on as event_date,
    provider_code,
    age,
    is_withheld,
    is_sent_twice,
    died,
    admitted_on + planned_stay as planned_on,
    if(is_update, end_index, start_index) as report_index,
    if(
        discharged_on <= getvariable('last_day') and (is_update or not is_sent_twice),
        discharged_on,
        null
    ) as closed_on
from reported;
