-- Which provider charged which commissioner, in which month, an amount that its own lines do not
-- support? Invoice against aggregate lines, patient-level lines against aggregate lines.
select
    provider_code,
    commissioner_code,
    contract_month,
    aggregate_total,
    invoice_difference,
    patient_level_difference
from {{ ref('fct_contract_reconciliation') }}
where not is_invoice_equal or not is_patient_level_equal
order by
    provider_code asc,
    commissioner_code asc,
    contract_month asc
