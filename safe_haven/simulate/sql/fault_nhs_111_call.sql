-- Planted fault, in one file: a call that ends the day before it begins (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(call_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('a call that ends before it begins', record_identifier, 'stg_error_report', 'call_end_date date_order'))
from faulty
where record_identifier is not null;

update file_row
set call_end_date = (file_row.call_date::date - 1)::varchar, is_plain = false
from faulty
where file_row.call_identifier = faulty.record_identifier;
