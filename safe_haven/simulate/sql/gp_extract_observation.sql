-- Coded observations in the records of practices, in a batch of months. The practice leaves out whom
-- it knows to object; of those who have objected all along it forgets one in ten (a planted leak).
-- Reads: active, person, objection. Writes: event.
create or replace temp table event as
with objector as (
    select
        person_id,
        valid_from::date as objects_from,
        coalesce(nullif(valid_to, '')::date, date '9999-12-31') as objects_to
    from objection
    where kind = 'type_1'
),

seen as (
    select
        active.*,
        -- a file is extracted within two months of the observation, when it is sent again too
        coalesce(
            objector.objects_from <= active.month_start + 93
            and objector.objects_to >= active.month_start,
            false
        ) as may_object,
        coalesce(
            objector.objects_from <= active.month_start and objector.objects_to > '9999-01-01', false
        ) as objects_all_along
    from active
    left join objector on active.person_id = objector.person_id
    where is_certain or uniform('gp seen', person_month) < least(0.5, 0.05 * active.care_need)
),

sent as (
    select
        *,
        objects_all_along and uniform('type 1 forgotten', person_month) < 0.1 as is_leak,
        month_start + below('gp day', person_month, days_in_month) as event_date
    from seen
    where not may_object or is_leak
)

select
    sent.person_month as event_id,
    sent.person_month as identity_id,
    sent.person_id,
    sent.event_date,
    practice_on(person.practice_1, person.practice_2, person.moved_on, sent.event_date)
        as provider_code,
    sent.age,
    false as is_withheld,
    sent.is_leak,
    sent.month_index as report_index
from sent
inner join person on sent.person_id = person.person_id
where sent.event_date <= sent.dies_on and person.is_registered;
