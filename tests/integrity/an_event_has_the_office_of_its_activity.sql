-- What: what is an activity and an event is processed by one office, whichever table says so.
-- When it matters: on every build; else the staff of two offices would work on one record.
-- How to resolve: look for a provider with another code today, and at the code that fct_event
-- places.
select
    activity.activity_key,
    activity.data_services_office_code as office_of_activity,
    care_event.data_services_office_code as office_of_event
from {{ ref('fct_activity') }} as activity
inner join {{ ref('fct_event') }} as care_event
    on
        activity.activity_key = care_event.event_key
        and care_event.setting in ('admitted', 'outpatient', 'emergency')
where activity.data_services_office_code <> care_event.data_services_office_code
