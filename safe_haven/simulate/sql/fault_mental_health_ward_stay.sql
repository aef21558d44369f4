-- Planted fault, in one file: a ward stay that ends before it starts (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_ward_stay_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('ward stay ends before it starts', record_identifier, 'stg_error_report', 'ward_stay_end_date date_order'))
from faulty
where record_identifier is not null;

update file_row
set ward_stay_end_date = (file_row.ward_stay_start_date::date - 3)::varchar, is_plain = false
from faulty
where file_row.unique_ward_stay_identifier = faulty.record_identifier;
