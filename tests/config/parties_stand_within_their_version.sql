-- What: a party joins and leaves within the days of its version, and only one that left certifies
-- that it destroyed its data, on that day or later.
-- When it matters: when seeds/agreements/agreement_party or data_sharing_agreement changes.
-- How to resolve: correct the days; who stays on under a new version gets a row of that agreement.
select
    party.agreement_id,
    party.agreement_version,
    party.organisation_code
from {{ ref('agreement_party') }} as party
left join {{ ref('data_sharing_agreement') }} as agreement
    on
        party.agreement_id = agreement.agreement_id
        and party.agreement_version = agreement.agreement_version
where
    agreement.agreement_id is null
    or not coalesce(party.joined_on between agreement.starts_on and agreement.ends_on, false)
    or coalesce(party.left_on not between party.joined_on and agreement.ends_on, false)
    or (party.data_destroyed_on is not null and party.left_on is null)
    or coalesce(party.data_destroyed_on < party.left_on, false)
