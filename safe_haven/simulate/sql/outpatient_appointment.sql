-- Outpatient appointments of a batch of months. Reads: active. Writes: event.
create or replace temp table event as
with counted as (
    select
        *,
        -- On average the need; never more than one away from it.
        if(is_certain, 1, 0)
        + floor(care_need * 0.198 + uniform('op', person_month))::integer as appointments
    from active
    where is_certain or care_need * 0.198 + uniform('op', person_month) >= 1
),

appointment as (
    select
        *,
        person_month * 10 + unnest(range(1, appointments + 1)) as event_id
    from counted
),

dated as (
    select
        *,
        month_start + below('op day', event_id, days_in_month) as event_date,
        trust_for(trust_index, first_trust_index, trusts_in_icb, person_id) as trust_at
    from appointment
)

select
    dated.event_id,
    dated.event_id as identity_id,
    dated.person_id,
    dated.event_date,
    if(
        uniform('independent', dated.event_id) < 0.05, dated.independent_code, trust.provider_code
    ) as provider_code,
    dated.age,
    uniform('withheld asked', dated.event_id) < 0.001 and not dated.is_canary as is_withheld,
    dated.month_index as report_index
from dated
inner join trust on dated.trust_at = trust.trust_index
where dated.event_date <= dated.dies_on;
