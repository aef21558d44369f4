-- Labours and deliveries of a slice of mothers in a batch of months.
-- Reads: pregnancy, people_slice, trust, month. Writes: event.
create or replace temp table event as
select
    pregnancy.pregnancy_id as event_id,
    pregnancy.pregnancy_id as identity_id,
    pregnancy.mother_id as person_id,
    pregnancy.born_on as event_date,
    trust.provider_code,
    false as is_withheld,
    month.month_index as report_index
from pregnancy
inner join month on date_trunc('month', pregnancy.born_on)::date = month.month_start
inner join people_slice
    on pregnancy.mother_id between people_slice.first_person and people_slice.last_person
inner join trust on pregnancy.trust_index = trust.trust_index;
