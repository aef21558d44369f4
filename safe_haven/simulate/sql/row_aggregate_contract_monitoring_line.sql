-- Rows of the feed aggregate_contract_monitoring_line: what the patient-level lines add up to,
-- without drugs and devices. Reads: pending_patient_level_contract_monitoring_line, month.
select
    report_index,
    true as is_plain,
    contract_month,
    provider_code,
    commissioner_code,
    point_of_delivery,
    treatment_function_code,
    healthcare_resource_group,
    sum(activity::integer)::varchar as activity,
    sum(total_cost::decimal(18, 2))::varchar as total_cost
from pending_patient_level_contract_monitoring_line
where
    report_index in (select month.month_index from month)
    and sending = 0
    and point_of_delivery not in ('DRUG', 'DEVICE')
group by all
