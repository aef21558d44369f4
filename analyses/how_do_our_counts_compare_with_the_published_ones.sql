-- How do our counts of emergency attendances compare with the published ones? By month and
-- provider, where both exist; duplicates are counted, as a provider's own figure counts them.
with counted as (
    select
        provider_code as organisation_code,
        date_trunc('month', arrival_date)::date as month_start,
        count(*) filter (where published_department_type = '1') as counted_type_1,
        count(*) filter (where is_twelve_hours_from_decision) as counted_12_hours
    from {{ ref('fct_emergency_attendance') }}
    group by
        organisation_code,
        month_start
)

select
    counted.month_start,
    counted.organisation_code,
    counted.counted_type_1,
    published.attendances_type_1,
    counted.counted_12_hours,
    published.waited_12_hours
from counted
inner join {{ ref('fct_published_emergency_activity') }} as published
    on
        counted.month_start = published.month_start
        and counted.organisation_code = published.organisation_code
order by
    counted.month_start asc,
    counted.organisation_code asc
