-- Planted fault, in every file: an attendance that has a disposal and no departure (one row in a
-- hundred). Reads and changes: file_row.
create or replace temp table faulty as
select cds_unique_identifier
from file_row
where is_plain and uniform('no departure', cds_unique_identifier) < 0.01;

insert into fault_key
select unnest(planted(
    'an attendance without its end', cds_unique_identifier, 'stg_quality_finding',
    'departure_date missing_end'
))
from faulty;

update file_row
set departure_date = '', departure_time = '', is_plain = false
from faulty
where file_row.cds_unique_identifier = faulty.cds_unique_identifier;
