-- Rows of the feed contract_plan: once a year, for the twelve months to come, what each trust and the
-- commissioners of its board have planned. Reads: month, trust, area. Amounts are invented.
with planned as (
    select
        month.month_index as report_index,
        trust.provider_code,
        area.sub_icb_code as commissioner_code,
        (month.month_start + to_months(unnest(range(12))::integer))::date as contract_month,
        price.point_of_delivery,
        price.unit_price,
        concat(provider_code, ':', commissioner_code, ':', point_of_delivery) as stream_id
    from month
    cross join trust
    inner join area on trust.icb_code = area.icb_code
    cross join (
        values ('AE', 150), ('DC', 660), ('EL', 6250), ('NEL', 2100)
    ) as price (point_of_delivery, unit_price)
    where month.month_index % 12 = 0
),

counted as (
    select
        *,
        5 + below('plan', concat(stream_id, ':', contract_month), 40) as planned_activity
    from planned
)

select
    report_index,
    true as is_plain,
    provider_code,
    commissioner_code,
    contract_month::varchar as contract_month,
    point_of_delivery,
    planned_activity::varchar as planned_activity,
    (planned_activity * unit_price)::varchar as planned_cost
from counted
