-- Emergency attendances of a batch of months. Reads: active. Writes: event.
create or replace temp table event as
with counted as (
    select
        *,
        -- Young children and the old come most often.
        need * case
            when age < 5 then 0.055
            when age < 18 then 0.0315
            when age < 65 then 0.0335
            when age < 80 then 0.038
            else 0.065
        end + uniform('ed', person_month) as attendances
    from active
),

attendance as (
    select
        *,
        person_month * 10
        + unnest(range(1, if(is_certain, 1, 0) + floor(attendances)::integer + 1)) as event_id
    from counted
    where is_certain or attendances >= 1
),

dated as (
    select
        *,
        month_start + below('ed day', event_id, days_in_month) as event_date,
        trust_for(trust_index, first_trust_index, trusts_in_icb, event_id) as trust_at,
        -- Two draws averaged: the middle of the day is busier than the night.
        (below('ed minute', event_id, 1440) + below('ed minute 2', event_id, 1440)) // 2
            as arrival_minute,
        uniform('ed stay', event_id) as stay_draw
    from attendance
)

select
    dated.event_id,
    dated.event_id as identity_id,
    dated.person_id,
    dated.event_date,
    trust.provider_code,
    dated.age,
    dated.event_date + to_minutes(dated.arrival_minute) as arrived_at,
    -- Nobody leaves after the period ends, or after death.
    least(
        arrived_at + to_minutes(25 + floor(700 * stay_draw * stay_draw * stay_draw)::integer),
        least(dated.dies_on, getvariable('last_day')) + to_minutes(1439)
    ) as left_at,
    uniform('withheld asked', dated.event_id) < 0.001 and not dated.is_canary as is_withheld,
    dated.month_index as report_index
from dated
inner join trust on dated.trust_at = trust.trust_index
where dated.event_date <= dated.dies_on;
