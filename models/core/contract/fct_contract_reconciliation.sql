with

aggregate_line as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        total_cost
    from {{ ref('fct_contract_line') }}
),

patient_line as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        total_cost
    from {{ ref('fct_patient_contract_line') }}
    where not is_drug_or_device
),

invoice as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        amount
    from {{ ref('fct_invoice') }}
),

measured as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        total_cost as aggregate_total,
        null as patient_level_total,
        null as invoice_total
    from aggregate_line
    union all
    select
        provider_code,
        commissioner_code,
        contract_month,
        null as aggregate_total,
        total_cost as patient_level_total,
        null as invoice_total
    from patient_line
    union all
    select
        provider_code,
        commissioner_code,
        contract_month,
        null as aggregate_total,
        null as patient_level_total,
        amount as invoice_total
    from invoice
),

-- empty where nothing was sent, which is not the same as nothing to pay
totalled as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        sum(aggregate_total)::decimal(18, 5) as aggregate_total,
        sum(patient_level_total)::decimal(18, 5) as patient_level_total,
        sum(invoice_total)::decimal(18, 5) as invoice_total
    from measured
    group by
        provider_code,
        commissioner_code,
        contract_month
),

final as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        aggregate_total,
        patient_level_total,
        invoice_total,
        (
            coalesce(patient_level_total, 0) - coalesce(aggregate_total, 0)
        )::decimal(18, 5) as patient_level_difference,
        (
            coalesce(invoice_total, 0) - coalesce(aggregate_total, 0)
        )::decimal(18, 5) as invoice_difference,
        coalesce(patient_level_total = aggregate_total, false) as is_patient_level_equal,
        coalesce(invoice_total = aggregate_total, false) as is_invoice_equal
    from totalled
)

select * from final
