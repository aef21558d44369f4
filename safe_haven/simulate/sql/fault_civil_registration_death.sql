-- Planted faults: a death registered before it happened (1 row, in one file), and a day of death
-- that is not the one in the person's record (one row in twenty of each file).
-- Reads and changes: file_row.
create or replace temp table faulty as
with plain as (
    select
        registration_id,
        row_number() over (order by registration_id) = 1 and getvariable('is_fault_month')
            as is_first
    from file_row
    where is_plain
)

select
    registration_id,
    if(is_first, 'registered before the death', 'another day of death than recorded') as fault
from plain
where is_first or uniform('day of death', registration_id) < 0.05;

insert into fault_key
select
    unnest(planted(
        fault,
        registration_id,
        if(
            fault = 'registered before the death',
            'stg_error_report', 'hnd_civil_registration_death'
        ),
        if(fault = 'registered before the death', 'registration_date date_order', 'differs')
    ))
from faulty;

update file_row
set
    registration_date = if(
        faulty.fault = 'registered before the death',
        (file_row.date_of_death::date - 1)::varchar,
        file_row.registration_date
    ),
    date_of_death = if(
        faulty.fault = 'another day of death than recorded',
        (file_row.date_of_death::date - 1)::varchar,
        file_row.date_of_death
    ),
    is_plain = false
from faulty
where file_row.registration_id = faulty.registration_id;
