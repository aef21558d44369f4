-- Planted faults, in every file: a kind of contract that is none (1 row), a total that is a pound more
-- than its components (1 row). Reads and changes: file_row.
create or replace temp table faulty as
select
    min(concat_ws('|', financial_year, practice_code)) as unknown_contract,
    max(concat_ws('|', financial_year, practice_code)) as wrong_total
from file_row
where is_plain;

insert into fault_key
select unnest(
    planted(
        'unknown kind of contract',
        unknown_contract,
        'stg_error_report',
        'contract_type code_list'
    )
)
from faulty
where unknown_contract < wrong_total
union all
select unnest(
    planted('a total above its components', wrong_total, 'fct_gp_payment_total', 'unexplained 1.00')
)
from faulty
where wrong_total is not null;

update file_row
set
    contract_type = if(
        concat_ws('|', file_row.financial_year, file_row.practice_code) = faulty.unknown_contract
        and faulty.unknown_contract < faulty.wrong_total,
        'NONE',
        file_row.contract_type
    ),
    total_payments = if(
        concat_ws('|', file_row.financial_year, file_row.practice_code) = faulty.wrong_total,
        (file_row.total_payments::decimal(18, 2) + 1)::varchar,
        file_row.total_payments
    ),
    is_plain = false
from faulty
where
    concat_ws('|', file_row.financial_year, file_row.practice_code)
    in (faulty.unknown_contract, faulty.wrong_total);
