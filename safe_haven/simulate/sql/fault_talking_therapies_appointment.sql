-- Planted fault, in one file: a day that does not exist (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_care_contact_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('appointment on no day', record_identifier, 'stg_error_report', 'appointment_date date_format'))
from faulty
where record_identifier is not null;

update file_row
set appointment_date = '2024-02-30', is_plain = false
from faulty
where file_row.unique_care_contact_identifier = faulty.record_identifier;
