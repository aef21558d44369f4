-- Planted fault, in one file: a discharge before the admission (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_hospital_provider_spell_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('discharge before admission', record_identifier, 'stg_error_report', 'discharge_date date_order'))
from faulty
where record_identifier is not null;

update file_row
set discharge_date = (file_row.spell_start_date::date - 3)::varchar, is_plain = false
from faulty
where file_row.unique_hospital_provider_spell_identifier = faulty.record_identifier;
