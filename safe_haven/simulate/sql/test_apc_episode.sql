-- A file that a sender marked as a test: 25 rows under ids of their own. Reads: file_row.
select * replace (concat('TEST', cds_unique_identifier) as cds_unique_identifier)
from file_row
where is_plain
order by cds_unique_identifier
limit 25
