-- Deaths of a slice of people in a batch of months, each registered within days, or months later after an inquest. The
-- canaries live through the world: their deaths are on its last day, before anyone else was told.
-- Reads: month, people_slice, person, trust. Writes: event.
create or replace temp table event as
with died as (
    select
        person.*,
        if(is_canary, getvariable('last_day'), date_of_death) as event_date
    from person
    inner join people_slice
        on person.person_id between people_slice.first_person and people_slice.last_person
    where is_canary or date_of_death is not null
),

registered as (
    select
        died.*,
        month.month_index,
        case
            when died.is_canary then 0
            when uniform('inquest', died.person_id) < 0.06
                then 60 + below('inquest days', died.person_id, 180)
            else 1 + below('registration days', died.person_id, 10)
        end as days_to_registration,
        died.event_date + days_to_registration as registered_on
    from died
    inner join month
        on
            died.event_date >= month.month_start
            and died.event_date < month.month_start + month.days_in_month
)

select
    registered.person_id as event_id,
    registered.person_id as identity_id,
    registered.person_id,
    registered.event_date,
    if(registered.last_admission is not null, trust.provider_code, '') as provider_code,
    age_on(registered.date_of_birth, registered.event_date) as age,
    false as is_withheld,
    registered.registered_on,
    registered.month_index
    + date_diff('month', registered.event_date, registered.registered_on) as report_index
from registered
inner join trust on registered.trust_index = trust.trust_index
where registered.registered_on <= getvariable('last_day');
