-- What: what is released may be kept at least until its agreement ends, and no version says less.
-- When it matters: when an agreement is added or renewed; else data would go out that must be gone.
-- How to resolve: correct ends_on or retained_until from the signed agreement.
select
    agreement_id,
    agreement_version
from {{ ref('data_sharing_agreement') }}
where retained_until < ends_on or retained_until is null
