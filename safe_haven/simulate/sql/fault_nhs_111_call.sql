-- Planted faults, in one file (1 row each): a call that ends the day before it begins; the patient's
-- number typed where the disposition goes.
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    call_identifier as record_identifier,
    row_number() over (order by call_identifier) as ordinal
from file_row
where is_plain and nhs_number <> '' and getvariable('is_fault_month')
order by call_identifier
limit 2;

insert into fault_key
select unnest(if(
    ordinal = 1,
    planted(
        'a call that ends before it begins', record_identifier, 'stg_error_report',
        'call_end_date date_order'
    ),
    planted(
        'a number for a code', record_identifier, 'stg_error_report',
        'final_disposition disposition_code_format'
    )
))
from faulty;

update file_row
set
    call_end_date = if(
        faulty.ordinal = 1, (file_row.call_date::date - 1)::varchar, file_row.call_end_date
    ),
    final_disposition = if(faulty.ordinal = 2, file_row.nhs_number, file_row.final_disposition),
    is_plain = false
from faulty
where file_row.call_identifier = faulty.record_identifier;
