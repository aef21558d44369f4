-- Items and net ingredient cost for each 1,000 patients on the list, by practice and month; the
-- list is the latest that was counted by the end of the month.
with

prescribed as (
    select
        practice_code,
        prescribing_month,
        sum(items) as items,
        sum(net_ingredient_cost) as net_ingredient_cost
    from {{ ref('fct_prescribing_month') }}
    where not is_unidentified
    group by
        practice_code,
        prescribing_month
),

list as (
    select
        practice_code,
        extract_date,
        sum(patients) as patients
    from {{ ref('fct_gp_list_size') }}
    group by
        practice_code,
        extract_date
)

select
    prescribed.practice_code,
    prescribed.prescribing_month,
    prescribed.items,
    list.patients,
    1000.0 * prescribed.items / list.patients as items_per_thousand,
    1000.0 * prescribed.net_ingredient_cost / list.patients as cost_per_thousand
from prescribed
asof left join list
    on
        prescribed.practice_code = list.practice_code
        and last_day(prescribed.prescribing_month) >= list.extract_date
order by
    prescribed.practice_code asc,
    prescribed.prescribing_month asc
