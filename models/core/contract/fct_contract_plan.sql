with

record as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        planned_activity,
        planned_cost
    from {{ ref('hnd_contract_plan') }}
),

final as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        planned_activity,
        planned_cost
    from record
)

select * from final
