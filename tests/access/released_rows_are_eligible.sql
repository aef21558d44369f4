-- What: every record in a pack is one that no gate refused.
-- When it matters: on every build, before every release.
-- How to resolve: stop the release; a releases model takes rows from elsewhere.
with

released as (
    select
        agreement_id,
        record_key
    from {{ ref('rel_apc_spell') }}
    union all
    select
        agreement_id,
        record_key
    from {{ ref('rel_emergency_attendance') }}
),

eligible as (
    select
        agreement_id,
        activity_key
    from {{ ref('gov_release_eligibility') }}
    where is_allowed
)

select
    released.agreement_id,
    released.record_key
from released
left join eligible
    on
        released.agreement_id = eligible.agreement_id
        and released.record_key = eligible.activity_key
where eligible.activity_key is null
