-- How far is what was charged from what was planned, by contract, month and point of delivery?
with

planned as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        planned_activity,
        planned_cost
    from {{ ref('fct_contract_plan') }}
),

charged as (
    select
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery,
        sum(activity) as activity,
        sum(total_cost) as total_cost
    from {{ ref('fct_contract_line') }}
    group by
        provider_code,
        commissioner_code,
        contract_month,
        point_of_delivery
)

select
    provider_code,
    commissioner_code,
    contract_month,
    point_of_delivery,
    coalesce(planned.planned_activity, 0) as planned_activity,
    coalesce(charged.activity, 0) as activity,
    coalesce(planned.planned_cost, 0) as planned_cost,
    coalesce(charged.total_cost, 0) - coalesce(planned.planned_cost, 0) as cost_above_plan
from planned
full join charged using (provider_code, commissioner_code, contract_month, point_of_delivery)
order by
    provider_code asc,
    commissioner_code asc,
    contract_month asc,
    point_of_delivery asc
