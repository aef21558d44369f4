-- What follows a call to NHS 111? By the advice given: calls, those passed to an ambulance, and
-- those whose caller was in an emergency department within a day.
select
    disposition_group,
    count(*) as calls,
    count(ambulance_incident_key) as passed_to_ambulance,
    count(next_attendance_record_key) as attended_within_a_day,
    median(minutes_to_attendance) as median_minutes_to_attendance
from {{ ref('fct_nhs_111_call') }}
group by disposition_group
order by disposition_group asc nulls last
