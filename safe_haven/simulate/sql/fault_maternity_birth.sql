-- Planted fault, in every file: the mother's number written as the baby's (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_birth_identifier) as record_identifier
from file_row
where is_plain;

insert into fault_key
select unnest(planted('mother''s NHS number on the baby', record_identifier, 'stg_error_report', 'nhs_number same_as_mother_nhs_number'))
from faulty
where record_identifier is not null;

update file_row
set nhs_number = file_row.mother_nhs_number, is_plain = false
from faulty
where file_row.unique_birth_identifier = faulty.record_identifier;
