-- Planted fault, in one file: a period that ends before it starts (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(critical_care_identifier) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select
    unnest(planted(
        'critical care that ends before it starts',
        record_identifier,
        'stg_error_report',
        'critical_care_discharge_date date_order'
    ))
from faulty
where record_identifier is not null;

update file_row
set
    critical_care_discharge_date = (file_row.critical_care_start_date::date - 2)::varchar,
    is_plain = false
from faulty
where file_row.critical_care_identifier = faulty.record_identifier;
