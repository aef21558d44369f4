-- Planted fault, in one file: a clock that stops before it starts (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(pathway_record_identifier) as record_identifier
from file_row
where is_plain and clock_stop_date <> '' and getvariable('is_fault_month');

insert into fault_key
select unnest(planted(
    'a clock that stops before it starts', record_identifier, 'stg_error_report', 'clock_stop_date date_order'
))
from faulty
where record_identifier is not null;

update file_row
set
    clock_stop_date = (file_row.clock_start_date::date - 1)::varchar,
    is_plain = false
from faulty
where file_row.pathway_record_identifier = faulty.record_identifier;
