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
    planned.provider_code,
    planned.commissioner_code,
    planned.contract_month,
    planned.point_of_delivery,
    planned.planned_activity,
    coalesce(charged.activity, 0) as activity,
    planned.planned_cost,
    coalesce(charged.total_cost, 0) - planned.planned_cost as cost_above_plan
from planned
left join charged using (provider_code, commissioner_code, contract_month, point_of_delivery)
order by
    planned.provider_code asc,
    planned.commissioner_code asc,
    planned.contract_month asc,
    planned.point_of_delivery asc
