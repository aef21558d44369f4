-- Planted fault: every row of the file that is received after the survey has ended.
-- Reads: file_row.
insert into fault_key
select
    unnest(planted(
        'an answer after the end of the survey',
        care_home_code,
        'stg_error_report',
        'submission collection_ended'
    ))
from file_row
where report_index = 1;
