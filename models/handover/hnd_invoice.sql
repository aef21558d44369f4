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
        {{ keyed_identifier(
            var('person_key_name'), ["'invoice'", 'provider_code', 'invoice_number']
        ) | trim }} as invoice_key,
        provider_code,
        commissioner_code,
        contract_month,
        invoice_date,
        amount
    from record
)

select * from final
