-- Pathways of a batch of months: those that start in a month, and those that were open when the first
-- month began. Each gives a record of its start (or that it is open) and one of its stop.
-- Reads: active. Writes: event.
create or replace temp table event as
with started as (
    select
        *,
        'clock_start' as first_record,
        month_start + below('rtt day', person_month, days_in_month) as clock_start,
        uniform('rtt wait', person_month) as wait_draw,
        -- A third power: most waits are short, some last more than a year.
        clock_start + 7 + floor(500 * wait_draw * wait_draw * wait_draw)::integer as planned_stop
    from active
    where is_certain or uniform('rtt', person_month) < care_need * 0.018
),

already_open as (
    select
        *,
        'open' as first_record,
        uniform('rtt wait', person_month) as wait_draw,
        month_start - 1 - floor(350 * wait_draw * wait_draw)::integer as clock_start,
        month_start + floor(300 * uniform('rtt rest', person_month))::integer as planned_stop
    from active
    where
        month_index = 0
        and age >= 2
        and not is_certain
        and uniform('rtt', person_month) >= care_need * 0.018
        and uniform('rtt open', person_month) < care_need * 0.06
),

pathway as (
    from started
    union all by name
    from already_open
),

waited as (
    select
        *,
        least(planned_stop, dies_on) as clock_stop,
        planned_stop > dies_on as is_died,
        trust_for(trust_index, first_trust_index, trusts_in_icb, person_month) as trust_at
    from pathway
    where clock_start <= dies_on
),

reported as (
    select
        *,
        unnest(
            if(clock_stop <= getvariable('last_day'), [first_record, 'clock_stop'], [first_record])
        ) as record_kind
    from waited
)

select
    reported.person_month * 10 + if(reported.record_kind = 'clock_stop', 2, 1) as event_id,
    reported.person_month as identity_id,
    reported.person_id,
    reported.clock_start as event_date,
    trust.provider_code,
    reported.age,
    reported.record_kind,
    reported.clock_stop,
    reported.is_died,
    uniform('rtt admitted', reported.person_month) < 0.3 as is_for_admission,
    uniform('withheld asked', reported.person_month) < 0.001 and not reported.is_canary
        as is_withheld,
    if(
        reported.record_kind = 'clock_stop',
        date_diff('month', getvariable('first_day'), reported.clock_stop),
        reported.month_index
    ) as report_index
from reported
inner join trust on reported.trust_at = trust.trust_index;
