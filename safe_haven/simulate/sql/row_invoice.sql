-- Rows of the feed invoice: one a month from each provider to each commissioner, of its aggregate
-- lines. Reads: pending_aggregate_contract_monitoring_line, month.
with charged as (
    select
        report_index,
        contract_month,
        provider_code,
        commissioner_code,
        sum(total_cost::decimal(18, 2)) as amount
    from pending_aggregate_contract_monitoring_line
    where report_index in (select month.month_index from month)
    group by all
)

select
    report_index,
    true as is_plain,
    provider_code,
    concat(
        'INV', token('invoice', concat(provider_code, ':', commissioner_code, contract_month), 12)
    ) as invoice_number,
    commissioner_code,
    contract_month,
    last_day(contract_month::date)::varchar as invoice_date,
    amount::varchar as amount
from charged
