-- Records that never happened: 3 copies of real ones under ids of their own. Reads: file_row.
create or replace temp table sent_in_error as
select * replace (concat('ERROR', cds_unique_identifier) as cds_unique_identifier)
from file_row
where is_plain
order by cds_unique_identifier
limit 3;
