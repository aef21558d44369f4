with

record as (
    select
        submission_id,
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        planned_activity,
        planned_cost
    from {{ ref('stg_contract_plan') }}
),

final as (
    select
        submission_id,
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        planned_activity,
        planned_cost
    from record
)

select * from final
