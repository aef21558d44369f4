-- Planted fault, in one file: minutes in words (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_care_contact_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('duration that is no number', record_identifier, 'stg_error_report', 'clinical_contact_duration integer_format'))
from faulty
where record_identifier is not null;

update file_row
set clinical_contact_duration = 'twenty', is_plain = false
from faulty
where file_row.unique_care_contact_identifier = faulty.record_identifier;
