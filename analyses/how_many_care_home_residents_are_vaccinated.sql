-- How many residents of care homes were vaccinated, by local authority? From the survey that was
-- held once in spring 2024. Exact counts: for the haven's own staff, not for release.
select
    local_authority_code,
    count(*) as care_homes,
    sum(residents) as residents,
    sum(residents_vaccinated) as residents_vaccinated
from {{ ref('fct_care_home_vaccination') }}
group by local_authority_code
order by local_authority_code asc
