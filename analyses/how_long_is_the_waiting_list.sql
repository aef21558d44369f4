-- How long is the waiting list? Incomplete pathways, share within 18 weeks, median and 92nd centile
-- by month end, provider and treatment function, the longest lists first.
select
    month_end,
    provider_code,
    treatment_function_code,
    incomplete_pathways,
    round(share_within_18_weeks, 3) as share_within_18_weeks,
    round(median_weeks, 1) as median_weeks,
    round(weeks_of_92_percent, 1) as weeks_of_92_percent
from {{ ref('fct_rtt_waiting_list') }}
order by
    month_end desc,
    incomplete_pathways desc,
    provider_code asc,
    treatment_function_code asc
