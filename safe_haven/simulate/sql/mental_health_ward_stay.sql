-- Ward stays of the spells that a batch of months began: one or two each, the second from the middle
-- of the spell. Reads: mental_health_spell. Writes: event.
create or replace temp table event as
with stay as (
    select
        *,
        planned_stay > 20 and uniform('mh moves', event_id) < 0.4 as moves,
        unnest(if(moves, [1, 2], [1])) as stay
    from mental_health_spell
),

dated as (
    select
        *,
        event_id * 10 + stay as stay_id,
        if(stay = 1, admitted_on, admitted_on + planned_stay // 2) as stay_start,
        if(moves and stay = 1, least(admitted_on + planned_stay // 2, dies_on), discharged_on)
            as stay_end
    from stay
),

-- A ward stay is sent when it begins, and again when it ends in a later month.
reported as (
    select
        *,
        date_diff('month', getvariable('first_day'), stay_start) as start_index,
        date_diff('month', getvariable('first_day'), stay_end) as end_index,
        stay_end <= getvariable('last_day') and end_index > start_index as is_sent_twice,
        unnest(if(is_sent_twice, [false, true], [false])) as is_update
    from dated
    where stay_start <= least(dies_on, getvariable('last_day'))
)

select
    stay_id as event_id,
    event_id as identity_id,
    event_id as spell_id,
    person_id,
    stay_start as event_date,
    provider_code,
    age,
    is_withheld,
    is_sent_twice,
    if(is_update, end_index, start_index) as report_index,
    if(
        stay_end <= getvariable('last_day') and (is_update or not is_sent_twice), stay_end, null
    ) as closed_on
from reported;
