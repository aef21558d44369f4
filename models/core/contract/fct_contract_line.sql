with

record as (
    select
        contract_month,
        provider_code,
        commissioner_code,
        point_of_delivery,
        treatment_function_code,
        healthcare_resource_group,
        activity,
        total_cost
    from {{ ref('hnd_aggregate_contract_monitoring_line') }}
),

final as (
    select
        contract_month,
        provider_code,
        commissioner_code,
        point_of_delivery,
        treatment_function_code,
        healthcare_resource_group,
        activity,
        total_cost
    from record
)

select * from final
