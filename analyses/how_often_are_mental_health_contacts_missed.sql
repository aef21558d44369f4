-- How often do people miss a mental health contact, by month and by how it was to take place? Of
-- those that took place or were missed; cancellations are neither.
select
    date_trunc('month', care_contact_date)::date as contact_month,
    consultation_mechanism,
    count(*) filter (where is_attended or is_did_not_attend) as contacts,
    count(*) filter (where is_did_not_attend) as missed,
    count(*) filter (where is_did_not_attend)
    / nullif(count(*) filter (where is_attended or is_did_not_attend), 0) as missed_share
from {{ ref('fct_mental_health_contact') }}
group by
    contact_month,
    consultation_mechanism
order by
    contact_month asc,
    consultation_mechanism asc
