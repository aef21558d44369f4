-- A file of one trust with episodes of others, in their spells, under ids of its own. Reads: file_row.
select * replace (concat('OTHER', cds_unique_identifier) as cds_unique_identifier)
from file_row
where is_plain
order by cds_unique_identifier
limit 25
