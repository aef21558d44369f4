-- Planted faults, in one file (1 row each): a service that ended before it began; the digits of an NHS
-- number where the cost goes.
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    event_reference as record_identifier,
    row_number() over (order by event_reference) as ordinal
from file_row
where is_plain and getvariable('is_fault_month')
order by event_reference
limit 2;

insert into fault_key
select unnest(if(
    ordinal = 1,
    planted(
        'a social care event that ended before it began', record_identifier, 'stg_error_report',
        'event_end_date date_order'
    ),
    planted('a number for a cost', record_identifier, 'stg_error_report', 'unit_cost above_maximum')
))
from faulty;

update file_row
set
    event_end_date = if(
        faulty.ordinal = 1, (file_row.event_start_date::date - 3)::varchar, file_row.event_end_date
    ),
    unit_cost = if(faulty.ordinal = 2, '9990000042', file_row.unit_cost),
    is_plain = false
from faulty
where file_row.event_reference = faulty.record_identifier;
