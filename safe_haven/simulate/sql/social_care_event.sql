-- Events of adult social care in a batch of months: a request, and what follows from it on the same
-- day. The sender is the authority of the home (in two-tier counties the district stands in for the
-- county). Reads: active, person, seed_lsoa_2011. Writes: event, resident (made once, for everyone).

-- An authority numbers its people from 1, so that two authorities use the same number.
create table if not exists resident as
select
    person.person_id,
    lsoa.local_authority_code,
    row_number() over (
        partition by lsoa.local_authority_code order by person.person_id
    ) as number_at_authority
from person
inner join seed_lsoa_2011 as lsoa on person.lsoa_code = lsoa.lsoa_code
order by person.person_id;

create or replace temp table event as
with asked as (
    select
        active.*,
        need * case when age < 65 then 0.0005 when age < 80 then 0.004 else 0.016 end
            as chance_of_care
    from active
    where age >= 18
),

request as (
    select
        *,
        month_start + below('social care day', person_month, days_in_month) as event_date,
        month_index - month_index % 3 + 2 as quarter_end
    from asked
    where is_certain or uniform('social care', person_month) < chance_of_care
),

stage as (
    select
        *,
        unnest(['Request', 'Assessment', 'Service', 'Review'][
            1:if(is_certain, 4, 1 + below('social care stages', person_month, 4))
        ]) as event_type
    from request
)

select
    stage.person_month * 10
    + list_position(['Request', 'Assessment', 'Service', 'Review'], stage.event_type) as event_id,
    stage.person_month as identity_id,
    stage.person_id,
    stage.event_date,
    resident.local_authority_code as provider_code,
    resident.number_at_authority,
    stage.age,
    false as is_withheld,
    stage.event_type,
    least(
        stage.event_date + below('social care end', event_id, 60), stage.dies_on
    ) as ends_on,
    least(stage.quarter_end, getvariable('months') - 1) as report_index
from stage
inner join resident on stage.person_id = resident.person_id
where stage.event_date <= stage.dies_on;
