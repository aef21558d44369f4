-- Which practices recorded the blood pressure of how many people, by month? Nobody with a Type 1
-- objection is counted. Exact counts: for the haven's own staff, not for release.
select
    provider_code as practice_code,
    {{ calendar_month('observation_date') }} as observation_month,
    count(distinct person_key) as people
from {{ ref('fct_gp_extract_observation') }}
where snomed_code in ('271649006', '271650006')
group by
    provider_code,
    {{ calendar_month('observation_date') }}
order by
    practice_code asc,
    observation_month asc
