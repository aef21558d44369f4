-- Planted faults, in one file: a check digit that is wrong by one (1 row), and a line that costs 100
-- pounds more than its aggregate line says (1 row). Reads and changes: file_row.
create or replace temp table faulty as
select
    min(contract_line_identifier) filter (where nhs_number <> '') as wrong_number,
    max(contract_line_identifier) as wrong_cost
from file_row
where is_plain and getvariable('is_fault_month');

insert into fault_key
select unnest(
    planted(
        'NHS number that fails modulus 11',
        wrong_number,
        'stg_error_report',
        'nhs_number nhs_number_modulus_11'
    )
)
from faulty
where wrong_number < wrong_cost
union all
select unnest(
    planted(
        'a patient-level line above its aggregate line',
        concat_ws('|', file_row.provider_code, file_row.commissioner_code, file_row.contract_month),
        'fct_contract_reconciliation',
        'patient_level_difference 100.00'
    )
)
from faulty
inner join file_row on faulty.wrong_cost = file_row.contract_line_identifier;

update file_row
set
    nhs_number = if(
        file_row.contract_line_identifier = faulty.wrong_number
        and faulty.wrong_number < faulty.wrong_cost,
        concat(
            substr(file_row.nhs_number, 1, 9), (substr(file_row.nhs_number, 10, 1)::integer + 1) % 10
        ),
        file_row.nhs_number
    ),
    total_cost = if(
        file_row.contract_line_identifier = faulty.wrong_cost,
        (file_row.total_cost::decimal(18, 2) + 100)::varchar,
        file_row.total_cost
    ),
    is_plain = false
from faulty
where file_row.contract_line_identifier in (faulty.wrong_number, faulty.wrong_cost);
