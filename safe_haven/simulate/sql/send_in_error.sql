-- The records that never happened in the first of two files and their deletion in the second, or, of
-- the last, the other way round. Reads: sent_in_error, is_first_sending. Changes: file_row, fault_key.
create or replace temp table sending as
select
    *,
    is_deleted_first = getvariable('is_first_sending') as is_deletion
from sent_in_error;

insert into file_row by name
select * exclude (is_deleted_first, is_deletion) replace (
    if(is_deletion, '1', '') as update_type,
    -- older than its deletion, which was extracted after that month
    if(is_deleted_first and not is_deletion, concat(arrival_date, 'T12:00:00'), '') as applicable_at
)
from sending;

insert into fault_key
select unnest(planted(
    if(is_deleted_first, 'a deletion before its record', 'a record sent in error'),
    cds_unique_identifier,
    'stg_emergency_attendance_version',
    if(is_deletion, 'delete_request', 'deleted')
))
from sending;
