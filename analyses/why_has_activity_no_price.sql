-- How much activity has a price, and why has the rest none? By setting and point of delivery.
-- Prices are invented (seed hrg_price): no amount here is what anybody pays.
select
    setting,
    point_of_delivery,
    coalesce(reason_without_price, 'priced') as outcome,
    count(*) as activity,
    sum(excess_bed_days) as excess_bed_days,
    sum(total_pounds) as total_pounds
from {{ ref('fct_activity_price') }}
group by
    setting,
    point_of_delivery,
    coalesce(reason_without_price, 'priced')
order by
    setting asc,
    point_of_delivery asc,
    outcome asc
