-- Planted fault, in one file: a line more, of an unknown point of delivery (1 row). It is refused, so
-- that the others still add up to the invoice. Reads and changes: file_row.
create or replace temp table faulty as
select * replace ('BLOCK' as point_of_delivery, false as is_plain)
from file_row
where is_plain and getvariable('is_fault_month')
order by
    provider_code,
    commissioner_code,
    point_of_delivery,
    treatment_function_code,
    healthcare_resource_group
limit 1;

insert into fault_key
select unnest(
    planted(
        'unknown point of delivery',
        concat_ws(
            '|',
            contract_month,
            provider_code,
            commissioner_code,
            point_of_delivery,
            treatment_function_code,
            healthcare_resource_group
        ),
        'stg_error_report',
        'point_of_delivery code_list'
    )
)
from faulty;

insert into file_row from faulty;
