-- Calls to NHS 111 of a batch of months: those that led to an ambulance or an attendance, and those
-- that ended with other advice. Reads: active, emergency_visit, ambulance_run, ambulance_trust.
-- Writes: event.
create or replace temp table event as
with led_to_care as (
    select
        visit.event_id,
        visit.person_id,
        visit.age,
        visit.ambulance_trust_code,
        visit.report_index,
        visit.is_by_ambulance,
        coalesce(
            run.called_at, visit.arrived_at - to_minutes(20 + below('111 travel', visit.event_id, 160))
        ) as ended_at,
        if(
            visit.is_by_ambulance,
            pick(['Dx011', 'Dx012', 'Dx010'], 'disposition', visit.event_id),
            pick(['Dx02', 'Dx03'], 'disposition', visit.event_id)
        ) as final_disposition
    from emergency_visit as visit
    left join ambulance_run as run on visit.event_id = run.event_id
    where visit.is_by_111
),

advised as (
    select
        active.person_month * 10 as event_id,
        active.person_id,
        active.age,
        ambulance_trust.ambulance_trust_code,
        active.month_index as report_index,
        active.dies_on,
        false as is_by_ambulance,
        active.month_start + below('111 day', active.person_month, active.days_in_month) as call_day,
        call_day + to_minutes(30 + below('111 minute', active.person_month, 1400)) as ended_at,
        pick(
            ['Dx05', 'Dx06', 'Dx07', 'Dx08', 'Dx09', 'Dx38', 'Dx39', 'Dx28'],
            'disposition',
            active.person_month
        ) as final_disposition
    from active
    inner join ambulance_trust on active.trust_index = ambulance_trust.trust_index
    where uniform('111', active.person_month) < active.need * 0.016
),

call as (
    select * from led_to_care
    union all by name
    select * exclude (dies_on, call_day) from advised
    where call_day <= dies_on
)

select
    call.*,
    event_id * 10 + 2 as identity_id,
    ambulance_trust_code as provider_code,
    ended_at - to_minutes(4 + below('111 minutes', event_id, 15)) as connected_at,
    connected_at::date as event_date,
    false as is_withheld
from call;
