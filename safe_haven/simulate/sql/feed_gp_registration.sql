-- Feed gp_registration: one row per person and stay at a practice. Days are inclusive.
with started as (
    select
        *,
        greatest(
            date_of_birth,
            getvariable('first_day') - 30 - below('registered', person_id, 5000)
        ) as registered_from,
        -- A move before birth, or after death, did not happen.
        moved_on > date_of_birth
        and moved_on <= coalesce(date_of_death, getvariable('last_day')) as has_moved
    from person
    where is_registered
)

select
    nhs_number,
    case when moved_on <= date_of_birth then practice_2 else practice_1 end as practice_code,
    registered_from::varchar as registered_from,
    case
        when has_moved then (moved_on - 1)::varchar
        when date_of_death is not null then date_of_death::varchar
        else ''
    end as registered_to
from started
union all
select
    nhs_number,
    practice_2 as practice_code,
    moved_on::varchar as registered_from,
    coalesce(date_of_death::varchar, '') as registered_to
from started
where has_moved
