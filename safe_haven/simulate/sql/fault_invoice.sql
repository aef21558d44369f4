-- Planted faults, in one file: an invoice more, with a comma in its amount, which is refused (1 row),
-- and an invoice above the activity that it is for (1 row). Reads and changes: file_row.
create or replace temp table faulty as
select
    provider_code,
    invoice_number
from file_row
where is_plain and getvariable('is_fault_month')
order by provider_code, invoice_number
limit 1;

insert into file_row
select * replace (
    concat(file_row.invoice_number, 'A') as invoice_number, '1,250' as amount, false as is_plain
)
from file_row
inner join faulty using (provider_code, invoice_number);

insert into fault_key
select unnest(
    planted(
        'an amount with a comma',
        concat_ws('|', provider_code, concat(invoice_number, 'A')),
        'stg_error_report',
        'amount decimal_format'
    )
)
from faulty
union all
select unnest(
    planted(
        'an invoice above its activity',
        concat_ws('|', file_row.provider_code, file_row.commissioner_code, file_row.contract_month),
        'fct_contract_reconciliation',
        'invoice_difference 250.00'
    )
)
from faulty
inner join file_row using (provider_code, invoice_number);

update file_row
set amount = (file_row.amount::decimal(18, 2) + 250)::varchar, is_plain = false
from faulty
where
    file_row.provider_code = faulty.provider_code
    and file_row.invoice_number = faulty.invoice_number;
