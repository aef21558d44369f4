-- How long do people wait in emergency departments? Shares over four and twelve hours by type of
-- department and month, twelve hours by both definitions. Duplicates are left out.
select
    published_department_type,
    {{ calendar_month('arrival_date') }} as arrival_month,
    count(*) as attendances,
    count(minutes_in_department) as with_known_wait,
    round(avg(is_over_four_hours::integer), 3) as share_over_four_hours,
    count(*) filter (where is_twelve_hours_from_arrival) as twelve_hours_from_arrival,
    count(*) filter (where is_twelve_hours_from_decision) as twelve_hours_from_decision,
    median(minutes_to_assessment) as median_minutes_to_assessment,
    median(minutes_to_treatment) as median_minutes_to_treatment
from {{ ref('fct_emergency_attendance') }}
where not is_duplicate
group by
    published_department_type,
    arrival_month
order by
    published_department_type asc nulls last,
    arrival_month asc
