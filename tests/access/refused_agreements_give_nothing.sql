-- What: an agreement that a gate refuses has no row in any pack.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; a releases model does not read the entitlements.
with

released as (
    select agreement_id from {{ ref('rel_apc_spell') }}
    union
    select agreement_id from {{ ref('rel_emergency_attendance') }}
    union
    select agreement_id from {{ ref('rel_activity_by_provider') }}
    union
    select agreement_id from {{ ref('rel_activity_by_month') }}
    union
    select agreement_id from {{ ref('rel_activity_by_age_sex') }}
)

select released.agreement_id
from released
left join {{ ref('gov_agreement') }} as agreement
    on released.agreement_id = agreement.agreement_id
where not coalesce(agreement.is_allowed, false)
