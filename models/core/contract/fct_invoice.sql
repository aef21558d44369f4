with

record as (
    select
        provider_code,
        invoice_number,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from {{ ref('hnd_invoice') }}
),

final as (
    select
        provider_code,
        invoice_number,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from record
)

select * from final
