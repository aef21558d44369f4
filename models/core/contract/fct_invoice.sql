with

record as (
    select
        invoice_key,
        provider_code,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from {{ ref('hnd_invoice') }}
),

final as (
    select
        invoice_key,
        provider_code,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from record
)

select * from final
