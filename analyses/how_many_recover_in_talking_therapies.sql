-- How many people recover in Talking Therapies, by provider? Of finished courses that began as a
-- case those below both cut-offs at the end; of all finished courses the reliably improved.
select
    provider_code,
    count(*) filter (where is_finished_course) as finished_courses,
    count(*) filter (where is_finished_course and is_case_at_start) as began_as_a_case,
    count(*) filter (where is_recovered) as recovered,
    count(*) filter (where is_recovered)
    / nullif(count(*) filter (where is_finished_course and is_case_at_start), 0) as recovered_share,
    count(*) filter (where is_reliably_improved) as reliably_improved,
    count(*) filter (where is_reliably_deteriorated) as reliably_deteriorated
from {{ ref('fct_talking_therapies_course') }}
group by provider_code
order by provider_code asc
