-- Who was a party to which agreement on a day, and in which role?
select
    agreement_id,
    agreement_version,
    party_role,
    organisation_code,
    organisation_name,
    joined_on,
    left_on
from {{ ref('mart_agreement_party') }}
where date '2025-06-01' between joined_on and left_on
order by
    agreement_id,
    party_role,
    organisation_code
