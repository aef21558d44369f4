with

record as (
    select
        submission_id,
        provider_code,
        invoice_number,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from {{ ref('stg_invoice') }}
),

final as (
    select
        submission_id,
        provider_code,
        invoice_number,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from record
)

select * from final
