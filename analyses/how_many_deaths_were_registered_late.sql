-- How many deaths were registered late, and so move counts by day of death after the fact? By month
-- of death; late is more than five working days, here seven days. Exact counts: not for release.
select
    {{ calendar_month('death_date') }} as month_of_death,
    count(*) as deaths,
    count(*) filter (where days_to_registration > 7) as registered_late,
    max(days_to_registration) as longest_wait_in_days
from {{ ref('fct_death') }}
group by {{ calendar_month('death_date') }}
order by month_of_death asc
