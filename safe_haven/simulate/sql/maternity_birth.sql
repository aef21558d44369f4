-- Births to a slice of mothers in a batch of months: the baby's record, which names the mother.
-- Reads: pregnancy, people_slice, person, trust, month. Writes: event.
create or replace temp table event as
select
    pregnancy.pregnancy_id as event_id,
    pregnancy.pregnancy_id as identity_id,
    pregnancy.baby_id as person_id,
    mother.nhs_number as mother_nhs_number,
    pregnancy.born_on as event_date,
    trust.provider_code,
    false as is_withheld,
    month.month_index as report_index
from pregnancy
inner join person as mother on pregnancy.mother_id = mother.person_id
inner join month on date_trunc('month', pregnancy.born_on)::date = month.month_start
inner join people_slice
    on pregnancy.mother_id between people_slice.first_person and people_slice.last_person
inner join trust on pregnancy.trust_index = trust.trust_index;
