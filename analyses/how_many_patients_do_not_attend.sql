-- How many appointments are not attended, and how many follow-ups there are for each first
-- attendance, by service. Sources: NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE (3 and 7 of
-- 3, 5, 6 and 7) and FIRST ATTENDANCE CODE.
select
    treatment_function_code,
    count(*) filter (where attendance_type in ('attended', 'did_not_attend')) as appointments,
    round(
        100.0 * count(*) filter (where attendance_type = 'did_not_attend')
        / nullif(count(*) filter (where attendance_type in ('attended', 'did_not_attend')), 0),
        1
    ) as percent_not_attended,
    round(
        count(*) filter (where attendance_type = 'attended' and appointment_type = 'follow_up')
        / nullif(
            count(*) filter (where attendance_type = 'attended' and appointment_type = 'first'), 0
        ),
        2
    ) as follow_ups_per_first_attendance
from {{ ref('fct_outpatient_appointment') }}
group by treatment_function_code
order by
    appointments desc,
    treatment_function_code asc
