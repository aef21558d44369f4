-- Ambulance incidents of a batch of months: each attendance that came by ambulance, and people who
-- were helped without going to hospital. Reads: active, emergency_visit, ambulance_trust.
-- Writes: event, and the same rows as ambulance_run for the calls that came before them.
create or replace temp table event as
with conveyed as (
    select
        event_id,
        person_id,
        age,
        ambulance_trust_code,
        provider_code as destination_provider_code,
        report_index,
        is_by_111,
        arrived_at as arrived_at_hospital_at,
        arrived_at - to_minutes(8 + below('conveyance', event_id, 22)) as left_scene_at,
        left_scene_at - to_minutes(10 + below('on scene', event_id, 40)) as arrived_at_scene_at,
        -- Most crews hand over in minutes, some wait for hours; nobody after the patient has left.
        uniform('handover', event_id) as handover_draw,
        arrived_at + to_minutes(least(
            minutes,
            5 + floor(
                120 * handover_draw * handover_draw * handover_draw * handover_draw
            )::integer
        )) as handed_over_at,
        handed_over_at + to_minutes(5 + below('clear', event_id, 20)) as cleared_at
    from emergency_visit
    where is_by_ambulance
),

not_conveyed as (
    select
        active.person_month * 10 as event_id,
        active.person_id,
        active.age,
        ambulance_trust.ambulance_trust_code,
        active.month_index as report_index,
        active.dies_on,
        active.month_start
        + below('ambulance day', active.person_month, active.days_in_month) as call_day,
        call_day + to_minutes(below('ambulance minute', active.person_month, 1380))
            as arrived_at_scene_at
    from active
    inner join ambulance_trust on active.trust_index = ambulance_trust.trust_index
    where uniform('ambulance', active.person_month) < active.care_need * 0.004
),

incident as (
    select
        event_id,
        person_id,
        age,
        ambulance_trust_code,
        destination_provider_code,
        report_index,
        is_by_111,
        'SC' as outcome,
        arrived_at_scene_at,
        left_scene_at,
        arrived_at_hospital_at,
        handed_over_at,
        cleared_at
    from conveyed
    union all by name
    select
        event_id,
        person_id,
        age,
        ambulance_trust_code,
        '' as destination_provider_code,
        report_index,
        false as is_by_111,
        pick(['ST', 'ST', 'HT'], 'ambulance outcome', event_id) as outcome,
        arrived_at_scene_at,
        arrived_at_scene_at + to_minutes(20 + below('on scene', event_id, 40)) as cleared_at
    from not_conveyed
    where call_day <= dies_on
)

select
    incident.*,
    event_id * 10 + 1 as identity_id,
    ambulance_trust_code as provider_code,
    -- Minutes from the call to the patient: most are quick.
    uniform('response', event_id) as response_draw,
    arrived_at_scene_at - to_minutes(
        4 + floor(70 * response_draw * response_draw * response_draw)::integer
    ) as called_at,
    called_at::date as event_date,
    false as is_withheld
from incident;

create or replace temp table ambulance_run as
from event;
