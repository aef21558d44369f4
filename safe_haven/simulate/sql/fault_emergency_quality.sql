-- Planted faults that refuse nothing, in one file: two days in the department (2 rows), and a second
-- record of an attendance, half an hour later (1 row more). Reads and changes: file_row.
create or replace temp table faulty as
with attended as (
    select
        cds_unique_identifier,
        row_number() over (order by cds_unique_identifier) as ordinal
    from file_row
    where
        is_plain
        and nhs_number <> ''
        and date_of_birth <> ''
        and arrival_date = departure_date
        and departure_time between '00:01:00' and '23:00:00'
        and getvariable('is_fault_month')
)

select
    cds_unique_identifier,
    if(ordinal <= 2, 'two days in the department', 'an attendance recorded twice') as fault
from attended
where ordinal <= 3;

insert into file_row by name
select file_row.* replace (
    concat('COPY', file_row.cds_unique_identifier) as cds_unique_identifier,
    strftime(
        file_row.arrival_date::date + file_row.arrival_time::time + to_minutes(30), '%H:%M:%S'
    ) as arrival_time,
    strftime(
        file_row.arrival_date::date + file_row.departure_time::time + to_minutes(30), '%H:%M:%S'
    ) as departure_time,
    false as is_plain
)
from file_row
inner join faulty on file_row.cds_unique_identifier = faulty.cds_unique_identifier
where faulty.fault = 'an attendance recorded twice';

insert into fault_key
select unnest(if(
    fault = 'two days in the department',
    planted(
        fault, cds_unique_identifier, 'stg_quality_finding', 'departure_date longer_than_24_hours'
    ),
    planted(
        fault, concat('COPY', cds_unique_identifier), 'idn_quality_finding',
        'arrival_time again_within_an_hour'
    )
))
from faulty;

update file_row
set
    departure_date = if(
        faulty.fault = 'two days in the department',
        (file_row.arrival_date::date + 2)::varchar,
        file_row.departure_date
    ),
    is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
