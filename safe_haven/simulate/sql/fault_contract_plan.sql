-- Planted fault, in every file: an amount with a comma (1 row).
-- Reads and changes: file_row.
create or replace temp table faulty as
select
    min(concat_ws(
        '|',
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery
    )) as record_identifier
from file_row
where is_plain;

insert into fault_key
select unnest(
    planted(
        'planned cost with a comma',
        record_identifier,
        'stg_error_report',
        'planned_cost decimal_format'
    )
)
from faulty
where record_identifier is not null;

update file_row
set planned_cost = '1,250', is_plain = false
from faulty
where
    concat_ws(
        '|',
        file_row.provider_code,
        file_row.commissioner_code,
        file_row.contract_month,
        file_row.point_of_delivery
    ) = faulty.record_identifier;
