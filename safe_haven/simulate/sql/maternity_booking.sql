-- Bookings of a slice of mothers in a batch of months. Reads: person, people_slice, trust, month.
-- Writes: event, pregnancy (made once, for everyone, all months and the feeds of labours and births).

-- A baby who is born in this world is of a woman who uses the same trust; others are not yet born
-- when the period ends. Canaries stand in every feed: each is the mother of another one.
create table if not exists pregnancy as
with woman as (
    select
        person_id,
        trust_index,
        row_number() over (partition by trust_index order by draw('mother', person_id), person_id)
            - 1 as ordinal,
        count(*) over (partition by trust_index) as women
    from person
    where
        not is_canary
        and sex = '2'
        and age_on(date_of_birth, getvariable('last_day')) between 18 and 42
        and date_of_death is null
),

baby as (
    select
        person_id,
        trust_index,
        date_of_birth,
        row_number() over (partition by trust_index order by person_id) - 1 as ordinal
    from person
    where not is_canary and date_of_birth between getvariable('first_day') and getvariable('last_day')
),

canary as (
    select
        person_id,
        trust_index,
        getvariable('first_day')
        + to_months(((person_id * 2) % getvariable('months'))::integer) as booked_at
    from person
    where is_canary
),

expected as (
    select
        woman.person_id as mother_id,
        baby.person_id as baby_id,
        baby.person_id * 10 + 1 as pregnancy_id,
        baby.trust_index,
        baby.date_of_birth as born_on,
        baby.date_of_birth - 195 - below('booked', baby.person_id, 20) as booked_on
    from baby
    inner join woman
        on
            baby.trust_index = woman.trust_index
            and baby.ordinal % woman.women = woman.ordinal
    union all
    select
        person_id as mother_id,
        null as baby_id,
        person_id * 10 + 2 as pregnancy_id,
        trust_index,
        null as born_on,
        getvariable('last_day') - below('booked', person_id, 190) as booked_on
    from woman
    where uniform('expecting', person_id) < 0.05
    union all
    select
        person_id as mother_id,
        1 + person_id % getvariable('canaries') as baby_id,
        person_id * 10 + 3 as pregnancy_id,
        trust_index,
        booked_at::date + 5 as born_on,
        booked_at::date as booked_on
    from canary
)

select
    *,
    coalesce(born_on, booked_on + 205) + below('due', pregnancy_id, 15) - 7 as due_on
from expected;

create or replace temp table event as
select
    pregnancy.pregnancy_id as event_id,
    pregnancy.pregnancy_id as identity_id,
    pregnancy.mother_id as person_id,
    pregnancy.booked_on as event_date,
    trust.provider_code,
    pregnancy.due_on,
    false as is_withheld,
    month.month_index as report_index
from pregnancy
inner join month on date_trunc('month', pregnancy.booked_on)::date = month.month_start
inner join people_slice
    on pregnancy.mother_id between people_slice.first_person and people_slice.last_person
inner join trust on pregnancy.trust_index = trust.trust_index;
