-- Planted fault, in one file: a day that does not exist (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_service_request_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('referral ended on no day', record_identifier, 'stg_error_report', 'service_discharge_date date_format'))
from faulty
where record_identifier is not null;

update file_row
set service_discharge_date = '2024-02-30', is_plain = false
from faulty
where file_row.unique_service_request_identifier = faulty.record_identifier;
