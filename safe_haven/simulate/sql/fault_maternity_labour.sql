-- Planted fault, in every file: a mother who leaves before the delivery (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select min(unique_labour_delivery_identifier) as record_identifier
from file_row
where is_plain;

insert into fault_key
select unnest(planted('discharge before delivery', record_identifier, 'stg_error_report', 'discharge_date date_order'))
from faulty
where record_identifier is not null;

update file_row
set discharge_date = (file_row.delivery_date::date - 3)::varchar, is_plain = false
from faulty
where file_row.unique_labour_delivery_identifier = faulty.record_identifier;
