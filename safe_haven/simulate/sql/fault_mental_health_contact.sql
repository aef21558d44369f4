-- Planted fault, in one file: a contact that names no referral (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_care_contact_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('contact without a referral', record_identifier, 'stg_error_report', 'unique_service_request_identifier required'))
from faulty
where record_identifier is not null;

update file_row
set unique_service_request_identifier = '', is_plain = false
from faulty
where file_row.unique_care_contact_identifier = faulty.record_identifier;
