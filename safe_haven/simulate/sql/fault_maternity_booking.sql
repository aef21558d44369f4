-- Planted fault, in one file: a count in words (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_pregnancy_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('births that are no number', record_identifier, 'stg_error_report', 'previous_live_births integer_format'))
from faulty
where record_identifier is not null;

update file_row
set previous_live_births = 'many', is_plain = false
from faulty
where file_row.unique_pregnancy_identifier = faulty.record_identifier;
