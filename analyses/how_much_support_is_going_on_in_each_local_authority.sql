-- How much support of adult social care is going on, in each local authority, by kind of support?
-- Exact counts: for the haven's own staff, not for release.
select
    provider_code as local_authority_code,
    service_type,
    count(*) as open_services,
    count(distinct person_key) as people
from {{ ref('fct_social_care_event') }}
where is_open
group by
    provider_code,
    service_type
order by
    provider_code asc,
    service_type asc
