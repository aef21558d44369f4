-- Planted fault, in one file: an outcome that is no code (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(incident_record_identifier) as record_identifier
from file_row
where is_plain and outcome = 'SC' and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('an outcome in words', record_identifier, 'stg_error_report', 'outcome code_list'))
from faulty
where record_identifier is not null;

update file_row
set outcome = 'conveyed', is_plain = false
from faulty
where file_row.incident_record_identifier = faulty.record_identifier;
