-- Emergency attendances of a batch of months. Reads: active. Writes: event, and the same rows as
-- emergency_visit for the feeds of what came before an attendance (ambulance_incident, nhs_111_call).

-- The ambulance trust of each hospital: one of its region, for a board always the same.
create or replace temp table ambulance_trust as
with board as (
    select distinct
        icb_code,
        region_code
    from seed_sub_icb
),

service as (
    select
        org.organisation_code,
        board.region_code,
        row_number() over (
            partition by board.region_code order by org.organisation_code
        ) - 1 as rank_in_region,
        count(*) over (partition by board.region_code) as in_region
    from seed_organisation as org
    inner join board on org.parent_code = board.icb_code
    where org.organisation_role = 'trust' and contains(org.organisation_name, 'Ambulance')
)

select
    trust.trust_index,
    service.organisation_code as ambulance_trust_code
from trust
inner join board on trust.icb_code = board.icb_code
inner join service
    on
        board.region_code = service.region_code
        and trust.icb_index % service.in_region = service.rank_in_region;

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
        uniform('ed stay', event_id) as stay_draw,
        case
            when age >= 75 and uniform('ed admitted', event_id) < 0.45 then '01'
            when uniform('ed admitted', event_id) < 0.18 then '01'
            else pick([
                    '02', '02', '02', '03', '03', '03', '03', '04', '05', '06', '07', '11', '12',
                    '13'
                ], 'disposal', event_id)
        end as disposal,
        is_certain or uniform('by ambulance', event_id) < if(age >= 75, 0.55, 0.18)
            as is_by_ambulance,
        is_certain or uniform('by 111', event_id) < 0.15 as is_by_111
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
        arrived_at
        + to_minutes(25 + floor(1100 * stay_draw * stay_draw * stay_draw * stay_draw)::integer),
        least(dated.dies_on, getvariable('last_day')) + to_minutes(1439)
    ) as left_at,
    greatest(date_diff('minute', arrived_at, left_at), 0) as minutes,
    dated.disposal,
    dated.is_by_ambulance,
    dated.is_by_111,
    ambulance_trust.ambulance_trust_code,
    uniform('withheld asked', dated.event_id) < 0.001 and not dated.is_canary as is_withheld,
    dated.month_index as report_index
from dated
inner join trust on dated.trust_at = trust.trust_index
inner join ambulance_trust on trust.trust_index = ambulance_trust.trust_index
where dated.event_date <= dated.dies_on;

create or replace temp table emergency_visit as
from event;
