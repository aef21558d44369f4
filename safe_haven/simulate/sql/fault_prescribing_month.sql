-- Planted fault, in one file: a number of items with a decimal (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    min(concat_ws(
        '|',
        prescribing_month,
        commissioner_code,
        practice_code,
        bnf_code,
        quantity
    )) as record_identifier
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(
    planted(
        'items with a decimal',
        record_identifier,
        'stg_error_report',
        'items integer_format'
    )
)
from faulty
where record_identifier is not null;

update file_row
set items = '2.5', is_plain = false
from faulty
where
    concat_ws(
        '|',
        file_row.prescribing_month,
        file_row.commissioner_code,
        file_row.practice_code,
        file_row.bnf_code,
        file_row.quantity
    ) = faulty.record_identifier;
