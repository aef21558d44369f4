-- Records that never happened: 4 copies of real ones under ids of their own. The deletion of the last
-- is sent first. Reads: file_row.
create or replace temp table sent_in_error as
select
    * replace (concat('ERROR', cds_unique_identifier) as cds_unique_identifier),
    row_number() over (order by cds_unique_identifier) = 4 as is_deleted_first
from file_row
where is_plain
order by cds_unique_identifier
limit 4;
