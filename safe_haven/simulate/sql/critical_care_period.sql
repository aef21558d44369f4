-- Critical care periods of the spells of this batch. Reads: spell. Writes: event.
create or replace temp table event as
with chosen as (
    select
        *,
        person_month * 10 as event_id,
        case
            when kind = 'birth' then 'NCC'
            when age < 16 then 'PCC'
            else 'ACC'
        end as critical_care_type
    from spell
    -- More often than in life, so that a small world has some in each month.
    where
        is_canary
        or (kind = 'birth' and uniform('critical care', person_month) < 0.05)
        or (
            kind in ('elective', 'emergency')
            and days >= 1
            and uniform('critical care', person_month) < 0.10
        )
),

dated as (
    select
        *,
        admission_date + below('critical care start', event_id, 1 + days // 3) as starts_on,
        least(
            starts_on + 1 + below('critical care days', event_id, 6), discharge_date
        ) as ends_on
    from chosen
)

select
    event_id,
    person_month as identity_id,
    person_id,
    starts_on as event_date,
    provider_code,
    hospital_spell_number,
    age,
    critical_care_type,
    if(ends_on <= getvariable('last_day'), ends_on, null) as ends_on,
    (coalesce(ends_on, getvariable('last_day')) - starts_on)::integer as care_days,
    below('level 3', event_id, care_days + 1) as level_3_days,
    below('organs', event_id, 4) as organs_supported,
    episodes = 1 and kind <> 'birth' and not is_canary
    and uniform('withheld asked', person_month) < 0.001 as is_withheld,
    date_diff(
        'month', getvariable('first_day'), least(dated.ends_on, getvariable('last_day'))
    ) as report_index
from dated
where starts_on <= getvariable('last_day');
