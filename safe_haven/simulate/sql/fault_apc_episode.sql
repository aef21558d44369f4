-- Planted faults, in one file: an unknown sex code (2 rows), a discharge before the admission
-- (3 rows). Reads and changes: file_row, the rows about to be written.
create or replace temp table faulty as
select
    cds_unique_identifier,
    row_number() over (order by cds_unique_identifier) as ordinal
from file_row
where is_plain and discharge_date <> '';

update file_row
set sex = '7'
where cds_unique_identifier in (
        select cds_unique_identifier from faulty
        where ordinal <= 2
    );

update file_row
set discharge_date = (admission_date::date - 3)::varchar
where
    cds_unique_identifier in (
        select cds_unique_identifier from faulty
        where ordinal between 3 and 5
    );
