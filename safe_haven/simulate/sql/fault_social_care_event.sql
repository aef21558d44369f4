-- Planted fault, in one file: a service that ended before it began (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(event_reference) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select
    unnest(planted(
        'a social care event that ended before it began',
        record_identifier,
        'stg_error_report',
        'event_end_date date_order'
    ))
from faulty
where record_identifier is not null;

update file_row
set event_end_date = (event_start_date::date - 3)::varchar, is_plain = false
from faulty
where file_row.event_reference = faulty.record_identifier;
