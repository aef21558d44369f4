-- Who of a slice of people can need care in which month: born before it and alive at its start.
-- Reads: person; month (month_index, month_start, days_in_month), the months of this batch; variables
-- first_person, last_person. Writes: people_slice (first_person, last_person), active.
create or replace table people_slice as
select
    getvariable('first_person') as first_person,
    getvariable('last_person') as last_person;

create or replace table active as
select
    person.person_id,
    person.is_canary,
    person.sex,
    person.need,
    person.last_admission,
    person.trust_index,
    person.first_trust_index,
    person.trusts_in_icb,
    person.independent_code,
    month.month_index,
    month.month_start,
    month.days_in_month,
    person.person_id * 1000 + month.month_index as person_month,
    age_on(person.date_of_birth, month.month_start) as age,
    person.need * need_at(age) as care_need,
    coalesce(person.date_of_death, date '9999-12-31') as dies_on,
    canary_month(person.is_canary, person.person_id, month.month_index) as is_certain
from person
cross join month
where
    person.person_id between getvariable('first_person') and getvariable('last_person')
    and person.date_of_birth < month.month_start
    and coalesce(person.date_of_death, date '9999-12-31') >= month.month_start;
