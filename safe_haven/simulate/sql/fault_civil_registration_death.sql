-- Planted faults: a death registered before it happened (the first row of one file in four), and a
-- day of death that is not the one in the person's record (the first row of another file in four, and
-- one row in twenty). Deaths are few, so that one file alone may have none to change.
-- Reads and changes: file_row.
create or replace temp table faulty as
with plain as (
    select
        registration_id,
        row_number() over (order by registration_id) = 1 as is_first,
        report_index % 4 as file_of_four
    from file_row
    where is_plain
)

select
    registration_id,
    case
        when is_first and file_of_four = 2 then 'registered before the death'
        when is_first and file_of_four = 0 then 'another day of death in the first record'
        else 'another day of death than recorded'
    end as fault
from plain
where
    (is_first and file_of_four in (0, 2))
    or uniform('day of death', registration_id) < 0.05;

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
        (file_row.death_date::date - 1)::varchar,
        file_row.registration_date
    ),
    death_date = if(
        faulty.fault <> 'registered before the death',
        (file_row.death_date::date - 1)::varchar,
        file_row.death_date
    ),
    is_plain = false
from faulty
where file_row.registration_id = faulty.registration_id;
