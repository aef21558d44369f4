-- What: every record that no gate refused is in the pack: what is owed is given.
-- When it matters: on every build, before every release.
-- How to resolve: a releases model lost rows, for instance on a join to the pseudonyms.
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
)

select
    eligibility.agreement_id,
    eligibility.activity_key
from {{ ref('gov_release_eligibility') }} as eligibility
left join released
    on
        eligibility.agreement_id = released.agreement_id
        and eligibility.activity_key = released.record_key
where
    eligibility.is_allowed
    and released.record_key is null
