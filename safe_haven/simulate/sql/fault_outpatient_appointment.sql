-- Planted fault, in one file: an appointment far in the future (1 row, two rules).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(cds_unique_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(planted('an appointment far in the future', record_identifier, 'stg_error_report', caught_as))
from faulty
cross join (
    select unnest(['appointment_date future_date', 'submission outside_report_period']) as caught_as
) as expected
where record_identifier is not null;

update file_row
set appointment_date = '2099-01-01', is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.record_identifier;
