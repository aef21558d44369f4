-- Which regional office supports a commissioner? Published rows with signed contract and consents.
select
    commissioner_code,
    recipient_code,
    data_services_regional_office,
    published_on
from {{ ref('gov_relationship') }}
where is_allowed
order by
    commissioner_code asc,
    recipient_code asc
