-- How long do ambulances take to reach patients and to hand them over? By ambulance trust and
-- month; delays over 30 and 60 minutes, as NHS England reports them.
select
    provider_code,
    {{ calendar_month('call_date') }} as call_month,
    count(*) as incidents,
    median(response_minutes) as median_response_minutes,
    count(handover_minutes) as handovers,
    median(handover_minutes) as median_handover_minutes,
    count(*) filter (where handover_minutes > 30) as handovers_over_30_minutes,
    count(*) filter (where handover_minutes > 60) as handovers_over_60_minutes
from {{ ref('fct_ambulance_incident') }}
group by
    provider_code,
    call_month
order by
    provider_code asc,
    call_month asc
