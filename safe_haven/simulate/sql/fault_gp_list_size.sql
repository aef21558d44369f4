-- Planted fault, in every file: a negative number of patients (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    min(concat_ws(
        '|',
        extract_date,
        practice_code,
        sex,
        age_group
    )) as record_identifier
from file_row
where is_plain and age_group <> 'ALL';

insert into fault_key
select unnest(
    planted(
        'a negative number of patients',
        record_identifier,
        'stg_error_report',
        'patients integer_format'
    )
)
from faulty
where record_identifier is not null;

update file_row
set patients = '-1', is_plain = false
from faulty
where
    concat_ws(
        '|',
        file_row.extract_date,
        file_row.practice_code,
        file_row.sex,
        file_row.age_group
    ) = faulty.record_identifier;
